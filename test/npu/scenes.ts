// Random groups of every kind, with values and codes: what conformance and link tests run.
import { bytesOf } from '../../src/base/bytes.ts';
import { digestOf } from '../../src/base/digest.ts';
import { elements } from '../../src/base/dtype.ts';
import type { Codes, Edge, EdgeType, GroupAttribute, GroupStructure, GroupValues, Params, Quant, QuantisedWeight, UnaryCall } from '../../src/ops/group.ts';
import { epilogueOf } from '../../src/ops/kinds/epilogue.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import type { Random } from './random.ts';

export interface Scene {
  readonly structure: GroupStructure;
  readonly params: Params;
  readonly inputs: readonly Codes[];
}

/** A structure without types: those are drawn. */
interface Draft {
  readonly kind: string;
  readonly attributes: Readonly<Record<string, GroupAttribute>>;
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly weight?: readonly number[];
  /** Output codes are input codes. */
  readonly shares?: boolean;
}

export const drafts: Readonly<Record<string, (random: Random) => Draft>> = {
  conv(random) {
    const [inPerGroup, outPerGroup] = random.chance(0.06) ? random.pick([[manyChannels, 3], [2, manyChannels]]) as [number, number] : [channel(random), channel(random)];
    return convDraft(random, { group: 1, inPerGroup, outPerGroup });
  },
  depthwise: (random) => convDraft(random, { group: channelOrMany(random), inPerGroup: 1, outPerGroup: 1 }),
  grouped: (random) => convDraft(random, { group: random.whole(2, 5), inPerGroup: random.whole(1, 9), outPerGroup: random.whole(1, 40) }),
  gemm(random) {
    const leading = random.pick([[1], [7], [3, 5], [2, 1, 3, 4]]);
    const [into, out] = [random.pick([1, 5, 200, 4096]), random.pick([1, 2, 33, 130])];
    return { kind: 'conv', attributes: { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 }, inputs: [[...leading, into]], output: [...leading, out], weight: [out, into, 1, 1] };
  },
  conv_transpose(random) {
    const [h, w, into, out] = [side(random), side(random), random.pick([1, 3, 24]), random.pick([1, 2, 24, 40])];
    const strides = random.pick([[2, 2], [1, 1], [2, 3], [3, 2]]);
    const kernel = random.pick([[2, 2], [3, 3], [1, 2], [4, 4]]);
    const outputPadding = strides.map((stride) => random.whole(0, stride - 1));
    const full = [h, w].map((size, i) => strides[i]! * (size - 1) + outputPadding[i]! + kernel[i]!);
    const cut = full.map((size, i) => [random.whole(0, Math.min(kernel[i]! - 1, Math.floor((size - 1) / 2))), random.whole(0, Math.min(kernel[i]! - 1, Math.floor((size - 1) / 2)))]);
    const pads = [cut[0]![0]!, cut[1]![0]!, cut[0]![1]!, cut[1]![1]!];
    const n = random.pick([1, 1, 2]);
    return {
      kind: 'conv_transpose', attributes: { kernel, strides, pads, output_padding: outputPadding },
      inputs: [[n, into, h, w]], output: [n, out, full[0]! - pads[0]! - pads[2]!, full[1]! - pads[1]! - pads[3]!], weight: [out, into, ...kernel],
    };
  },
  eltwise(random) {
    const output = random.pick([[1, channel(random), side(random), side(random)], [2, 3, 5, 7], [random.whole(1, 900)], [4, 33], [3, 2, 65], [1, manyChannels, 1, 2]]);
    const shrink = (): number[] => output.map((size) => (random.chance(0.35) ? 1 : size));
    const full = random.chance(0.5);
    const [a, b] = full ? [output, output] : [output, shrink()];
    const inputs = random.chance(0.5) ? [a, b] : [b, a];
    return { kind: 'eltwise', attributes: { op: random.pick(['add', 'sub', 'mul']) }, inputs, output };
  },
  unary: (random) => same('unary', {}, anyShape(random)),
  max_pool: (random) => ({ ...poolDraft(random, 'max_pool'), shares: true }),
  avg_pool: (random) => poolDraft(random, 'avg_pool'),
  mean(random) {
    const c = channelOrMany(random);
    const shape = [random.pick([1, 2]), c, side(random, sidesFor(c)), side(random, sidesFor(c))];
    return { kind: 'mean', attributes: {}, inputs: [shape], output: [shape[0]!, shape[1]!, 1, 1] };
  },
  concat(random) {
    const shape = random.pick([[random.pick([1, 2]), channel(random), side(random), side(random)], [3, 10], [2, 3, 4]]);
    const axis = random.whole(0, shape.length - 1);
    const inputs = Array.from({ length: random.pick([2, 2, 3, 4, 6]) }, () => shape.map((size, d) => (d === axis ? random.whole(1, 9) : size)));
    const length = inputs.reduce((sum, input) => sum + input[axis]!, 0);
    return { kind: 'concat', attributes: { axis: random.chance(0.3) ? axis - shape.length : axis }, inputs, output: shape.map((size, d) => (d === axis ? length : size)), shares: true };
  },
  resize(random) {
    const [n, c, h, w] = [random.pick([1, 2]), channel(random), side(random), side(random)];
    const scales = [random.whole(1, 3), random.whole(1, 4)];
    return { kind: 'resize', attributes: { scales }, inputs: [[n, c, h, w]], output: [n, c, h * scales[0]!, w * scales[1]!], shares: true };
  },
  reshape(random) {
    const [from, to] = random.pick([
      [[1, 200, 1, 1], [1, 200]], [[1, 6, 4, 5], [1, 120]], [[2, 6, 4, 5], [2, 4, 6, 5]], [[1, 6, 4, 3], [1, 4, 6, 3]], [[3, 40], [1, 5, 4, 6]], [[2, 3, 4, 5], [2, 12, 5]],
      [[7, 13], [13, 7]], [[1, 35, 33, 17], [1, 35, 561]],
    ]) as [number[], number[]];
    return { kind: 'move', attributes: { mode: 'reshape' }, inputs: [from], output: to, shares: true };
  },
  transpose(random) {
    const shape = random.pick([[2, 3, 4, 5], [1, 33, 17, 9], [13, 7], [3, 4, 5], [2, 3, 2, 3, 4]]);
    const perm = shuffled(shape.map((_, i) => i), random);
    return { kind: 'move', attributes: { mode: 'transpose', perm }, inputs: [shape], output: perm.map((axis) => shape[axis]!), shares: true };
  },
  slice(random) {
    const shape = random.pick([[1, 12, 9, 14], [2, 3, 4, 5], [31, 8], [40]]);
    const parts = shape.map((size) => {
      const step = random.pick([1, 1, 2, -1, -2, 3]);
      const start = random.whole(0, size - 1);
      const most = step > 0 ? Math.floor((size - 1 - start) / step) + 1 : Math.floor(start / -step) + 1;
      return { start, step, count: random.whole(1, most) };
    });
    return {
      kind: 'move', attributes: { mode: 'slice', starts: parts.map(({ start }) => start), steps: parts.map(({ step }) => step) },
      inputs: [shape], output: parts.map(({ count }) => count), shares: true,
    };
  },
  softmax: (random) => {
    const shape = random.pick([[1, 2], [5, 100], [3, 4, 17], [2, 3, 5, 7], [1, 1, 4, 9], [1, 8, 3, 1], [1, 21, 19, 23]]);
    return same('softmax', { axis: shape.length - 1 }, shape);
  },
  matmul(random) {
    const stack = random.pick([[], [1], [3], [5]]);
    const [m, k, n] = [random.pick([1, 7, 50, 197]), random.pick([1, 3, 32, 64, 197]), random.pick([1, 5, 64, 130])];
    return { kind: 'matmul', attributes: {}, inputs: [[...stack, m, k], [...stack, k, n]], output: [...stack, m, n] };
  },
  layer_norm: (random) => same('layer_norm', { axis: -1, epsilon: random.pick([1e-5, 1e-12]) }, random.pick([[1, 8], [197, 192], [2, 3, 5, 1, 17], [3, 1], [5, 4096]])),
  constant: (random) => ({ ...same('constant', {}, anyShape(random)), inputs: [] }),
  quantize: (random) => same('quantize', random.chance(0.6) ? { normalize: 1 } : {}, random.pick([[1, 3, side(random), side(random)], [2, 3, 5, 4], [1, 1, 20, 20], [4, 10], [2, 3, 7], [1, 40, 33, 3]])),
  dequantize: (random) => same('dequantize', {}, random.pick([[1, 2], [1, 1, side(random), side(random)], [2, 3, 5, 4], [3, 4, 5], [1, 40, 33, 3]])),
};

