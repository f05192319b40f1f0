// quant_axmodel.json: the quantisation of every tensor as its operator sees it, in the words of the PPQ lineage. A config is in force with
// its own scale (ACTIVATED), with a master's (SLAVE), with a derived one (PASSIVE: bias), or ruled by another config (OVERLAPPED: what fusion
// swallowed, what only passes codes on, what reads codes as they are). `dominator` is the hash of the config whose scale counts.
import { digestOfJson } from '../base/digest.ts';
import type { Graph } from '../graph/graph.ts';
import type { Quant } from '../ops/group.ts';
import type { FusedGroup, FusedNetwork, ResolvedNetwork } from './network.ts';
import { entryType, quantOf } from './scales.ts';
import type { ResolveReport } from './resolve.ts';
import { codeTypes, type CodeType, type ComputeType, type WeightType } from './types.ts';

export type State = 'ACTIVATED' | 'SLAVE' | 'PASSIVE' | 'OVERLAPPED' | 'FP32' | 'SOI';

export interface TensorConfig {
  readonly bit_width: number;
  readonly policy: Readonly<Record<'PER_TENSOR' | 'PER_CHANNEL' | 'LINEAR' | 'EXPONENTIAL' | 'SYMMETRICAL' | 'ASYMMETRICAL' | 'POWER_OF_2', boolean>>;
  readonly state: State;
  readonly quant_min: number;
  readonly quant_max: number;
  readonly hash: number;
  readonly dominator: number;
}

export interface QuantAxmodel {
  /** Operator -> tensor -> config. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, TensorConfig>>>>;
  readonly dispatchings: Readonly<Record<string, string>>;
  /** Hash of a config that rules itself -> its numbers; lists where they are per channel. */
  readonly values: Readonly<Record<string, { readonly scale: number | readonly number[]; readonly zero_point: number | readonly number[] }>>;
}

export interface QuantAxmodelInputs {
  readonly graph: Graph;
  readonly network: FusedNetwork;
  readonly resolved: ResolvedNetwork;
  readonly report: ResolveReport;
  /** Name of the chip, AX650. */
  readonly target: string;
  /** Scales of quantised weights by group and role, where they are known; without them `values` holds activations only. */
  readonly weightScales?: Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>> | undefined;
}

/** The record that is written as quant_axmodel.json. Hashes follow from operator and tensor names alone. */
export function quantAxmodelJson(inputs: QuantAxmodelInputs): QuantAxmodel {
  const { graph, network, report, target, weightScales = {} } = inputs;
  const { record, put, read, write, overlap, isWide } = ledgerOf(inputs);
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const dispatchings: Record<string, string> = {};
  for (const group of network.groups) {
    const operators = group.nodes.length === 0 ? [group.name] : group.nodes;
    for (const op of operators) dispatchings[op] = group.kind === 'cpu' || report.types[group.name] === 'FP32' ? 'FP32' : `AX_NPU_${target}_INT8`;
    const [head] = operators as [string];
    if (group.kind === 'cpu') {
      const { inputs: reads, outputs: writes } = nodes.get(head)!;
      const isFloat = (tensor: string): boolean => (graph.types[tensor] ?? graph.weights[tensor])?.dtype === 'FP32';
      for (const tensor of [...reads, ...writes]) if (tensor !== '') put({ op: head, tensor }, floatRow(isFloat(tensor) ? 'FP32' : 'SOI'));
    }
    for (const edge of group.inputs) read(group, edge);
    for (const [role, tensor] of Object.entries(group.weights)) put({ op: head, tensor }, weightRow(report.weights[group.name] ?? 'S8'), weightNumbers(weightScales[group.name]?.[role]));
    for (const tensor of Object.values(group.floats)) put({ op: head, tensor }, biasRow(isWide(group) ? 48 : 32));
    // What fusion swallowed is ruled by what leaves the group.
    for (const [i, tensor] of (group.inner ?? []).entries()) {
      overlap({ op: operators[i]!, tensor }, group.outputs[0]!);
      overlap({ op: operators[i + 1]!, tensor }, group.outputs[0]!);
    }
    for (const edge of group.outputs) write(group, edge);
  }
  return { ...record, dispatchings };
}

type Row = Omit<TensorConfig, 'hash' | 'dominator'>;
type Numbers = QuantAxmodel['values'][string];

interface At {
  readonly op: string;
  readonly tensor: string;
}

