// quant.layer_configs: which type each group computes in, what its weights are stored in, and what a convolution writes. Of entries that
// reach an operator a named operator outranks a type, a type a range, and within a class the later entry wins; what an entry doesn't speak
// of it leaves alone. A group computes in one type: of the strongest class that reaches any of its operators, the highest that it asks for.
import { Fault, Faults, type Place } from '../base/fault.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { hasFloatTail, refusesFloat, refusesFloatOutput, type Refusal } from './islands.ts';
import type { FusedGroup, FusedNetwork } from './network.ts';
import { classes, select, type Facts, type Refuse, type Selected, type Selector } from './selectors.ts';
import { computeTypes, highest, isComputeType, isWeightType, weightTypes, type CodeType, type ComputeType, type WeightType } from './types.ts';

export type { CodeType, ComputeType, WeightType } from './types.ts';

/** As the configuration has it. An entry that names no type at all asks for data_type U8. */
export interface LayerConfig extends Selector {
  readonly data_type?: string | undefined;
  readonly weight_data_type?: string | undefined;
  readonly output_data_type?: string | undefined;
}

/** A row of the Layer Config Table. */
export interface LayerRow {
  /** Operator name, operator type, or 'start -> end'. */
  readonly selector: string;
  readonly precision?: ComputeType;
  readonly weights?: WeightType;
  readonly output?: ComputeType;
  /** Groups that are as they are because of this entry's operators. */
  readonly groups: readonly string[];
}

export interface Precision {
  /** Of every group that isn't on the CPU. */
  readonly types: ReadonlyMap<string, ComputeType>;
  /** Of every group that has weights. */
  readonly weights: ReadonlyMap<string, WeightType>;
  /** Of groups with weights that were told what to write; the others write what their readers ask for. */
  readonly outputs: ReadonlyMap<string, ComputeType>;
  /** Groups that sum codes and compute their chain in FP32. */
  readonly tails: ReadonlySet<string>;
  readonly table: readonly LayerRow[];
  /** What was asked for without effect, as sentences. */
  readonly notes: readonly string[];
}

export interface PrecisionInputs {
  readonly graph: Graph;
  readonly network: FusedNetwork;
  readonly layerConfigs: readonly LayerConfig[];
  /** quant.highest_mix_precision: sixteen bits for whatever no entry speaks of. */
  readonly highestMix?: boolean | undefined;
  readonly placeOf?: PlaceOfEntry | undefined;
}

/** Where entry `index` stands in the user's file, or the name in it that a fault is about. */
export type PlaceOfEntry = (index: number, name?: string) => Place | undefined;

/** What an entry asks for. */
interface Asked {
  readonly precision?: ComputeType;
  readonly weights?: WeightType;
  readonly output?: ComputeType;
}

interface Selection extends Selected {
  readonly index: number;
  readonly asked: Asked;
}

/** Throws a Fault (or all of them) on entries that match nothing. */
export function precisionOf({ graph, network, layerConfigs, highestMix = false, placeOf = () => undefined }: PrecisionInputs): Precision {
  const standard = highestMix ? ({ data: 'U16', weights: 'S16' } as const) : ({ data: 'U8', weights: 'S8' } as const);
  const faults: Fault[] = [];
  const groupOf = new Map(network.groups.flatMap((group) => group.nodes.map((node) => [node, group] as const)));
  const selections = layerConfigs.flatMap((config, index): Selection[] => {
    const refuse: Refuse = (what, facts, name) => void faults.push(new Fault({ what: `layer_configs[${index}] ${what}`, facts, ...placed(placeOf(index, name)), exit: 2 }));
    const asked = askedBy(config, refuse);
    if (asked === undefined) return [];
    const selected = select(config, graph, refuse);
    if (selected === undefined) return [];
    for (const { what, facts } of refusalsOf({ ...selected, asked }, groupOf, graph)) refuse(what, facts);
    return [{ ...selected, asked, index }];
  });
  if (faults.length === 1) throw faults[0]!;
  if (faults.length > 1) throw new Faults(faults);

  const groups = network.groups.filter((group) => group.kind !== 'cpu');
  const weighted = groups.filter(hasWeights);
  const asks = asksOf(selections, 'precision');
  const inCodes = asks.map((byNode) => new Map([...byNode].filter((ask): ask is [string, CodeType] => ask[1] !== 'FP32')));
  const tails = new Set<string>();
  const types = new Map(groups.map((group): [string, ComputeType] => {
    const type = highestOf(group, asks, highest) ?? standard.data;
    if (type !== 'FP32' || !hasFloatTail(group)) return [group.name, type];
    tails.add(group.name);
    return [group.name, highestOf(group, inCodes, highest) ?? standard.data];
  }));
  const weights = new Map(weighted.map((group) => [group.name, highestOf(group, asksOf(selections, 'weights'), widest) ?? standard.weights]));
  const outputs = new Map(weighted.flatMap((group): [string, ComputeType][] => {
    const type = highestOf(group, asksOf(selections, 'output'), highest);
    if (type === 'FP32') tails.add(group.name);
    return type === undefined ? [] : [[group.name, type]];
  }));
  const isSo = (name: string, { precision, weights: stored, output }: Asked): boolean =>
    (precision !== undefined && (types.get(name) === precision || (precision === 'FP32' && tails.has(name)))) || (stored !== undefined && weights.get(name) === stored) || (output !== undefined && outputs.get(name) === output);
  const table = selections.flatMap(({ rows, asked }) => rows.map(({ selector, nodes }): LayerRow => {
    const names = nodes.flatMap((node) => groupOf.get(node.name)?.name ?? []);
    return { selector, ...asked, groups: [...new Set(names)].filter((name) => isSo(name, asked)) };
  }));
  return { types, weights, outputs, tails, table, notes: selections.flatMap((selection) => notesOn(selection, groupOf)) };
}

