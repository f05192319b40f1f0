// Resolves the whole network at once: every edge gets one type, scale and zero, every NPU group its canonical structure and values. What
// depends on other groups (alignment, precision asked for downstream) ends here: below, a group is numbers.
import { utf8 } from '../base/bytes.ts';
import { canonical, type Json } from '../base/canonical.ts';
import type { Graph, Keep } from '../graph/graph.ts';
import { buildGroup } from './build-group.ts';
import type { InputScaling } from './inputs.ts';
import { methodOf } from './methods/index.ts';
import type { FusedNetwork, ResolvedEdge, ResolvedGroup, ResolvedNetwork } from './network.ts';
import { precisionOf, type LayerConfig, type LayerRow, type PlaceOfEntry } from './precision.ts';
import { quantOf, scalesOf } from './scales.ts';
import type { Sketch } from './sketch.ts';
import { codeTypes, type ComputeType, type WeightType } from './types.ts';

export interface ResolveInputs {
  readonly graph: Graph;
  readonly network: FusedNetwork;
  readonly sketch: Sketch;
  /** quant.calibration_method. */
  readonly method: string;
  readonly layerConfigs: readonly LayerConfig[];
  readonly highestMix?: boolean | undefined;
  readonly placeOf?: PlaceOfEntry | undefined;
  /** Mean and std of runtime inputs; an entry named DEFAULT stands for those not named. */
  readonly inputs: readonly InputScaling[];
  readonly fusesChain: (kind: string) => boolean;
  /** Keeps structure and values records; their digests name them. */
  readonly keep: Keep;
}

export interface ResolveReport {
  /** The Layer Config Table. */
  readonly layers: readonly LayerRow[];
  readonly notes: readonly string[];
  /** What each NPU group computes in. */
  readonly types: Readonly<Record<string, ComputeType>>;
  /** What the weights of each group with weights are stored in. */
  readonly weights: Readonly<Record<string, WeightType>>;
  /** Edges that share scale and zero, in canonical order, and what they cover. */
  readonly classes: readonly { readonly edges: readonly string[]; readonly type: ComputeType; readonly range: readonly [number, number] }[];
}

export function resolve(inputs: ResolveInputs): { readonly network: ResolvedNetwork; readonly report: ResolveReport } {
  const { graph, network, sketch, layerConfigs, highestMix, placeOf, fusesChain, keep } = inputs;
  const precision = precisionOf({ graph, network, layerConfigs, highestMix, placeOf });
  const scales = scalesOf({ network, sketch, method: methodOf(inputs.method), fusesChain, types: precision.types, outputs: precision.outputs, tails: precision.tails });

  const edges = network.edges.map((edge): ResolvedEdge => {
    if (edge.dtype !== undefined) return { name: edge.name, dtype: edge.dtype, quant: null };
    const type = scales.type(edge.name);
    if (type === 'FP32') return { name: edge.name, dtype: type, quant: null };
    const { storage, signed } = codeTypes[type];
    return { name: edge.name, dtype: storage, quant: quantOf(scales.range(edge.name), type), ...(signed && { signed }) };
  });
  const context = {
    graph, fusesChain, inputs: inputs.inputs, scales, precision,
    fused: new Map(network.edges.map((edge) => [edge.name, edge])),
    resolved: new Map(edges.map((edge) => [edge.name, edge])),
  };
  const groups = network.groups.filter((group) => group.kind !== 'cpu').map((group): ResolvedGroup => {
    const { structure, values, weights } = buildGroup(group, context);
    return {
      name: group.name,
      // Both are records of JSON values: interfaces have no index signature to say so.
      structure: keep(utf8(canonical(structure as unknown as Json))),
      values: keep(utf8(canonical(values as unknown as Json))),
      weights,
      floats: Object.values(values.floats),
    };
  });
  const classes = [...new Set(scales.classes.values())].map((names) => ({ edges: names, type: scales.type(names[0]!), range: scales.range(names[0]!) }));
  return {
    network: { edges, groups },
    report: { layers: precision.table, notes: precision.notes, types: Object.fromEntries(precision.types), weights: Object.fromEntries(precision.weights), classes },
  };
}
