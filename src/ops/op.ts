// What an ONNX operator must answer. One file an operator family, one line each in ops/index.ts; shared code never asks which one it holds.
import type { Node, TensorType } from '../graph/graph.ts';
import type { GroupAttribute, UnaryCall } from './group.ts';

/** What an operator may look at besides its node. */
export interface NodeView {
  readonly node: Node;
  /** Types of the inputs, in order; undefined for one that is left out. Weights included. */
  readonly inputs: readonly (TensorType | undefined)[];
  /** Numbers of input i if it is a constant, else undefined. */
  constant(i: number): readonly number[] | undefined;
  /** Whether input i is a constant, without decoding it; isConstant() of view.ts asks this or, where it is absent, `constant`. */
  readonly isConstant?: (i: number) => boolean;
}

/** How an operator becomes a group, before types and scales are known. */
export interface Draft {
  readonly kind: string;
  readonly attributes: Readonly<Record<string, GroupAttribute>>;
  /** Which of the node's inputs are activations, in the order of the group's inputs. A constant among them becomes a group of its own. */
  readonly activations: readonly number[];
  /** Roles of constant inputs that are quantised per output channel, e.g. { weight: { input: 1, axis: 0, transpose?: [1, 0] } }. */
  readonly weights?: Readonly<Record<string, { readonly input: number; readonly axis: number; readonly transpose?: readonly number[]; readonly shape?: readonly number[] }>>;
  /** Roles of constant inputs used as floats, e.g. { bias: 2 }. */
  readonly floats?: Readonly<Record<string, number>>;
  /** A constant number for each place of its output's last axis that the next node adds may join as its bias. */
  readonly takesBias?: boolean;
  /** Output codes are input codes: all edges share one scale, zero and type (MaxPool, Reshape, Resize, Concat …). */
  readonly shares?: boolean;
  /** The output's range when it is known beforehand ([0, 1] of Sigmoid and Softmax). */
  readonly range?: readonly [number, number];
}

export interface Op {
  readonly type: string;
  readonly domain?: string;
  /** Types of the outputs at graph.canonicalOpset. Throws a Fault that names the node on inputs that don't fit. */
  infer(view: NodeView): readonly TensorType[];
  /** The scalar function, if this node is one (activations; Add, Mul … by a scalar constant): fused behind a producer. */
  unary?(view: NodeView): UnaryCall | undefined;
  /** The group it starts, or the limit it misses as a sentence (which sends it to the CPU). Absent: CPU always. */
  draft?(view: NodeView): Draft | { readonly limit: string };
  /** Every sentence that `draft` may answer as a limit: user documentation, see limitsTable(). */
  readonly limits?: readonly string[];
}
