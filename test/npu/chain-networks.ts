// Random networks in which many groups can run as chains: windows of every kind, residuals, broadcasts, changes of type, several samples.
import type { Codes, Edge, EdgeType, GroupAttribute, GroupStructure } from '../../src/ops/group.ts';
import { epilogueOf } from '../../src/ops/kinds/epilogue.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import type { NetworkEdge, NetworkGroup } from './networks.ts';
import type { Random } from './random.ts';
import { chains, randomCodes, valued } from './scenes.ts';

export interface ChainNetwork {
  readonly groups: readonly NetworkGroup[];
  readonly edges: readonly NetworkEdge[];
  /** Of the inputs, which are the first edges. */
  readonly codes: readonly Codes[];
}

interface Step {
  readonly kind: string;
  readonly attributes: Readonly<Record<string, GroupAttribute>>;
  readonly inputs: readonly number[];
  readonly shape: readonly number[];
  readonly weight?: readonly number[];
  readonly shares?: boolean;
}

export function chainNetworkOf(random: Random): ChainNetwork {
  const samples = random.pick([1, 1, 1, 2]);
  const fromWorld = random.chance(0.4);
  const shape0 = [samples, random.pick([1, 3, 16]), random.pick([9, 20, 31]), random.pick([5, 12, 17])];
  const edges: Edge[] = [{ shape: shape0, dtype: 'U8', layout: fromWorld ? 'plain' : 'nhwc' }];
  // A factor a channel, as the product of a squeeze would be.
  edges.push({ shape: [1, random.pick([1, shape0[1]!]), 1, 1], dtype: 'U8', layout: 'nhwc' });
  const inputCount = edges.length;
  const groups: NetworkGroup[] = [];
  const shapeOf = (e: number): readonly number[] => edges[e]!.shape;
  let last = 0;
  const add = ({ kind, attributes, inputs, shape, weight, shares = false }: Step): void => {
    const chain = kindOf(kind).fusesChain ? random.pick(chains) : [];
    const world = kind === 'dequantize';
    const dtype: EdgeType = world ? 'FP32' : shares ? edges[inputs[0]!]!.dtype : random.pick(['U8', 'U8', 'U8', 'U16']);
    const output: Edge = { shape, dtype, layout: world ? 'plain' : 'nhwc' };
    const structure: GroupStructure = {
      kind, attributes, inputs: inputs.map((e) => edges[e]!),
      entries: inputs.map((e): EdgeType => (edges[e]!.dtype === 'U16' && !shares && kind !== 'quantize' && !world && random.chance(0.4) ? 'U8' : edges[e]!.dtype)),
      output,
      constants: weight === undefined ? {} : { weight: { shape: weight, dtype: random.chance(0.2) ? 'S16' : 'S8' } },
      epilogue: kindOf(kind).fusesChain ? epilogueOf(chain) : 'none',
    };
    last = edges.push(output) - 1;
    groups.push({ structure, params: valued(structure, chain, { shares, random }).params, inputs, output: last });
  };
  const window = (most: number) => {
    const [, , rows, cols] = shapeOf(last);
    const kernel = [random.whole(1, most), random.whole(1, 3)];
    const dilations = random.pick([[1, 1], [1, 1], [2, 1]]);
    const strides = random.pick([[1, 1], [1, 1], [2, 2], [3, 1]]);
    const reach = kernel.map((k, i) => (k - 1) * dilations[i]! + 1);
    const least = [Math.max(0, reach[0]! - rows!), Math.max(0, reach[1]! - cols!)];
    const pads = [least[0]! + random.whole(0, 3), least[1]! + random.whole(0, 2), least[0]! + random.whole(0, 3), least[1]! + random.whole(0, 2)];
    const size = (axis: 0 | 1, whole: number): number => Math.floor((whole + pads[axis]! + pads[axis + 2]! - reach[axis]!) / strides[axis]!) + 1;
    return { attributes: { kernel, dilations, strides, pads }, out: [size(0, rows!), size(1, cols!)] };
  };
  const steps: readonly (() => Step)[] = [
    () => {
      const { attributes, out } = window(5);
      const [n, channels] = shapeOf(last);
      const into = random.pick([1, 8, 20]);
      return { kind: 'conv', attributes: { ...attributes, group: 1 }, inputs: [last], shape: [n!, into, ...out], weight: [into, channels!, ...attributes.kernel] };
    },
    () => {
      const { attributes, out } = window(5);
      const [n, channels] = shapeOf(last);
      return { kind: 'conv', attributes: { ...attributes, group: channels! }, inputs: [last], shape: [n!, channels!, ...out], weight: [channels!, 1, ...attributes.kernel] };
    },
    () => {
      const { attributes, out } = window(3);
      const [n, channels] = shapeOf(last);
      return { kind: 'max_pool', attributes, inputs: [last], shape: [n!, channels!, ...out], shares: true };
    },
    () => {
      const [n, channels, rows, cols] = shapeOf(last);
      const out = random.pick([2, 9]);
      return { kind: 'conv_transpose', attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], output_padding: [0, 0] }, inputs: [last], shape: [n!, out, 2 * rows!, 2 * cols!], weight: [out, channels!, 2, 2] };
    },
    () => ({ kind: 'unary', attributes: {}, inputs: [last], shape: shapeOf(last) }),
    () => {
      const partners = edges.flatMap(({ shape, dtype, layout }, e) => (dtype !== 'FP32' && layout === 'nhwc' && e !== last && (shape.join() === shapeOf(last).join() || (shape.slice(2).join() === '1,1' && shape[0] === 1 && [1, shapeOf(last)[1]].includes(shape[1]))) ? [e] : []));
      const pair = partners.length === 0 ? [last, last] : random.chance(0.5) ? [last, random.pick(partners)] : [random.pick(partners), last];
      return { kind: 'eltwise', attributes: { op: random.pick(['add', 'sub', 'mul']) }, inputs: pair, shape: shapeOf(last) };
    },
  ];
  if (fromWorld) add({ kind: 'quantize', attributes: random.chance(0.5) ? { normalize: 1 } : {}, inputs: [0], shape: shape0 });
  const count = random.whole(2, 7);
  for (let i = 0; i < count; i++) {
    const step = random.pick(steps)();
    if (step.shape.reduce((a, b) => a * b, 1) <= 30_000) add(step);
  }
  if (random.chance(0.3)) add({ kind: 'dequantize', attributes: {}, inputs: [last], shape: shapeOf(last) });
  const read = new Set(groups.flatMap(({ inputs }) => inputs));
  const role = (e: number): NetworkEdge['role'] => (e < inputCount ? 'input' : read.has(e) ? 'inner' : 'output');
  return { groups, edges: edges.map((edge, e) => ({ edge, role: role(e) })), codes: edges.slice(0, inputCount).map((edge) => randomCodes(edge, random)) };
}

/** What every edge holds, by the integer definitions. */
export function codesOf({ groups, codes }: ChainNetwork): Codes[] {
  const found = [...codes];
  for (const { structure, params, inputs, output } of groups) found[output] = kindOf(structure.kind).integer(structure, params, inputs.map((input) => found[input]!));
  return found;
}
