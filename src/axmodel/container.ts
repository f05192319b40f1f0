// What a compiled.axmodel holds: chains of units, the tensors between them, and how those lie in memory.
// docs/container.md shows the file.
import type { DType } from '../base/dtype.ts';

/** real = (code - zero) * scale */
export interface Quant {
  readonly scale: number;
  readonly zero: number;
}

export interface ContainerTensor {
  readonly name: string;
  readonly dtype: DType;
  /** Logical shape, in ONNX's order. */
  readonly shape: readonly number[];
  /** Order of the bytes: 'plain' is row-major in logical order, 'nhwc' a rank-4 (N, C, H, W) tensor stored as N, H, W, C. */
  readonly layout: 'plain' | 'nhwc';
  /** What its codes mean; null where elements mean themselves. */
  readonly quant: Quant | null;
}

/** One encoded program of a unit, for one batch size. */
export interface UnitProgram {
  readonly batch: number;
  /** As npu/program writes it. */
  readonly program: Uint8Array;
  /** The constants it runs on. Equal bytes are kept once in the file. */
  readonly params: Uint8Array;
}

export interface NpuUnit {
  readonly type: 'NPU';
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** One or more, by rising batch. */
  readonly programs: readonly UnitProgram[];
}

export interface CpuUnit {
  readonly type: 'CPU';
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** An ONNX model; its inputs and outputs are the unit's, in the same order. */
  readonly model: Uint8Array;
}

export type Unit = NpuUnit | CpuUnit;

/** Units that run one after the other for one set of input shapes; --group_index picks one. Names of later chains end in _1, _2 … */
export interface Chain {
  /** Runtime inputs and outputs, in the model's order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Samples that the inputs are shown for: the largest batch. */
  readonly batch: number;
  /** In order of execution. All NPU units have programs for the same batches; with CPU units that is batch 1. */
  readonly units: readonly Unit[];
}

export interface Container {
  /** Chip and mode it was compiled for, e.g. AX650, NPU1. */
  readonly target: string;
  readonly mode: string;
  /** Every tensor that a unit reads or writes, by name: the shape of one sample. */
  readonly tensors: Readonly<Record<string, ContainerTensor>>;
  readonly chains: readonly Chain[];
}
