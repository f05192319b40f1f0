// A scene: one group with random codes and weights, run by its integer definition and by ONNX Runtime in float.
import assert from 'node:assert/strict';
import { bytesOf } from '../../../src/base/bytes.ts';
import { digestOf } from '../../../src/base/digest.ts';
import { elements } from '../../../src/base/dtype.ts';
import { roundHalfEven } from '../../../src/base/real.ts';
import type { Codes, Edge, GroupAttribute, GroupStructure, GroupValues, Params, Quant, QuantisedWeight, UnaryCall } from '../../../src/ops/group.ts';
import { epilogueOf } from '../../../src/ops/kinds/epilogue.ts';
import { kindOf } from '../../../src/ops/kinds/index.ts';
import { readParams, writeParams } from '../../../src/ops/kinds/params-pack.ts';
import { chainNodes, runFloat, runQuantised, type CodedInput, type Constants, type FloatNetwork, type FloatNode } from './oracle.ts';
import type { Random } from './random.ts';

export type CodeType = 'U8' | 'U16';

export interface SceneInput {
  readonly shape: readonly number[];
  readonly dtype: CodeType;
  readonly entry?: CodeType;
  /** The real range its codes cover; a random one where it is left out. */
  readonly range?: readonly [number, number];
  /** Its range is symmetric, and so is that of its entry. */
  readonly signed?: boolean;
}

export interface Scene {
  readonly kind: string;
  readonly attributes: Readonly<Record<string, GroupAttribute>>;
  readonly inputs: readonly SceneInput[];
  readonly output: { readonly shape: readonly number[]; readonly dtype: CodeType; readonly signed?: boolean };
  readonly chain?: readonly UnaryCall[];
  /** The output has the scale and zero of input 0 (after entry). */
  readonly shares?: boolean;
  /** The output's scale and zero where they are not calibrated. */
  readonly quant?: Quant;
  readonly weight?: { readonly shape: readonly number[]; readonly dtype: 'S8' | 'S16' };
  readonly bias?: boolean;
  /** The float operators from x0, x1 … (and constants w, b) to h. */
  readonly head: readonly FloatNode[];
  readonly constants?: Constants;
  /** Float operands of the group by role; constants of the float network by the same names. */
  readonly floats?: Readonly<Record<string, Float32Array>>;
  /** Turns the weight into ONNX's order. */
  readonly onnxWeight?: (weight: Float32Array) => { readonly shape: readonly number[]; readonly data: Float32Array };
}

export interface Outcome {
  readonly structure: GroupStructure;
  readonly params: Params;
  readonly codes: Codes;
  readonly expected: Uint8Array | Uint16Array;
  /** What ONNX Runtime quantises to `expected`. */
  readonly floats: Float32Array;
  /** Steps by which the integers differ from the float's codes, by how often. */
  readonly histogram: ReadonlyMap<number, number>;
}

export async function play(scene: Scene, random: Random): Promise<Outcome> {
  const inputs = scene.inputs.map((input) => codedInput(input, random));
  const weight = scene.weight && randomWeight(scene.weight, random);
  const bias = scene.bias === true && weight ? Float32Array.from(weight.scales, (scale) => Math.fround(random.normal() * scale * 127)) : undefined;
  const { nodes, constants } = chainNodes(scene.chain ?? [], 'h', 'y');
  const networkWith = (b: Float32Array | undefined): FloatNetwork => ({
    inputs,
    nodes: [...scene.head, ...nodes],
    constants: {
      ...scene.constants, ...Object.fromEntries(Object.entries(scene.floats ?? {}).map(([role, data]) => [role, { shape: [data.length], data }])), ...constants,
      ...(weight && { w: onnxWeightOf(scene, weight) }), ...(b && { b: { shape: [b.length], data: b } }),
    },
  });
  const operands: Readonly<Record<string, Float32Array>> = { ...scene.floats, ...(bias && { bias }) };
  const first = inputs[0]!;
  const output = scene.quant ?? (scene.shares === true ? (first.entry?.quant ?? first.quant) : calibrated(await runFloat(networkWith(bias)), scene.output.dtype, scene.output.signed));
  const structure = structureOf(scene);
  const values: GroupValues = {
    inputs: inputs.map(({ quant }) => quant),
    entries: inputs.map(({ quant, entry }) => entry?.quant ?? quant),
    output,
    chain: scene.chain ?? [],
    floats: Object.fromEntries(Object.entries(operands).map(([role, data]) => [role, digestOf(bytesOf(data))])),
    lists: {},
  };
  const blobs = new Map(Object.values(operands).map((data) => [digestOf(bytesOf(data)), bytesOf(data)]));
  const kind = kindOf(scene.kind);
  // Through their bytes, as between two jobs.
  const params = readParams(writeParams(kind.params(structure, values, weight ? { weight } : {}, (digest) => blobs.get(digest)!)));
  const codes = kind.integer(structure, params, inputs.map((input) => input.codes));
  const counted = bias && weight && countedBias(params, bias, Array.from(weight.scales, (scale) => scale * values.entries[0]!.scale));
  const expected = await runQuantised(networkWith(counted), { dtype: scene.output.dtype, quant: output });
  const floats = await runFloat(networkWith(counted));
  const histogram = new Map<number, number>();
  expected.forEach((want, i) => {
    const step = codes.data[i]! - want;
    histogram.set(step, (histogram.get(step) ?? 0) + 1);
  });
  return { structure, params, codes, expected, floats, histogram };
}

