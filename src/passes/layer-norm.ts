// LayerNormalization spelled out, as exporters below opset 17 write it: (x - mean) / sqrt(mean((x - mean)^2) + epsilon), over the last axis,
// then a constant scale and a constant shift of each element, if there are.
import type { Graph, Node, Weight } from '../graph/graph.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { addWeights, prune, replaceNodes } from '../graph/rewrite.ts';
import { numberOf } from '../ops/attributes.ts';
import { viewsOf } from '../ops/view.ts';
import { freshName } from './names.ts';
import type { Pass, PassContext } from './pass.ts';
import { searchIn, type Search } from './search.ts';

export const layerNormPattern: Pass = {
  name: 'layer-norm',
  about: 'Makes (x - mean) / sqrt(variance + epsilon) over the last axis, with the scale and shift behind it, one LayerNormalization.',
  run(graph, context) {
    const search = searchIn(graph, context);
    const replacements = new Map<string, readonly Node[]>();
    const weights: Record<string, Weight> = {};
    for (const node of graph.nodes) {
      const found = node.op === 'Div' && node.domain === '' ? match(graph, node, { search, context }) : undefined;
      if (found === undefined || found.members.some((member) => replacements.has(member.name))) continue;
      const last = found.members.at(-1)!;
      const first = graph.nodes.find((one) => found.members.includes(one))!;
      const scale = found.scale ?? freshName(graph, `${last.outputs[0]}:scale`);
      if (found.scale === undefined) {
        const columns = graph.types[found.x]!.shape.at(-1)!;
        weights[scale] = { dtype: 'FP32', shape: [columns], digest: context.keep(bytesOfNumbers(Array.from({ length: columns }, () => 1), 'FP32')) };
      }
      for (const member of found.members) replacements.set(member.name, []);
      replacements.set(last.name, [{
        name: first.name, op: 'LayerNormalization', domain: '', inputs: [found.x, scale, ...(found.shift === undefined ? [] : [found.shift])],
        outputs: last.outputs, attributes: { axis: -1, epsilon: found.epsilon },
      }]);
    }
    return replacements.size === 0 ? graph : prune(addWeights(replaceNodes(graph, replacements), weights));
  },
};

interface Match {
  readonly x: string;
  readonly epsilon: number;
  readonly scale?: string;
  readonly shift?: string;
  readonly members: readonly Node[];
}

interface Place {
  readonly search: Search;
  readonly context: PassContext;
}

function match(graph: Graph, quotient: Node, place: Place): Match | undefined {
  const { search } = place;
  const centred = deviation(graph, quotient.inputs[0]!, place);
  const root = search.maker(quotient.inputs[1]!);
  const sum = root === undefined ? undefined : search.maker(root.inputs[0]!);
  if (centred === undefined || root === undefined || sum === undefined || search.call(root)?.fn !== 'sqrt') return undefined;
  const call = search.call(sum);
  const variance = search.maker(search.activation(sum));
  if (call?.fn !== 'affine' || call.args[0] !== 1 || !(call.args[1]! > 0) || variance === undefined || !isMean(graph, variance, place)) return undefined;
  const square = search.maker(variance.inputs[0]!);
  const squared = square === undefined ? undefined : squareOf(square, search);
  const again = squared === undefined ? undefined : deviation(graph, squared, place);
  if (square === undefined || again?.x !== centred.x) return undefined;
  const core = [...new Set([...centred.nodes, ...again.nodes, square, variance, sum, root, quotient])];
  if (!search.isClosed(core)) return undefined;
  return { x: centred.x, epsilon: call.args[1]!, ...withRows(graph, core, search) };
}

/** x - mean(x): the nodes, and x. */
function deviation(graph: Graph, tensor: string, place: Place): { readonly x: string; readonly nodes: readonly Node[] } | undefined {
  const difference = place.search.maker(tensor);
  if (difference?.op !== 'Sub' || difference.domain !== '') return undefined;
  const mean = place.search.maker(difference.inputs[1]!);
  if (mean === undefined || !isMean(graph, mean, place) || mean.inputs[0] !== difference.inputs[0]) return undefined;
  return { x: difference.inputs[0]!, nodes: [mean, difference] };
}

/** The tensor whose square this is: x^2 or x * x. */
function squareOf(node: Node, search: Search): string | undefined {
  if (search.call(node)?.fn === 'square') return search.activation(node);
  return node.op === 'Mul' && node.domain === '' && node.inputs[0] === node.inputs[1] ? node.inputs[0] : undefined;
}

/** A mean over the last axis, which stays as one element. */
function isMean(graph: Graph, node: Node, { context }: Place): boolean {
  const rank = graph.types[node.inputs[0] ?? '']?.shape.length ?? 0;
  const axes = node.inputs[1] === undefined ? undefined : viewsOf(graph, context.blobs)(node).constant(1);
  return node.op === 'ReduceMean' && node.domain === '' && numberOf(node, 'keepdims', 1) !== 0 && axes?.length === 1 && (axes[0] === -1 || axes[0] === rank - 1);
}

/** The product with a row of constants behind, and the sum with one behind that. */
function withRows(graph: Graph, core: readonly Node[], search: Search): Pick<Match, 'members' | 'scale' | 'shift'> {
  const members = [...core];
  const rowBehind = (op: string): string | undefined => {
    const tensor = members.at(-1)!.outputs[0]!;
    const reader = search.onlyReader(tensor);
    if (reader?.op !== op || reader.domain !== '' || reader.inputs.length !== 2) return undefined;
    const row = reader.inputs.find((input) => input !== tensor);
    const columns = graph.types[tensor]!.shape.at(-1);
    if (row === undefined || graph.weights[row]?.shape.join() !== String(columns)) return undefined;
    members.push(reader);
    return row;
  };
  const scale = rowBehind('Mul');
  const shift = rowBehind('Add');
  return { members, ...(scale !== undefined && { scale }), ...(shift !== undefined && { shift }) };
}