function same(kind: string, attributes: Draft['attributes'], shape: readonly number[]): Draft {
  return { kind, attributes, inputs: [shape], output: shape };
}

/** Sizes that break tilings: one, primes, large. */
function side(random: Random, most = Infinity): number {
  return random.pick([1, 2, 7, 13, 19, 24, 40].filter((size) => size <= most));
}

const manyChannels = 4096;

function channelOrMany(random: Random): number {
  return random.chance(0.06) ? manyChannels : channel(random);
}

/** The reference is slow: planes of many channels are small. */
function sidesFor(channels: number): number {
  return channels >= manyChannels ? 2 : Infinity;
}

function channel(random: Random): number {
  return random.pick([1, 3, 8, 17, 32, 35, 64]);
}

function anyShape(random: Random): number[] {
  return random.pick([[1, channel(random), side(random), side(random)], [2, 3, 5, 7], [random.whole(1, 3000)], [4, 33], [1, manyChannels, 2, 1]]);
}

function shuffled(list: number[], random: Random): number[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

function convDraft(random: Random, { group, inPerGroup, outPerGroup }: { group: number; inPerGroup: number; outPerGroup: number }): Draft {
  const { input, kernel, dilations, strides, pads, out } = windowDraft(random, sidesFor(group * Math.max(inPerGroup, outPerGroup)));
  const n = random.pick([1, 1, 1, 2]);
  return {
    kind: 'conv', attributes: { kernel, strides, dilations, pads, group },
    inputs: [[n, group * inPerGroup, ...input]], output: [n, group * outPerGroup, ...out], weight: [group * outPerGroup, inPerGroup, ...kernel],
  };
}

function poolDraft(random: Random, kind: string): Draft {
  const [n, c] = [random.pick([1, 1, 2]), channelOrMany(random)];
  const { input, kernel, dilations, strides, pads, out } = windowDraft(random, sidesFor(c));
  const even = kind === 'avg_pool' ? { kernel, strides, pads } : { kernel, strides, dilations, pads };
  const size = (axis: 0 | 1): number => (kind === 'avg_pool' ? Math.floor((input[axis]! + pads[axis]! + pads[axis + 2]! - kernel[axis]!) / strides[axis]!) + 1 : out[axis]!);
  return { kind, attributes: even, inputs: [[n, c, ...input]], output: [n, c, size(0), size(1)] };
}

function windowDraft(random: Random, most: number): { input: number[]; kernel: number[]; dilations: number[]; strides: number[]; pads: number[]; out: number[] } {
  const input = [side(random, most), side(random, most)];
  const kernel = random.pick([[1, 1], [3, 3], [1, 5], [2, 3], [5, 5]]);
  const dilations = random.pick([[1, 1], [1, 1], [2, 1], [2, 3]]);
  const strides = random.pick([[1, 1], [1, 1], [2, 2], [1, 2], [4, 3]]);
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]! + 1);
  const least = reach.map((span, i) => Math.max(0, span - input[i]!));
  // One in five has more padding than its kernel is wide.
  const room = random.chance(0.2) ? 7 : 2;
  const pads = [...least, 0, 0].map((pad) => pad + random.whole(0, room));
  const out = input.map((size, i) => Math.floor((size + pads[i]! + pads[i + 2]! - reach[i]!) / strides[i]!) + 1);
  return { input, kernel, dilations, strides, pads, out };
}

