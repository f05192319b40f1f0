// quant_axmodel.json: the quantisation of every tensor as its operator sees it, in the words of the PPQ lineage. A config is in force with
// its own scale (ACTIVATED), with a master's (SLAVE), with a derived one (PASSIVE: bias), or ruled by another config (OVERLAPPED: what fusion
// swallowed, what only passes codes on, what reads codes as they are). `dominator` is the hash of the config whose scale counts.
import { digestOfJson } from '../base/digest.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Quant } from '../ops/group.ts';
import type { FusedGroup, FusedNetwork, ResolvedNetwork } from './network.ts';
import { levels, quantOf } from './scales.ts';
import type { ResolveReport } from './resolve.ts';

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

type Row = Omit<TensorConfig, 'hash' | 'dominator'>;

/** The record that is written as quant_axmodel.json. Hashes follow from operator and tensor names alone. */
export function quantAxmodelJson({ graph, network, resolved, report, target, weightScales = {} }: QuantAxmodelInputs): QuantAxmodel {
  const configs: Record<string, Record<string, TensorConfig>> = {};
  const values: Record<string, QuantAxmodel['values'][string]> = {};
  const dispatchings: Record<string, string> = {};
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const edges = new Map(network.edges.map((edge) => [edge.name, { ...edge, ...resolved.edges.find((one) => one.name === edge.name)! }]));
  const classes = new Map(report.classes.flatMap((one) => one.edges.map((edge) => [edge, one] as const)));
  const makers = new Map(network.groups.flatMap((group) => group.outputs.map((edge) => [edge, group] as const)));
  const hashOf = hasher();

  const put = (at: { op: string; tensor: string }, row: Row, ruled?: number): number => {
    const hash = hashOf(at);
    (configs[at.op] ??= {})[at.tensor] = { ...row, hash, dominator: ruled ?? hash };
    return hash;
  };
  /** Where the codes of an edge are made: the last operator of its group. */
  const rootAt = (edge: string): { op: string; tensor: string } => {
    const maker = makers.get(edge)!;
    return maker.nodes.length === 0 ? { op: maker.name, tensor: edge } : { op: maker.nodes.at(-1)!, tensor: edges.get(edge)!.tensor };
  };
  const dominatorOf = (edge: string): number => hashOf(rootAt(classes.get(edge)!.edges[0]!));
  const activation = (edge: string, state: State): Row => activationRow(edges.get(edge)!.dtype === 'U16' ? 'U16' : 'U8', state);
  const read = (group: FusedGroup, edge: string, at: { op: string; tensor: string }): void => {
    const { dtype, quant } = edges.get(edge)!;
    const type = report.types[group.name];
    if (quant === null) put(at, floatRow('FP32'));
    else if (type === undefined || type === dtype || group.nodes.length === 0 || group.draft?.shares === true) put(at, activation(edge, 'OVERLAPPED'), dominatorOf(edge));
    else values[put(at, activationRow(type, 'ACTIVATED'))] = numbers(quantOf(classes.get(edge)!.range, type));
  };
  const write = (group: FusedGroup, edge: string, at: { op: string; tensor: string }): void => {
    const { quant } = edges.get(edge)!;
    if (quant === null) return void put(at, floatRow('FP32'));
    const [first] = classes.get(edge)!.edges;
    const state = first === edge ? 'ACTIVATED' : group.draft?.shares === true ? 'OVERLAPPED' : 'SLAVE';
    const hash = put(at, activation(edge, state), state === 'ACTIVATED' ? undefined : dominatorOf(edge));
    if (state === 'ACTIVATED') values[hash] = numbers(quant);
  };

  for (const group of network.groups) {
    const members = group.nodes.map((name) => nodes.get(name)!);
    for (const op of group.nodes.length === 0 ? [group.name] : group.nodes) dispatchings[op] = group.kind === 'cpu' ? 'FP32' : `AX_NPU_${target}_INT8`;
    if (members.length === 0) {
      read(group, group.inputs[0]!, { op: group.name, tensor: group.inputs[0]! });
      write(group, group.outputs[0]!, { op: group.name, tensor: group.outputs[0]! });
      continue;
    }
    const [head, ...rest] = members as [Node, ...Node[]];
    if (group.kind === 'cpu') {
      for (const tensor of [...head.inputs, ...head.outputs].filter((name) => name !== '')) put({ op: head.name, tensor }, floatRow((graph.types[tensor] ?? graph.weights[tensor])?.dtype === 'FP32' ? 'FP32' : 'SOI'));
    }
    for (const edge of group.inputs) read(group, edge, { op: head.name, tensor: edges.get(edge)!.tensor });
    for (const edge of group.outputs) write(group, edge, rootAt(edge));
    if (group.kind === 'cpu') continue;

    for (const [role, tensor] of Object.entries(group.weights)) {
      const hash = put({ op: head.name, tensor }, weightRow);
      const scales = weightScales[group.name]?.[role];
      if (scales !== undefined) values[hash] = { scale: Array.from(scales), zero_point: Array.from(scales, () => 0) };
    }
    for (const tensor of Object.values(group.floats)) put({ op: head.name, tensor }, biasRow);
    // What fusion swallowed is ruled by what leaves the group.
    const [output] = group.outputs;
    for (const [i, node] of [head, ...rest].entries()) {
      if (i > 0) put({ op: node.name, tensor: group.inner![i - 1]! }, activation(output!, 'OVERLAPPED'), dominatorOf(output!));
      if (i < rest.length) put({ op: node.name, tensor: group.inner![i]! }, activation(output!, 'OVERLAPPED'), dominatorOf(output!));
    }
  }
  return { configs, dispatchings, values };
}

/** 32 bits of the names' digest; where two names collide, the later one takes the next bits. */
function hasher(): (at: { op: string; tensor: string }) => number {
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

const numbers = ({ scale, zero }: Quant): QuantAxmodel['values'][string] => ({ scale, zero_point: zero });

function policy(...set: (keyof TensorConfig['policy'])[]): TensorConfig['policy'] {
  const on = new Set(set);
  const is = (key: keyof TensorConfig['policy']): boolean => on.has(key);
  return {
    PER_TENSOR: is('PER_TENSOR'), PER_CHANNEL: is('PER_CHANNEL'), LINEAR: is('LINEAR'), EXPONENTIAL: is('EXPONENTIAL'),
    SYMMETRICAL: is('SYMMETRICAL'), ASYMMETRICAL: is('ASYMMETRICAL'), POWER_OF_2: is('POWER_OF_2'),
  };
}

const activationRow = (type: 'U8' | 'U16', state: State): Row => ({ bit_width: type === 'U8' ? 8 : 16, policy: policy('PER_TENSOR', 'LINEAR', 'ASYMMETRICAL'), state, quant_min: 0, quant_max: levels[type] });
const floatRow = (state: 'FP32' | 'SOI'): Row => ({ bit_width: 32, policy: policy('PER_TENSOR', 'LINEAR', 'SYMMETRICAL'), state, quant_min: 0, quant_max: 0 });
const weightRow: Row = { bit_width: 8, policy: policy('PER_CHANNEL', 'LINEAR', 'SYMMETRICAL'), state: 'ACTIVATED', quant_min: -127, quant_max: 127 };
const biasRow: Row = { bit_width: 32, policy: policy('PER_CHANNEL', 'LINEAR', 'SYMMETRICAL'), state: 'PASSIVE', quant_min: -(2 ** 31), quant_max: 2 ** 31 - 1 };
