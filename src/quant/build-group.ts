// One group's canonical records: structure (shapes, types, options) and values (scales, functions, digests of floats). No names, no
// positions: two groups that compute the same have the same records.
import type { Digest } from '../base/digest.ts';
import type { Graph } from '../graph/graph.ts';
import { functionOf } from '../ops/functions.ts';
import type { Edge, EdgeType, GroupStructure, GroupValues, Quant } from '../ops/group.ts';
import { entryFor, scalingOf, type InputScaling } from './inputs.ts';
import { hasFloatHead } from './islands.ts';
import type { FusedEdge, FusedGroup, ResolvedEdge, WeightRequest } from './network.ts';
import type { Precision } from './precision.ts';
import { entryType, quantOf, type Scales } from './scales.ts';
import { codeTypes } from './types.ts';
import { constantShape } from './weights.ts';

export interface GroupContext {
  readonly graph: Graph;
  readonly fusesChain: (kind: string) => boolean;
  readonly inputs: readonly InputScaling[];
  readonly scales: Scales;
  readonly precision: Pick<Precision, 'types' | 'weights' | 'tails'>;
  readonly fused: ReadonlyMap<string, FusedEdge>;
  readonly resolved: ReadonlyMap<string, ResolvedEdge>;
}

export interface GroupRecords {
  readonly structure: GroupStructure;
  readonly values: GroupValues;
  readonly weights: readonly WeightRequest[];
}

export function buildGroup(group: FusedGroup, context: GroupContext): GroupRecords {
  const { graph, resolved } = context;
  const { kind, draft, chain, inputs, outputs } = group;
  const lists = listsOf(group, context);
  if (draft === undefined) throw new Error(`BUG: group "${group.name}" runs on the CPU and has no structure`);
  const output = outputs[0]!;
  const entries = inputs.map((edge) => entryOf(group, edge, context));
  const weights = Object.entries(draft.weights ?? {}).map(([role, { axis, transpose, shape }]): WeightRequest => {
    const float = graph.weights[group.weights[role]!]!;
    return { role, float: float.digest, shape: float.shape, axis, ...(transpose && { transpose }), ...(shape && { reshape: shape }), dtype: context.precision.weights.get(group.name)! };
  });
  const epilogue = epilogueFor(group, context);
  return {
    weights,
    structure: {
      kind,
      // Whether inputs are normalised is code; by what, is values.
      attributes: 'mean' in lists ? { ...draft.attributes, normalize: 1 } : epilogue === 'float' ? { ...draft.attributes, functions: chain.map(({ fn }) => fn).join(' ') } : draft.attributes,
      inputs: inputs.map((edge) => edgeOf(edge, context)),
      entries: entries.map(({ type }) => type),
      output: edgeOf(output, context),
      constants: Object.fromEntries(weights.map((request) => [request.role, { shape: constantShape(request), dtype: request.dtype }])),
      epilogue,
    },
    values: {
      inputs: inputs.map((edge) => resolved.get(edge)!.quant),
      entries: entries.map(({ quant }) => quant),
      output: resolved.get(output)!.quant,
      chain,
      floats: Object.fromEntries(Object.entries(group.floats).map(([role, tensor]): [string, Digest] => [role, graph.weights[tensor]!.digest])),
      lists,
    },
  };
}

function epilogueFor(group: FusedGroup, { fusesChain, precision }: GroupContext): GroupStructure['epilogue'] {
  const { kind, chain, name } = group;
  if (precision.tails.has(name) || (precision.types.get(name) === 'FP32' && hasFloatHead(group))) return 'float';
  return !fusesChain(kind) ? 'none' : chain.every(({ fn }) => functionOf(fn).clamp !== undefined) ? 'clamp' : 'table';
}

/** What an input is computed in: the group's own type, narrower than the edge's where another reader asked for more. */
function entryOf(group: FusedGroup, edge: string, { fused, resolved, scales, precision }: GroupContext): { type: EdgeType; quant: Quant | null } {
  const { dtype, quant } = resolved.get(edge)!;
  // At the network's ends, and for groups without operators, nothing is converted.
  if (fused.get(edge)!.dtype !== undefined || group.nodes.length === 0) return { type: dtype, quant };
  if (group.draft?.shares === true) {
    const shared = resolved.get(group.outputs[0]!)!;
    return { type: shared.dtype, quant: shared.quant };
  }
  const type = entryType(precision.types.get(group.name)!, scales.type(edge));
  if (type === 'FP32') return { type, quant: null };
  const { storage } = codeTypes[type];
  return storage === dtype ? { type: storage, quant } : { type: storage, quant: quantOf(scales.range(edge), type) };
}

function edgeOf(name: string, { fused, resolved }: GroupContext): Edge {
  const { shape, dtype, layout } = fused.get(name)!;
  // Numbers that meet the world keep the world's order.
  return { shape, dtype: resolved.get(name)!.dtype, layout: dtype === undefined && shape.length === 4 ? 'nhwc' : (layout ?? 'plain') };
}

/** Mean and std of a runtime input, on its quantize group. */
function listsOf({ inputs }: FusedGroup, { graph, fused, inputs: scalings }: GroupContext): GroupValues['lists'] {
  if (inputs.length === 0) return {};
  const { role, tensor } = fused.get(inputs[0]!)!;
  if (role !== 'input') return {};
  return scalingOf(entryFor(tensor, scalings, graph.inputs), graph.types[tensor]?.shape[1] ?? 1);
}