export const chains: readonly (readonly UnaryCall[])[] = [[], [], [{ fn: 'relu', args: [] }], [{ fn: 'clip', args: [-1, 2.5] }], [{ fn: 'hard_swish', args: [] }], [{ fn: 'affine', args: [0.7, 0.1] }, { fn: 'sigmoid', args: [] }]];

/** Those of the chains above that have a form in FP32, and longer ones. */
const floatChains: readonly (readonly UnaryCall[])[] = [
  [], [{ fn: 'relu', args: [] }], [{ fn: 'clip', args: [-1, 2.5] }], [{ fn: 'affine', args: [0.7, 0.1] }, { fn: 'sigmoid', args: [] }],
  [{ fn: 'silu', args: [] }, { fn: 'leaky_relu', args: [0.1] }, { fn: 'hard_sigmoid', args: [0.2, 0.5] }, { fn: 'hard_swish', args: [] }],
];
const floatHeads = ['conv', 'conv_transpose', 'eltwise', 'unary', 'softmax'];

/** Drafts of groups that can compute in FP32, or copy it. */
export const hasFloatForm = ['conv', 'depthwise', 'grouped', 'gemm', 'conv_transpose', 'eltwise', 'unary', 'softmax', 'concat', 'resize', 'reshape', 'transpose', 'slice', 'dequantize'];

