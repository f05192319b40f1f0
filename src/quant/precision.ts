// quant.layer_configs: which type each group computes in. An entry selects operators of the optimised float network by name, by type or by
// the tensors they lie between; a named operator outranks a type, a type a range, and within a class the later entry wins. A group computes
// in one type: of the strongest class that reaches any of its operators, the highest that it asks for.
import { byCodeUnit } from '../base/canonical.ts';
import { Fault, Faults, nearest, type Place } from '../base/fault.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { FusedGroup, FusedNetwork } from './network.ts';
import { onPaths } from './paths.ts';

/** As the configuration has it; empty selectors count as absent. */
export interface LayerConfig {
  readonly layer_name?: string | undefined;
  readonly layer_names?: readonly string[] | undefined;
  readonly op_type?: string | undefined;
  readonly op_types?: readonly string[] | undefined;
  readonly start_tensor_names?: readonly string[] | undefined;
  readonly end_tensor_names?: readonly string[] | undefined;
  readonly data_type?: string | undefined;
}

export type ComputeType = 'U8' | 'U16';

/** A row of the Layer Config Table. */
export interface LayerRow {
  /** Operator name, operator type, or 'start -> end'. */
  readonly selector: string;
  readonly precision: ComputeType;
  /** Groups that compute in this type because of this entry's operators. */
  readonly groups: readonly string[];
}

export interface Precision {
  /** Of every group that isn't on the CPU. */
  readonly types: ReadonlyMap<string, ComputeType>;
  readonly table: readonly LayerRow[];
  /** What was asked for without effect, as sentences. */
  readonly notes: readonly string[];
}

export interface PrecisionInputs {
  readonly graph: Graph;
  readonly network: FusedNetwork;
  readonly layerConfigs: readonly LayerConfig[];
  readonly placeOf?: PlaceOfEntry | undefined;
}

/** Where entry `index` stands in the user's file, or the name in it that a fault is about. */
export type PlaceOfEntry = (index: number, name?: string) => Place | undefined;

/** Strongest first. */
const classes = ['name', 'type', 'range'] as const;

interface Selection {
  readonly class: (typeof classes)[number];
  readonly index: number;
  readonly type: ComputeType;
  readonly rows: readonly { readonly selector: string; readonly nodes: readonly Node[] }[];
}

/** Throws a Fault (or all of them) on entries that match nothing. */
export function precisionOf({ graph, network, layerConfigs, placeOf = () => undefined }: PrecisionInputs): Precision {
  const faults: Fault[] = [];
  const selections = layerConfigs.flatMap((config, index): Selection[] => {
    const refuse: Refuse = (what, facts, name) => void faults.push(new Fault({ what: `layer_configs[${index}] ${what}`, facts, ...placed(placeOf(index, name)), exit: 2 }));
    const selection = select({ config, graph, refuse });
    return selection === undefined ? [] : [{ ...selection, index }];
  });
  if (faults.length === 1) throw faults[0]!;
  if (faults.length > 1) throw new Faults(faults);

  // class -> node -> type: later entries overwrite earlier ones.
  const asked = new Map(classes.map((name) => [name, new Map<string, Selection>()]));
  for (const selection of selections) {
    for (const node of selection.rows.flatMap((row) => row.nodes)) asked.get(selection.class)!.set(node.name, selection);
  }
  const types = new Map(network.groups.filter((group) => group.kind !== 'cpu').map((group) => [group.name, typeOf(group, asked)]));
  const groupOf = new Map(network.groups.flatMap((group) => group.nodes.map((node) => [node, group] as const)));
  const table = selections.flatMap(({ rows, type }) => rows.map(({ selector, nodes }): LayerRow => {
    const groups = nodes.flatMap((node) => groupOf.get(node.name)?.name ?? []);
    return { selector, precision: type, groups: [...new Set(groups)].filter((name) => types.get(name) === type) };
  }));
  return { types, table, notes: selections.flatMap((selection) => notesOn(selection, groupOf)) };
}

type Facts = readonly (readonly [string, string])[];
type Refuse = (what: string, facts: Facts, name?: string) => void;

const placed = (place: Place | undefined): { place?: Place } => (place === undefined ? {} : { place });

function typeOf(group: FusedGroup, asked: ReadonlyMap<string, ReadonlyMap<string, Selection>>): ComputeType {
  for (const name of classes) {
    const types = group.nodes.flatMap((node) => asked.get(name)!.get(node)?.type ?? []);
    if (types.length > 0) return types.includes('U16') ? 'U16' : 'U8';
  }
  return 'U8';
}

