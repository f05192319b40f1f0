// The quantised network in its two halves. `fuse` decides the groups from the float graph alone (structure: which operators form one
// group, how edges connect); `resolve` then gives every edge its type, scale and zero. Partition reads only the first, so a precision
// change never cuts the network anew.
import type { Digest } from '../base/digest.ts';
import type { Draft } from '../ops/op.ts';
import type { EdgeType, Quant, UnaryCall } from '../ops/group.ts';

/** An edge between groups, or between the network and the world. */
export interface FusedEdge {
  /** Public name, unique: the float tensor's name; '<name>:raw' for a runtime input as it arrives, '<name>:codes' for a runtime output before dequantise. */
  readonly name: string;
  /** The float graph's tensor whose values this edge carries. */
  readonly tensor: string;
  /** Logical shape. */
  readonly shape: readonly number[];
  /** Where it meets the world; absent inside. */
  readonly role?: 'input' | 'output';
  /** On edges that carry plain numbers as they are (raw inputs; FP32 at outputs and between CPU groups). Absent: codes, which `resolve` types. */
  readonly dtype?: 'U8' | 'FP32';
  /** On a raw input that arrives with its channels last (src_layout NHWC): its bytes are N, H, W, C, its shape stays logical. */
  readonly layout?: 'nhwc';
}

export interface FusedGroup {
  /** Public name, unique: the head node's name. */
  readonly name: string;
  /** Vendor-style alias 'op_<n>:AxQuantizedConv', n counted in canonical order: for the eye, never in a key of a unit. */
  readonly alias: string;
  /** Kind of ops/kinds, or 'cpu' for nodes that ONNX Runtime runs. */
  readonly kind: string;
  /** Float nodes that this group computes, in order; empty for quantize / dequantize. */
  readonly nodes: readonly string[];
  /** Float tensors between those nodes: computed here, but no edge carries them. */
  readonly inner?: readonly string[];
  readonly draft?: Draft;
  /** Functions of the nodes fused behind the head. */
  readonly chain: readonly UnaryCall[];
  /** Edge names. NPU groups have one output. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Float weight tensors (names in the float graph) by role: quantised ones and float ones. */
  readonly weights: Readonly<Record<string, string>>;
  readonly floats: Readonly<Record<string, string>>;
  /** Why this runs on the CPU: the limit it misses, as a sentence. */
  readonly limit?: string;
}

export interface FusedNetwork {
  readonly edges: readonly FusedEdge[];
  /** In canonical topological order. */
  readonly groups: readonly FusedGroup[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What `resolve` says of an edge. */
export interface ResolvedEdge {
  readonly name: string;
  /** In memory. */
  readonly dtype: EdgeType;
  readonly quant: Quant | null;
  /** Codes of a signed type: what they mean is the code minus 2^(bits-1), which is their zero. */
  readonly signed?: true;
}

/** One weight tensor to quantise: the recipe of a `weights` job. */
export interface WeightRequest {
  readonly role: string;
  /** FP32 bytes of the float weight. */
  readonly float: Digest;
  readonly shape: readonly number[];
  /** Output-channel axis of the float tensor, and how its axes are reordered / reshaped into the group's constant. */
  readonly axis: number;
  readonly transpose?: readonly number[];
  readonly reshape?: readonly number[];
  readonly dtype: 'S8' | 'S16';
}

/** One NPU group, ready to be compiled: digests of its canonical structure and values records (blobs), and its weights. */
export interface ResolvedGroup {
  readonly name: string;
  readonly structure: Digest;
  readonly values: Digest;
  readonly weights: readonly WeightRequest[];
  /** Digests of float data named in values (bias). */
  readonly floats: readonly Digest[];
}

export interface ResolvedNetwork {
  readonly edges: readonly ResolvedEdge[];
  readonly groups: readonly ResolvedGroup[];
}

/** One subgraph: consecutive groups of the canonical order that run as one. */
export interface UnitPlan {
  /** 'subgraph_npu_0', 'subgraph_cpu_1': counted per container, names only. */
  readonly name: string;
  readonly type: 'NPU' | 'CPU';
  /** Group names in canonical order. */
  readonly groups: readonly string[];
  /** Edges that enter and leave, in canonical order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Index into compiler.sub_configs, if one governs this unit. */
  readonly subConfig?: number;
}