export function sceneOf(draft: Draft, random: Random, inFloat = false): Scene {
  const kind = kindOf(draft.kind);
  const world = { quantize: draft.kind === 'quantize', dequantize: draft.kind === 'dequantize' };
  const type = (): EdgeType => random.pick(['U8', 'U8', 'U8', 'U16']);
  const typeOrFloat = (): EdgeType => random.pick(['U8', 'U16', 'FP32']);
  const out: EdgeType = world.dequantize || (inFloat && draft.shares === true) ? 'FP32' : inFloat ? typeOrFloat() : type();
  const readsFloat = inFloat && draft.weight === undefined;
  // Nothing computes in a wider type than its edge; a copy has one type after entry, and copies floats only where all edges carry them.
  const inputTypes = draft.inputs.map((): EdgeType => {
    if (world.quantize) return random.pick(['U8', 'FP32']);
    if (inFloat && (draft.shares === true || world.dequantize)) return 'FP32';
    if (draft.shares === true && out === 'U16') return 'U16';
    return readsFloat ? typeOrFloat() : !world.dequantize && draft.shares !== true && random.chance(0.15) ? 'FP32' : type();
  });
  const entries = inputTypes.map((one): EdgeType => {
    if (draft.shares === true) return out;
    if (readsFloat || world.quantize || world.dequantize) return readsFloat ? 'FP32' : one;
    return one === 'FP32' ? type() : one === 'U16' && random.chance(0.4) ? 'U8' : one;
  });
  const computesFloat = inFloat && floatHeads.includes(draft.kind);
  const chain = !kind.fusesChain || draft.inputs.length === 0 ? [] : random.pick(computesFloat ? floatChains : chains);
  const edge = (shape: readonly number[], dtype: EdgeType, plain: boolean): Edge => ({ shape, dtype, layout: shape.length === 4 && !plain ? 'nhwc' : 'plain' });
  const weightType = random.chance(0.25) ? 'S16' : 'S8';
  const structure: GroupStructure = {
    kind: draft.kind,
    attributes: computesFloat ? { ...draft.attributes, functions: chain.map(({ fn }) => fn).join(' ') } : draft.attributes,
    // The world hands tensors over in its own order, mostly.
    inputs: draft.inputs.map((shape, i) => edge(shape, inputTypes[i]!, world.quantize && random.chance(0.7))),
    entries,
    output: edge(draft.output, out, world.dequantize),
    constants: draft.weight === undefined ? {} : { weight: { shape: draft.weight, dtype: weightType } },
    epilogue: computesFloat ? 'float' : kind.fusesChain ? epilogueOf(chain) : 'none',
  };
  return { structure, ...valued(structure, chain, { shares: draft.shares === true, random }) };
}