/** The bias as QDQ keeps it, a whole number of accumulator steps; which must be the nearest to the float. */
function countedBias(params: Params, bias: Float32Array, units: readonly number[]): Float32Array {
  const counts = params.arrays.bias;
  return bias.map((real, o) => {
    const near = Number(counts![o]!) * units[o]!;
    assert.ok(Math.abs(near - real) <= 0.5000001 * units[o]!, `bias ${real} became ${near}, in steps of ${units[o]}`);
    return near;
  });
}

export function structureOf(scene: Scene): GroupStructure {
  const edge = ({ shape, dtype }: { shape: readonly number[]; dtype: CodeType }): Edge => ({ shape, dtype, layout: shape.length === 4 ? 'nhwc' : 'plain' });
  return {
    kind: scene.kind,
    attributes: scene.attributes,
    inputs: scene.inputs.map(edge),
    entries: scene.inputs.map(({ dtype, entry }) => entry ?? dtype),
    output: edge(scene.output),
    constants: scene.weight ? { weight: scene.weight } : {},
    epilogue: kindOf(scene.kind).fusesChain ? epilogueOf(scene.chain ?? []) : 'none',
  };
}

/** Scale and zero of a real range (spec §1). */
export function quantFor([low, high]: readonly [number, number], dtype: CodeType, signed = false): Quant {
  const top = dtype === 'U8' ? 255 : 65535;
  const [lo, hi] = [Math.min(low, 0), Math.max(high, 0)];
  if (signed) return { scale: Math.max(Math.fround(Math.max(-lo, hi) / ((top - 1) / 2)), Math.fround(1e-8)), zero: (top + 1) / 2 };
  const scale = Math.max(Math.fround((hi - lo) / top), Math.fround(1e-8));
  return { scale, zero: Math.min(Math.max(roundHalfEven(-lo / scale), 0), top) };
}

function calibrated(values: Float32Array, dtype: CodeType, signed?: boolean): Quant {
  return quantFor([values.reduce((a, b) => Math.min(a, b), 0), values.reduce((a, b) => Math.max(a, b), 0)], dtype, signed);
}

function codedInput({ shape, dtype, entry, range, signed }: SceneInput, random: Random): CodedInput {
  const size = 10 ** random.between(-2, 1.5);
  const real = range ?? random.pick<readonly [number, number]>([[-size, size], [0, size], [-0.3 * size, size], [-size, 0.1 * size]]);
  const quant = quantFor(real, dtype, signed);
  const top = dtype === 'U8' ? 255 : 65535;
  const length = elements(shape);
  const data = dtype === 'U8' ? new Uint8Array(length) : new Uint16Array(length);
  for (let i = 0; i < length; i++) data[i] = random.whole(0, top);
  // Both ends and the zero are always there.
  [0, top, quant.zero].slice(0, length).forEach((code, i) => (data[i] = code));
  const codes: Codes = { shape, data };
  return entry === undefined ? { codes, quant } : { codes, quant, entry: { dtype: entry, quant: quantFor(real, entry, signed) } };
}

function randomWeight({ shape, dtype }: { readonly shape: readonly number[]; readonly dtype: 'S8' | 'S16' }, random: Random): QuantisedWeight {
  const length = elements(shape);
  const top = dtype === 'S8' ? 127 : 32767;
  const codes = dtype === 'S8' ? new Int8Array(length) : new Int16Array(length);
  for (let i = 0; i < length; i++) codes[i] = Math.min(Math.max(Math.round((random.normal() * top) / 3), -top), top);
  const size = 10 ** random.between(-2, 0);
  const scales = Float32Array.from({ length: shape[0]! }, () => (size * random.between(0.2, 1)) / top);
  return { shape, codes, scales };
}

function onnxWeightOf(scene: Scene, { shape, codes, scales }: QuantisedWeight): Constants[string] {
  const perChannel = codes.length / scales.length;
  const data = Float32Array.from(codes, (code, i) => code * scales[Math.floor(i / perChannel)]!);
  return scene.onnxWeight?.(data) ?? { shape, data };
}
