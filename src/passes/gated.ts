// x times a scalar function of x, where ONNX has an operator for the product: Gelu (by erf) and Mish. The parts are recognised by the
// function they compute, so a half may stand before, within or behind the gate, and x / sqrt(2) may be a Div or a Mul.
import type { Node } from '../graph/graph.ts';
import { prune, replaceNodes } from '../graph/rewrite.ts';
import type { UnaryCall } from '../ops/group.ts';
import type { Pass } from './pass.ts';
import { isNear, searchIn, type Search } from './search.ts';

export const gatedActivations: Pass = {
  name: 'gated-activations',
  about: 'Makes x / 2 * (1 + erf(x / sqrt(2))) one Gelu, and x * tanh(softplus(x)) one Mish.',
  run(graph, context) {
    const search = searchIn(graph, context);
    const replacements = new Map<string, readonly Node[]>();
    for (const node of graph.nodes) {
      const found = node.op === 'Mul' && node.domain === '' ? matchProduct(search, node) : undefined;
      if (found === undefined || found.members.some((member) => replacements.has(member.name))) continue;
      const [first, last] = [found.members[0]!, found.members.at(-1)!];
      for (const member of found.members) replacements.set(member.name, []);
      replacements.set(last.name, [{ name: first.name, op: found.op, domain: '', inputs: [found.x], outputs: last.outputs, attributes: {} }]);
    }
    return replacements.size === 0 ? graph : prune(replaceNodes(graph, replacements));
  },
};

interface Match {
  readonly op: string;
  readonly x: string;
  /** In order. */
  readonly members: readonly Node[];
}

/** What an activation's gate looks like: its height there and in the definition. */
interface Rule {
  readonly op: string;
  readonly height: number;
  /** The factor that the calls give beyond the plain function; undefined for another function. */
  heightOf(calls: readonly UnaryCall[]): number | undefined;
}

const rules: readonly Rule[] = [
  { op: 'Gelu', height: 0.5, heightOf: bell },
  { op: 'Mish', height: 1, heightOf: ([first, second, ...rest]) => (first?.fn === 'softplus' && second?.fn === 'tanh' ? scaleOf(rest) : undefined) },
];

function matchProduct(search: Search, product: Node): Match | undefined {
  if (product.inputs.length !== 2 || product.inputs[0] === product.inputs[1]) return undefined;
  for (const side of [0, 1]) {
    const gate = chainBefore(search, product.inputs[side]!);
    // x itself, or x scaled: the scale may be on either side.
    const plain = chainBefore(search, product.inputs[1 - side]!);
    for (const { x, nodes } of gate) {
      const other = plain.find((one) => one.x === x);
      const before = other === undefined ? undefined : scaleOf(other.nodes.map((node) => search.call(node)!));
      if (other === undefined || before === undefined) continue;
      for (const { op, height, heightOf } of rules) {
        const own = heightOf(nodes.map((node) => search.call(node)!));
        if (own === undefined) continue;
        const members = [...other.nodes, ...nodes, product];
        if (isNear(own * before, height) && search.isClosed(members)) return { op, x, members };
        const after = search.onlyReader(product.outputs[0]!);
        const call = after === undefined ? undefined : search.call(after);
        const behind = call === undefined ? undefined : scaleOf([call]);
        if (behind !== undefined && isNear(own * before * behind, height) && search.isClosed([...members, after!])) return { op, x, members: [...members, after!] };
      }
    }
  }
  return undefined;
}

/** Longer than any spelling of a gate. */
const longest = 6;

interface Chain {
  readonly x: string;
  readonly nodes: readonly Node[];
}

/** The unary nodes that lead to `tensor`, from each place where they may have started. */
function chainBefore(search: Search, tensor: string): readonly Chain[] {
  const chains: Chain[] = [{ x: tensor, nodes: [] }];
  for (;;) {
    const { x, nodes } = chains.at(-1)!;
    const maker = search.maker(x);
    if (maker === undefined || nodes.length === longest || search.call(maker) === undefined) return chains;
    chains.push({ x: search.activation(maker), nodes: [maker, ...nodes] });
  }
}

/** h where the calls compute h * (1 + erf(x / sqrt(2))). */
function bell(calls: readonly UnaryCall[]): number | undefined {
  const at = calls.findIndex(({ fn }) => fn === 'erf');
  if (at < 0) return undefined;
  const inner = scaleOf(calls.slice(0, at));
  if (inner === undefined || !isNear(inner, Math.SQRT1_2)) return undefined;
  let [slope, offset] = [1, 0];
  for (const { fn, args } of calls.slice(at + 1)) {
    if (fn !== 'affine') return undefined;
    [slope, offset] = [slope * args[0]!, offset * args[0]! + args[1]!];
  }
  return isNear(slope, offset) ? slope : undefined;
}

/** The factor that calls multiply by, if they do nothing else. */
function scaleOf(calls: readonly UnaryCall[]): number | undefined {
  let scale = 1;
  for (const { fn, args } of calls) {
    if (fn !== 'affine' || args[1] !== 0) return undefined;
    scale *= args[0]!;
  }
  return scale;
}
