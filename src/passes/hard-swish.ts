// x * clip(x + 3, 0, 6) / 6 in its spellings becomes HardSwish. The parts are recognised by the function they compute, not by the operator
// that spells it, so x + 3 may be Add or Sub, the clip may be Clip or Max and Min, and the sixth may be a Div or a Mul, before or after.
import type { Node } from '../graph/graph.ts';
import { prune, replaceNodes } from '../graph/rewrite.ts';
import type { UnaryCall } from '../ops/group.ts';
import type { Pass } from './pass.ts';
import { isNear, searchIn, type Search } from './search.ts';

export const hardSwishPattern: Pass = {
  name: 'hard-swish',
  about: 'Makes x * clip(x + 3, 0, 6) / 6, and x * HardSigmoid(x) with alpha 1/6, one HardSwish.',
  run(graph, context) {
    const search = searchIn(graph, context);
    const replacements = new Map<string, readonly Node[]>();
    for (const node of graph.nodes) {
      const found = node.op === 'Mul' ? matchProduct(search, node) : undefined;
      if (found === undefined || found.members.some((member) => replacements.has(member.name))) continue;
      const [first, last] = [found.members[0]!, found.members.at(-1)!];
      for (const member of found.members) replacements.set(member.name, []);
      replacements.set(last.name, [{ name: first.name, op: 'HardSwish', domain: '', inputs: [found.x], outputs: last.outputs, attributes: {} }]);
    }
    return replacements.size === 0 ? graph : prune(replaceNodes(graph, replacements));
  },
};

/** The nodes that make up a hard-swish around the product x * gate(x), in order, and x. */
function matchProduct(search: Search, product: Node): { x: string; members: readonly Node[] } | undefined {
  if (product.inputs.length !== 2 || product.inputs[0] === product.inputs[1]) return undefined;
  for (const side of [0, 1]) {
    const x = product.inputs[1 - side]!;
    const gate = gateBetween(search, { x, tensor: product.inputs[side]! });
    if (gate === undefined) continue;
    if (isSixth(gate.height)) return { x, members: [...gate.nodes, product] };
    const after = search.onlyReader(product.outputs[0]!);
    const call = after === undefined ? undefined : search.call(after);
    if (call?.fn === 'affine' && call.args[1] === 0 && isSixth(gate.height * call.args[0]!)) return { x, members: [...gate.nodes, product, after!] };
  }
  return undefined;
}

/** clip(x + 3, 0, 6) times a factor: `height` is the factor. */
interface Gate {
  readonly nodes: readonly Node[];
  readonly height: number;
}

/** The unary nodes that lead from x to `tensor`, if together they are a gate. */
function gateBetween(search: Search, { x, tensor }: { x: string; tensor: string }): Gate | undefined {
  const nodes: Node[] = [];
  for (let at = tensor; at !== x; at = search.activation(nodes[0]!)) {
    const maker = search.privateMaker(at);
    if (maker === undefined || nodes.length === 5 || search.call(maker) === undefined) return undefined;
    nodes.unshift(maker);
  }
  const height = heightOf(nodes.map((node) => search.call(node)!));
  return height === undefined ? undefined : { nodes, height };
}

/** Follows the line through [slope, offset] and its clip through the calls; a gate has slope 1 and clip 0..6 at offset 3, scaled. */
function heightOf(calls: readonly UnaryCall[]): number | undefined {
  let slope = 1;
  let offset = 0;
  let [lo, hi] = [-Infinity, Infinity];
  for (const { fn, args } of calls) {
    const [a = 0, b = 0] = args;
    if (fn === 'affine' && a > 0) [slope, offset, lo, hi] = [slope * a, offset * a + b, lo * a + b, hi * a + b];
    else if (fn === 'hard_sigmoid' && a > 0 && lo === -Infinity && hi === Infinity) [slope, offset, lo, hi] = [slope * a, offset * a + b, 0, 1];
    else if (fn === 'relu') [lo, hi] = [Math.max(lo, 0), Math.max(hi, 0)];
    else if (fn === 'clip') [lo, hi] = [Math.min(Math.max(lo, a), b), Math.min(Math.max(hi, a), b)];
    else return undefined;
  }
  return lo === 0 && isNear(offset, 3 * slope) && isNear(hi, 6 * slope) ? slope : undefined;
}

function isSixth(height: number): boolean {
  return isNear(height, 1 / 6);
}