const placed = (place: Place | undefined): { place?: Place } => (place === undefined ? {} : { place });
const hasWeights = (group: FusedGroup): boolean => Object.keys(group.weights).length > 0;
const widest = (types: readonly [WeightType, ...WeightType[]]): WeightType => (types.includes('S16') ? 'S16' : 'S8');

function askedBy(config: LayerConfig, refuse: Refuse): Asked | undefined {
  const { data_type: data, weight_data_type: stored, output_data_type: output } = config;
  const unknown = (field: string, type: string, known: readonly string[]): undefined => {
    const facts: Facts = [['known', known.join(', ')]];
    return void refuse(`asks for ${field} ${type}, which is not built yet`, facts, type);
  };
  const wanted = data ?? (stored === undefined && output === undefined ? 'U8' : undefined);
  if (wanted !== undefined && !isComputeType(wanted)) return unknown('data_type', wanted, computeTypes);
  if (stored !== undefined && !isWeightType(stored)) return unknown('weight_data_type', stored, weightTypes);
  if (output !== undefined && !isComputeType(output)) return unknown('output_data_type', output, computeTypes);
  return { ...(wanted !== undefined && { precision: wanted }), ...(stored !== undefined && { weights: stored }), ...(output !== undefined && { output }) };
}

/** The first operator of a selection that has no form in FP32, though it is asked for: a range may hold hundreds. */
function refusalsOf({ rows, asked }: Pick<Selection, 'rows' | 'asked'>, groupOf: ReadonlyMap<string, FusedGroup>, graph: Graph): readonly Refusal[] {
  const found = rows.flatMap(({ nodes }) => nodes.flatMap(({ name }) => {
    const group = groupOf.get(name);
    if (group === undefined) return [];
    const refusals = [asked.precision === 'FP32' ? refusesFloat(group, name, graph) : undefined, asked.output === 'FP32' ? refusesFloatOutput(group) : undefined];
    return refusals.flatMap((refusal) => refusal ?? []);
  }));
  return found.slice(0, 1);
}

/** Class -> node -> what is asked for: later entries overwrite earlier ones. */
type Asks<T> = readonly ReadonlyMap<string, T>[];

function asksOf<K extends keyof Asked>(selections: readonly Selection[], what: K): Asks<NonNullable<Asked[K]>> {
  return classes.map((name) => {
    const asks = new Map<string, NonNullable<Asked[K]>>();
    for (const { class: own, rows, asked } of selections) {
      const type = asked[what];
      if (own === name && type !== undefined && type !== null) for (const { nodes } of rows) nodes.forEach((node) => asks.set(node.name, type));
    }
    return asks;
  });
}

/** Of the strongest class that says something of any operator of the group. */
function highestOf<T>({ nodes }: FusedGroup, asks: Asks<T>, most: (types: readonly [T, ...T[]]) => T): T | undefined {
  for (const byNode of asks) {
    const [first, ...others] = nodes.flatMap((node) => byNode.get(node) ?? []);
    if (first !== undefined) return most([first, ...others]);
  }
  return undefined;
}

/** An operator that only moves codes takes its type from what reads it; one on the CPU computes in float. */
function notesOn({ index, rows, asked }: Selection, groupOf: ReadonlyMap<string, FusedGroup>): string[] {
  return rows.flatMap(({ selector, nodes }) => {
    const groups = nodes.flatMap((node: Node) => groupOf.get(node.name) ?? []);
    const note = (why: string): string => `layer_configs[${index}] "${selector}" has no effect: ${why}`;
    if (groups.every((group) => group.kind === 'cpu')) return [note('it runs on the CPU, in float')];
    if (asked.precision !== undefined && groups.every((group) => group.draft?.shares === true)) return [note('it moves data, whose type follows from what reads it')];
    if (asked.precision === undefined && !groups.some(hasWeights)) return [note('it has no weights, and only convolutions and matrix products have a weight_data_type and an output_data_type')];
    return [];
  });
}
