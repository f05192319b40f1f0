// Random small units: residuals, branches, joins. Each group has values of its own; what an edge's codes mean does not matter to link.
import { elements } from '../../src/base/dtype.ts';
import type { Codes, Edge, EdgeType, GroupAttribute, GroupStructure, Params, UnaryCall } from '../../src/ops/group.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import { epilogueOf } from '../../src/ops/kinds/epilogue.ts';
import type { Random } from './random.ts';
import { chains, randomCodes, valued } from './scenes.ts';

export interface NetworkGroup {
  readonly structure: GroupStructure;
  readonly params: Params;
  readonly inputs: readonly number[];
  readonly output: number;
}

export interface NetworkEdge {
  readonly edge: Edge;
  readonly role: 'input' | 'output' | 'inner';
}

export interface Network {
  readonly groups: readonly NetworkGroup[];
  readonly edges: readonly NetworkEdge[];
  readonly codes: readonly Codes[];
}

interface Step {
  readonly kind: string;
  readonly attributes: Readonly<Record<string, GroupAttribute>>;
  readonly inputs: readonly number[];
  readonly output: readonly number[];
  readonly weight?: readonly number[];
  readonly shares?: boolean;
}

const square = (k: number): Readonly<Record<string, GroupAttribute>> => ({ kernel: [k, k], strides: [1, 1], dilations: [1, 1], pads: [k >> 1, k >> 1, k >> 1, k >> 1] });

/** `size`: groups. Rows and columns stay, so that any edge can meet any other. */
export function networkOf(random: Random, size: number): Network {
  const [rows, cols] = [random.pick([5, 12, 20]), random.pick([7, 16, 24])];
  const edges: Edge[] = [];
  const add = (shape: readonly number[], dtype: EdgeType): number => edges.push({ shape, dtype, layout: 'nhwc' }) - 1;
  const shapeOf = (edge: number): readonly number[] => edges[edge]!.shape;
  add([1, random.pick([3, 16, 33]), rows, cols], 'U8');
  const groups: NetworkGroup[] = [];
  const large = (): number => {
    const found = edges.flatMap(({ shape }, i) => (shape[2] === rows ? [i] : []));
    // Recent edges mostly: long lives too, now and then.
    return random.chance(0.7) ? found.at(-1)! : random.pick(found);
  };
  const steps: readonly (() => Step)[] = [
    () => conv(large(), random.pick([8, 16, 40]), random.pick([1, 3])),
    () => conv(large(), random.pick([8, 24]), 1),
    () => {
      const input = large();
      const channels = shapeOf(input)[1]!;
      return { kind: 'conv', attributes: { ...square(3), group: channels }, inputs: [input], output: shapeOf(input), weight: [channels, 1, 3, 3] };
    },
    () => {
      const a = large();
      const partners = edges.flatMap(({ shape }, i) => (shape[1] === shapeOf(a)[1] ? [i] : []));
      return { kind: 'eltwise', attributes: { op: random.pick(['add', 'mul']) }, inputs: [a, random.pick(partners)], output: shapeOf(a) };
    },
    () => {
      const input = large();
      return { kind: 'mean', attributes: {}, inputs: [input], output: [1, shapeOf(input)[1]!, 1, 1] };
    },
    () => {
      const inputs = [large(), large(), ...(random.chance(0.3) ? [large()] : [])];
      return { kind: 'concat', attributes: { axis: 1 }, inputs, output: [1, inputs.reduce((sum, input) => sum + shapeOf(input)[1]!, 0), rows, cols], shares: true };
    },
    () => ({ kind: 'unary', attributes: {}, inputs: [edges.length - 1], output: shapeOf(edges.length - 1) }),
  ];
  const conv = (input: number, out: number, k: number): Step => {
    const [, into, h, w] = shapeOf(input);
    return { kind: 'conv', attributes: { ...square(k), group: 1 }, inputs: [input], output: [1, out, h!, w!], weight: [out, into!, k, k] };
  };
  while (groups.length < size) {
    const step = random.pick(steps)();
    if (elements(step.output) > 60_000) continue;
    const chain = kindOf(step.kind).fusesChain ? random.pick(chains) : [];
    const output = add(step.output, 'U8');
    const structure = structureOf(step, { edges, output, chain });
    const { params } = valued(structure, chain, { shares: step.shares === true, random });
    groups.push({ structure, params, inputs: step.inputs, output });
  }
  const used = new Set(groups.flatMap(({ inputs }) => inputs));
  const role = (i: number): NetworkEdge['role'] => (i === 0 ? 'input' : used.has(i) && !random.chance(0.05) ? 'inner' : 'output');
  return { groups, edges: edges.map((edge, i) => ({ edge, role: role(i) })), codes: [randomCodes(edges[0]!, random)] };
}

function structureOf(step: Step, { edges, output, chain }: { edges: readonly Edge[]; output: number; chain: readonly UnaryCall[] }): GroupStructure {
  return {
    kind: step.kind,
    attributes: step.attributes,
    inputs: step.inputs.map((input) => edges[input]!),
    entries: step.inputs.map((input) => edges[input]!.dtype),
    output: edges[output]!,
    constants: step.weight === undefined ? {} : { weight: { shape: step.weight, dtype: 'S8' } },
    epilogue: kindOf(step.kind).fusesChain ? epilogueOf(chain) : 'none',
  };
}

/** What every edge holds, by the integer definitions. */
export function valuesOf({ groups, edges, codes }: Network): Codes[] {
  const found: Codes[] = [codes[0]!];
  for (const { structure, params, inputs, output } of groups) found[output] = kindOf(structure.kind).integer(structure, params, inputs.map((input) => found[input]!));
  if (found.length !== edges.length) throw new Error('BUG: an edge without a producer');
  return found;
}
