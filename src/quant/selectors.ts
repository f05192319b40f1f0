// Which operators of the optimised float network an entry of layer_configs selects: by name, by type, or by the tensors they lie between.
import { byCodeUnit } from '../base/canonical.ts';
import { nearest } from '../base/fault.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { onPaths } from './paths.ts';

/** Empty selectors count as absent. */
export interface Selector {
  readonly layer_name?: string | undefined;
  readonly layer_names?: readonly string[] | undefined;
  readonly op_type?: string | undefined;
  readonly op_types?: readonly string[] | undefined;
  readonly start_tensor_names?: readonly string[] | undefined;
  readonly end_tensor_names?: readonly string[] | undefined;
}

/** Strongest first. */
export const classes = ['name', 'type', 'range'] as const;

export interface Selected {
  readonly class: (typeof classes)[number];
  /** Operator name, operator type, or 'start -> end', and what it stands for. */
  readonly rows: readonly { readonly selector: string; readonly nodes: readonly Node[] }[];
}

export type Facts = readonly (readonly [string, string])[];
/** `name`: the name in the entry that the fault is about. */
export type Refuse = (what: string, facts: Facts, name?: string) => void;

/** Undefined, or without rows, where it was refused. */
export function select(config: Selector, graph: Graph, refuse: Refuse): Selected | undefined {
  const names = [...one(config.layer_name), ...(config.layer_names ?? [])];
  const opTypes = [...one(config.op_type), ...(config.op_types ?? [])];
  const [start, end] = [config.start_tensor_names ?? [], config.end_tensor_names ?? []];
  const used = [names, opTypes, [...start, ...end]].filter((list) => list.length > 0);
  if (used.length !== 1) {
    refuse(used.length === 0 ? 'selects nothing' : 'selects in more than one way', [['try', 'one of layer_name(s), op_type(s), or start_tensor_names with end_tensor_names']]);
    return undefined;
  }
  if (names.length > 0) return { class: 'name', rows: rowsBy({ wanted: names, of: (node) => node.name, what: 'operator', factsOf: hints, graph, refuse }) };
  if (opTypes.length > 0) return { class: 'type', rows: rowsBy({ wanted: opTypes, of: (node) => node.op, what: 'operator type', factsOf: knownTypes, graph, refuse }) };
  return { class: 'range', rows: rangeRows({ start, end, graph, refuse }) };
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

function rowsBy({ wanted, of, what, factsOf, graph, refuse }: RowsBy): Selected['rows'] {
  return wanted.map((selector) => {
    const nodes = graph.nodes.filter((node) => of(node) === selector);
    if (nodes.length === 0) refuse(`names ${what} "${selector}", which the optimised network does not have`, factsOf(selector, graph.nodes.map(of)), selector);
    return { selector, nodes };
  });
}

function rangeRows({ start, end, graph, refuse }: { start: readonly string[]; end: readonly string[]; graph: Graph; refuse: Refuse }): Selected['rows'] {
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