/** Configs as they come in; the rules of who rules whom are here. */
function ledgerOf({ network, resolved, report }: QuantAxmodelInputs) {
  const configs: Record<string, Record<string, TensorConfig>> = {};
  const values: Record<string, Numbers> = {};
  const hashOf = hasher();
  const tensors = new Map(network.edges.map((edge) => [edge.name, edge.tensor]));
  const edges = new Map(resolved.edges.map((edge) => [edge.name, edge]));
  const classes = new Map(report.classes.flatMap((one) => one.edges.map((edge) => [edge, one] as const)));
  const makers = new Map(network.groups.flatMap((group) => group.outputs.map((edge) => [edge, group] as const)));

  /** A config that rules itself, with its numbers where they are known, or one that `dominator` rules. */
  const put = (at: At, row: Row, numbers?: Numbers, dominator?: number): void => {
    const hash = hashOf(at);
    (configs[at.op] ??= {})[at.tensor] = { ...row, hash, dominator: dominator ?? hash };
    if (numbers !== undefined) values[hash] = numbers;
  };
  const at = (group: FusedGroup, op: string | undefined, edge: string): At => (op === undefined ? { op: group.name, tensor: edge } : { op, tensor: tensors.get(edge)! });
  const row = (edge: string, state: State): Row => activationRow(codesOf(edge), state);
  /** Type of an edge that carries codes. */
  const codesOf = (edge: string): CodeType => {
    const { type } = classes.get(edge)!;
    if (type === 'FP32') throw new Error(`BUG: edge "${edge}" carries no codes`);
    return type;
  };
  /** Of a class of edges the first one rules, where its codes are made: at the last operator of its group. */
  const rulerOf = (edge: string): number => {
    const first = classes.get(edge)!.edges[0]!;
    const maker = makers.get(first)!;
    return hashOf(at(maker, maker.nodes.at(-1), first));
  };
  const overlap = (where: At, edge: string): void =>
    edges.get(edge)!.quant === null ? put(where, floatRow('FP32')) : put(where, row(edge, 'OVERLAPPED'), undefined, rulerOf(edge));

  const entered = (own: ComputeType, edge: string): ComputeType => entryType(own, classes.get(edge)!.type);

  const read = (group: FusedGroup, edge: string): void => {
    const where = at(group, group.nodes[0], edge);
    const { quant } = edges.get(edge)!;
    const own = group.nodes.length === 0 || group.draft?.shares === true ? undefined : report.types[group.name];
    if (quant === null) put(where, floatRow('FP32'));
    else {
      const type = own === undefined ? undefined : entered(own, edge);
      // Floats are made of an edge's codes by its own numbers.
      if (type === undefined || type === 'FP32' || type === codesOf(edge)) overlap(where, edge);
      else put(where, activationRow(type, 'ACTIVATED'), numbersOf(quantOf(classes.get(edge)!.range, type), type));
    }
  };
  const write = (group: FusedGroup, edge: string): void => {
    const where = at(group, group.nodes.at(-1), edge);
    const { quant } = edges.get(edge)!;
    if (quant === null) put(where, floatRow('FP32'));
    else if (classes.get(edge)!.edges[0] === edge) put(where, row(edge, 'ACTIVATED'), numbersOf(quant, codesOf(edge)));
    else if (group.draft?.shares === true) overlap(where, edge);
    else put(where, row(edge, 'SLAVE'), undefined, rulerOf(edge));
  };
  /** An activation or a weight has 16 bits, so that sums and bias have 48. */
  const isWide = (group: FusedGroup): boolean => {
    const isNarrow = (edge: string): boolean => ['U8', 'S8'].includes(entered(report.types[group.name]!, edge));
    return report.weights[group.name] === 'S16' || !group.inputs.every(isNarrow);
  };
  return { record: { configs, values }, put, read, write, overlap, isWide };
}

/** 32 bits of the names' digest; where two names collide, the later one takes the next bits. */
function hasher(): (at: At) => number {
  const taken = new Map<number, string>();
  return ({ op, tensor }) => {
    const name = JSON.stringify([op, tensor]);
    for (let attempt = 0; ; attempt++) {
      const hash = Number.parseInt(digestOfJson([op, tensor, attempt]).slice(0, 8), 16);
      const owner = taken.get(hash) ?? name;
      taken.set(hash, owner);
      if (owner === name) return hash;
    }
  };
}

/** In the type's own numbers: those of a signed one have their zero at 0. */
function numbersOf({ scale, zero }: Quant, type: CodeType): Numbers {
  return { scale, zero_point: codeTypes[type].signed ? 0 : zero };
}

function weightNumbers(scales: ArrayLike<number> | undefined): Numbers | undefined {
  return scales === undefined ? undefined : { scale: Array.from(scales), zero_point: Array.from(scales, () => 0) };
}

function policy(...set: (keyof TensorConfig['policy'])[]): TensorConfig['policy'] {
  const on = new Set(set);
  const is = (key: keyof TensorConfig['policy']): boolean => on.has(key);
  return {
    PER_TENSOR: is('PER_TENSOR'), PER_CHANNEL: is('PER_CHANNEL'), LINEAR: is('LINEAR'), EXPONENTIAL: is('EXPONENTIAL'),
    SYMMETRICAL: is('SYMMETRICAL'), ASYMMETRICAL: is('ASYMMETRICAL'), POWER_OF_2: is('POWER_OF_2'),
  };
}

function activationRow(type: CodeType, state: State): Row {
  const { levels, signed } = codeTypes[type];
  const least = signed ? -(levels + 1) / 2 : 0;
  return { bit_width: levels === 255 ? 8 : 16, policy: policy('PER_TENSOR', 'LINEAR', signed ? 'SYMMETRICAL' : 'ASYMMETRICAL'), state, quant_min: least, quant_max: least + levels };
}

function weightRow(type: WeightType): Row {
  const { bits, most } = weightForms[type];
  return { bit_width: bits, policy: policy('PER_CHANNEL', 'LINEAR', 'SYMMETRICAL'), state: 'ACTIVATED', quant_min: -most, quant_max: most };
}
const weightForms = { S8: { bits: 8, most: 127 }, S16: { bits: 16, most: 32767 } } as const satisfies Record<WeightType, object>;

const floatRow = (state: 'FP32' | 'SOI'): Row => ({ bit_width: 32, policy: policy('PER_TENSOR', 'LINEAR', 'SYMMETRICAL'), state, quant_min: 0, quant_max: 0 });
function biasRow(bits: 32 | 48): Row {
  return { bit_width: bits, policy: policy('PER_CHANNEL', 'LINEAR', 'SYMMETRICAL'), state: 'PASSIVE', quant_min: -(2 ** (bits - 1)), quant_max: 2 ** (bits - 1) - 1 };
}