function select({ config, graph, refuse }: { config: LayerConfig; graph: Graph; refuse: Refuse }): Omit<Selection, 'index'> | undefined {
  const type = config.data_type ?? 'U8';
  if (type !== 'U8' && type !== 'U16') {
    refuse(`asks for data_type ${type}, which is not built yet`, [['known', 'U8, U16']], type);
    return undefined;
  }
  const names = [...one(config.layer_name), ...(config.layer_names ?? [])];
  const opTypes = [...one(config.op_type), ...(config.op_types ?? [])];
  const [start, end] = [config.start_tensor_names ?? [], config.end_tensor_names ?? []];
  const used = [names, opTypes, [...start, ...end]].filter((list) => list.length > 0);
  if (used.length !== 1) {
    refuse(used.length === 0 ? 'selects nothing' : 'selects in more than one way', [['try', 'one of layer_name(s), op_type(s), or start_tensor_names with end_tensor_names']]);
    return undefined;
  }
  if (names.length > 0) return { class: 'name', type, rows: rowsBy({ wanted: names, of: (node) => node.name, what: 'operator', factsOf: hints, graph, refuse }) };
  if (opTypes.length > 0) return { class: 'type', type, rows: rowsBy({ wanted: opTypes, of: (node) => node.op, what: 'operator type', factsOf: knownTypes, graph, refuse }) };
  return { class: 'range', type, rows: rangeRows({ start, end, graph, refuse }) };
}

const one = (name: string | undefined): readonly string[] => (name === undefined || name === '' ? [] : [name]);

interface RowsBy {
  readonly wanted: readonly string[];
  readonly of: (node: Node) => string;
  readonly what: string;
  readonly factsOf: (word: string, known: readonly string[]) => Facts;
  readonly graph: Graph;
  readonly refuse: Refuse;
}

function rowsBy({ wanted, of, what, factsOf, graph, refuse }: RowsBy): Selection['rows'] {
  return wanted.map((selector) => {
    const nodes = graph.nodes.filter((node) => of(node) === selector);
    if (nodes.length === 0) refuse(`names ${what} "${selector}", which the optimised network does not have`, factsOf(selector, graph.nodes.map(of)), selector);
    return { selector, nodes };
  });
}

function rangeRows({ start, end, graph, refuse }: { start: readonly string[]; end: readonly string[]; graph: Graph; refuse: Refuse }): Selection['rows'] {
  const selector = `${start.join(', ')} -> ${end.join(', ')}`;
  if (start.length === 0 || end.length === 0) {
    refuse(`has no ${start.length === 0 ? 'start' : 'end'}_tensor_names`, [['try', 'both, or DEFAULT for the ends of the network']]);
    return [];
  }
  if (isDefault(start) && isDefault(end)) return [{ selector, nodes: graph.nodes }];
  const absent = [...(isDefault(start) ? [] : start), ...(isDefault(end) ? [] : end)].filter((name) => graph.types[name] === undefined);
  for (const name of absent) {
    if (graph.weights[name] !== undefined) refuse(`names tensor "${name}", which is a constant`, [['try', 'the tensor that the operator computes']], name);
    else refuse(`names tensor "${name}", which the optimised network does not have`, hints(name, Object.keys(graph.types)), name);
  }
  if (absent.length > 0) return [];
  const nodes = onPaths(graph.nodes, { start: isDefault(start) ? graph.inputs : start, end: isDefault(end) ? graph.outputs : end });
  if (nodes.length === 0) refuse(`selects nothing: no path leads from ${list(start)} to ${list(end)}`, [['try', 'start_tensor_names above end_tensor_names']]);
  return [{ selector, nodes }];
}

const isDefault = (names: readonly string[]): boolean => names.length === 1 && names[0] === 'DEFAULT';
const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

function hints(word: string, known: readonly string[]): Facts {
  return [['names', 'are those of frontend/optimized.onnx'], ...nearHint(word, known)];
}

function knownTypes(word: string, known: readonly string[]): Facts {
  return [['types', [...new Set(known)].sort(byCodeUnit).join(', ')], ...nearHint(word, known)];
}

function nearHint(word: string, known: readonly string[]): Facts {
  const near = nearest(word, known);
  return near === undefined ? [] : [['try', near]];
}

/** An operator that only moves codes takes its type from what reads it; one on the CPU computes in float. */
function notesOn({ index, rows }: Selection, groupOf: ReadonlyMap<string, FusedGroup>): string[] {
  return rows.flatMap(({ selector, nodes }) => {
    const groups = nodes.flatMap((node) => groupOf.get(node.name) ?? []);
    if (groups.every((group) => group.kind === 'cpu')) return [`layer_configs[${index}] "${selector}" has no effect: it runs on the CPU, in float`];
    if (groups.every((group) => group.draft?.shares === true)) return [`layer_configs[${index}] "${selector}" has no effect: it moves data, whose type follows from what reads it`];
    return [];
  });
}
