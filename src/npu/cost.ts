// Cycles of one instruction on a target row: docs/cost-model.md. The formulas take shapes, so that plans can be compared before any code
// is written; `costOf` reads the shapes from an encoded instruction.
import type { Target } from '../targets/target.ts';
import type { Decoded } from './decode.ts';
import { floatFunctionNumbers } from './isa.ts';
import { passesOf } from './spread.ts';

/** A tile of products on the multiply-accumulate arrays; a window's taps and input channels fill their depth together. */
export interface ArrayWork {
  readonly positions: number;
  readonly outChannels: number;
  /** 0 for depthwise: each channel meets itself only, so the depth stays unused and taps come one after another. */
  readonly inChannels: number;
  readonly taps: number;
  /** An operand has 16 bits. */
  readonly wide: boolean;
  /** Bytes of a result, and whether it goes through a table on its way out. */
  readonly resultBytes: number;
  readonly table: boolean;
}

/** Results leave when the products are done: the arrays don't go on meanwhile. */
export function arrayCycles(target: Target, work: ArrayWork): number {
  return target.instructionStartCycles + Math.ceil(productCycles(target, work) + resultCycles(target, work));
}

/** A product of two activations: both operands come from the same memory, so the arrays are fed more slowly. */
export function matmulCycles(target: Target, work: ArrayWork): number {
  return target.instructionStartCycles + Math.ceil(target.matmulFactor * productCycles(target, work) + resultCycles(target, work));
}

function productCycles(target: Target, { positions, outChannels, inChannels, taps, wide }: ArrayWork): number {
  const { array } = target;
  const depth = inChannels === 0 ? taps : Math.ceil((inChannels * taps) / array.inChannels);
  return passesOf(target, { positions, outChannels }) * depth * (wide ? array.wideFactor : 1);
}

function resultCycles(target: Target, { positions, outChannels, resultBytes, table }: ArrayWork): number {
  const bytes = positions * outChannels * resultBytes;
  return bytes / target.resultBytes + (table ? (bytes * tableSteps) / target.vectorLanes : 0);
}

/** `elements` through the vector engine, `steps` operations each; lanes are bytes. */
export function vectorCycles(target: Target, { elements, steps, bytes }: { elements: number; steps: number; bytes: number }): number {
  return target.instructionStartCycles + Math.ceil((elements * steps * bytes) / target.vectorLanes);
}

export function moveCycles(target: Target, bytes: number): number {
  return target.instructionStartCycles + Math.ceil(bytes / target.moveBytes);
}

export function dmaCycles(target: Target, bytes: number): number {
  return target.dmaStartCycles + Math.ceil(bytes / target.ddrBytesPerCycle);
}

type Fields = Decoded['fields'];
type Cost = (f: Fields, target: Target) => number;

const transfer: Cost = (f, target) => dmaCycles(target, f.planes! * f.rows! * f.run!);
const plane = (f: Fields): number => f.rows! * f.cols! * f.channels!;
const resultOf = (f: Fields): Pick<ArrayWork, 'resultBytes' | 'table'> => ({ resultBytes: f.out_bytes!, table: f.index_bits! !== 0 });
/** A table epilogue looks up and interpolates. */
const epilogueSteps = (f: Fields): number => (f.index_bits! === 0 ? 0 : tableSteps);
export const tableSteps = 2;
export const softmaxSteps = 4;
/** Functions made of exp take as long as a softmax. */
export const floatSteps = (fn: number): number => (fn === floatFunctionNumbers.sigmoid || fn === floatFunctionNumbers.silu ? softmaxSteps : 1);
/** Two passes over a row for its sums, one to normalise and one to scale. */
export const layerNormSteps = 4;

const costs: Readonly<Record<string, Cost>> = {
  load: transfer,
  store: transfer,
  conv: (f, target) => arrayCycles(target, {
    positions: f.out_rows! * f.out_cols!, outChannels: f.out_channels!, inChannels: f.in_channels!,
    taps: f.kernel_y! * f.kernel_x!, wide: Math.max(f.in_bytes!, f.weight_bytes!) > 1, ...resultOf(f),
  }),
  dwconv: (f, target) => arrayCycles(target, {
    positions: f.out_rows! * f.out_cols!, outChannels: f.channels!, inChannels: 0,
    taps: f.kernel_y! * f.kernel_x!, wide: Math.max(f.in_bytes!, f.weight_bytes!) > 1, ...resultOf(f),
  }),
  matmul: (f, target) => matmulCycles(target, { positions: f.rows!, outChannels: f.cols!, inChannels: f.depth!, taps: 1, wide: Math.max(f.a_bytes!, f.b_bytes!) > 1, ...resultOf(f) }),
  add: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1 + epilogueSteps(f), bytes: Math.max(f.a_bytes!, f.b_bytes!, f.out_bytes!) }),
  mul: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1 + epilogueSteps(f), bytes: Math.max(f.a_bytes!, f.b_bytes!, f.out_bytes!) }),
  rescale: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1 + epilogueSteps(f), bytes: Math.max(f.in_bytes!, f.out_bytes!) }),
  lut: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1, bytes: f.out_bytes! }),
  max_pool: (f, target) => vectorCycles(target, {
    elements: f.out_rows! * f.out_cols! * f.channels!, steps: f.kernel_y! * f.kernel_x!, bytes: f.in_bytes!,
  }),
  avg_pool: (f, target) => vectorCycles(target, {
    elements: f.out_rows! * f.out_cols! * f.channels!, steps: f.kernel_y! * f.kernel_x! + 1 + epilogueSteps(f), bytes: f.in_bytes!,
  }),
  mean: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1, bytes: f.in_bytes! }),
  softmax: (f, target) => vectorCycles(target, { elements: f.rows! * f.channels!, steps: softmaxSteps, bytes: Math.max(f.in_bytes!, f.out_bytes!) }),
  layer_norm: (f, target) => vectorCycles(target, { elements: f.rows! * f.channels!, steps: layerNormSteps + epilogueSteps(f), bytes: Math.max(f.in_bytes!, f.out_bytes!) }),
  quantize: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1, bytes: Math.max(f.in_bytes!, f.out_bytes!) }),
  dequantize: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1, bytes: 4 }),
  float_binary: (f, target) => vectorCycles(target, { elements: plane(f), steps: 1, bytes: 4 }),
  float_function: (f, target) => vectorCycles(target, { elements: plane(f), steps: floatSteps(f.function!), bytes: 4 }),
  float_softmax: (f, target) => vectorCycles(target, { elements: f.rows! * f.channels!, steps: softmaxSteps, bytes: 4 }),
  move: (f, target) => moveCycles(target, f.element_bytes! * f.dim0! * f.dim1! * f.dim2! * f.dim3! * f.dim4! * f.dim5!),
};

/** Cycles of an instruction. */
export function costOf({ name, fields }: Pick<Decoded, 'name' | 'fields'>, target: Target): number {
  const cost = costs[name];
  if (cost === undefined) throw new Error(`BUG: ${name} has no cost`);
  return cost(fields, target);
}

/** Bytes that a load or a store takes over DDR. */
export function transferBytes({ fields }: Pick<Decoded, 'fields'>): number {
  return fields['planes']! * fields['rows']! * fields['run']!;
}