/** Random values and codes for a structure. */
export function valued(structure: GroupStructure, chain: readonly UnaryCall[], { shares, random }: { shares: boolean; random: Random }): Pick<Scene, 'params' | 'inputs'> {
  const range: [number, number] = random.pick([[-4, 4], [0, 6], [-1, 5]]);
  const entries = structure.entries.map((type) => (type === 'FP32' ? null : quantFor(range, type)));
  const inputs = structure.inputs.map(({ dtype }, i) => (dtype === 'FP32' ? null : dtype === structure.entries[i] ? entries[i]! : quantFor(range, dtype)));
  const weight = structure.constants['weight'] && randomWeight(structure.constants['weight'], random);
  const bias = weight === undefined ? undefined : Float32Array.from({ length: weight.shape[0]! }, () => random.unit() - 0.5);
  const output = structure.output.dtype === 'FP32' ? null : shares ? entries[0]! : quantFor(random.pick([[-4, 4], [0, 6], [0, 1]]), structure.output.dtype);
  const channels = structure.inputs[0]?.shape[1] ?? 1;
  const lists: GroupValues['lists'] = structure.attributes['normalize'] === 1 ? { mean: Array.from({ length: channels }, (_, c) => c + 0.5), std: Array.from({ length: channels }, (_, c) => 2 + c) } : {};
  const floats = new Map(Object.entries({ ...(bias && { bias }), ...floatsOf[structure.kind]?.(structure, random) }).map(([role, data]) => [digestOf(bytesOf(data)), { role, bytes: bytesOf(data) }]));
  const values: GroupValues = { inputs, entries, output, chain, floats: Object.fromEntries([...floats].map(([digest, { role }]) => [role, digest])), lists };
  const params = kindOf(structure.kind).params(structure, values, weight === undefined ? {} : { weight }, (digest) => floats.get(digest)!.bytes);
  return { params, inputs: structure.inputs.map((edge) => randomCodes(edge, random)) };
}

/** Float operands of kinds that have some besides a bias, by role. */
const floatsOf: Readonly<Record<string, (structure: GroupStructure, random: Random) => Readonly<Record<string, Float32Array>>>> = {
  layer_norm({ output }, random) {
    const row = (): Float32Array => Float32Array.from({ length: output.shape.at(-1)! }, () => random.pick([0, 1, -0.5, random.unit() * 3 - 1]));
    return { scale: row(), bias: row() };
  },
  constant: ({ output }, random) => ({ value: Float32Array.from({ length: elements(output.shape) }, () => random.unit() * 10 - 5) }),
};

function quantFor([low, high]: readonly [number, number], dtype: EdgeType): Quant {
  const top = dtype === 'U8' ? 255 : 65535;
  const scale = Math.fround((high - low) / top);
  return { scale, zero: Math.min(Math.max(Math.round(-low / scale), 0), top) };
}

export function randomCodes({ shape, dtype }: Edge, random: Random): Codes {
  const length = elements(shape);
  if (dtype === 'FP32') return { shape, data: Float32Array.from({ length }, () => random.unit() * 8 - 4) };
  const top = dtype === 'U8' ? 255 : 65535;
  const data = dtype === 'U8' ? new Uint8Array(length) : new Uint16Array(length);
  for (let i = 0; i < length; i++) data[i] = random.whole(0, top);
  return { shape, data };
}

function randomWeight({ shape, dtype }: { readonly shape: readonly number[]; readonly dtype: 'S8' | 'S16' }, random: Random): QuantisedWeight {
  const length = elements(shape);
  const top = dtype === 'S8' ? 127 : 32767;
  const codes = dtype === 'S8' ? new Int8Array(length) : new Int16Array(length);
  for (let i = 0; i < length; i++) codes[i] = random.whole(-top, top);
  const fanIn = length / shape[0]!;
  const scales = Float32Array.from({ length: shape[0]! }, () => (0.5 + random.unit()) / (top * Math.sqrt(fanIn)));
  return { shape, codes, scales };
}
