// conv against float convolution in ONNX Runtime, over structures that break tilings: 1-wide, prime, one channel, pads larger than kernels.
import test from 'node:test';
import type { UnaryCall } from '../../../src/ops/group.ts';
import type { Random } from './random.ts';
import type { CodeType, Scene } from './rig.ts';
import { tally } from './tally.ts';

interface Choice {
  readonly input?: CodeType;
  readonly entry?: CodeType;
  readonly output?: CodeType;
  readonly weight?: 'S8' | 'S16';
  readonly chain?: readonly UnaryCall[];
  readonly depthwise?: boolean;
  readonly signed?: boolean;
  /** Many outputs, so that a mean says something. */
  readonly large?: boolean;
}

function convScene(random: Random, { input = 'U8', entry, output = input, weight = 'S8', chain = [], depthwise = false, signed = false, large = false }: Choice): Scene {
  const size = (): number => (large ? 43 : random.pick([1, 2, 3, 7, 13, 19, 24]));
  const [height, width] = [size(), size()];
  const kernel = random.pick([[1, 1], [3, 3], [1, 5], [2, 3], [5, 5]]);
  const dilations = random.pick([[1, 1], [1, 1], [2, 1], [2, 3]]);
  const strides = large ? [1, 1] : random.pick([[1, 1], [1, 1], [2, 2], [1, 2], [4, 3]]);
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]! + 1);
  const least = [Math.max(0, reach[0]! - height), Math.max(0, reach[1]! - width)];
  // One in four has more padding than its kernel is wide.
  const room = random.unit() < 0.25 ? 7 : 2;
  const pads = [...least, 0, 0].map((pad) => pad + random.whole(0, room));
  const groups = depthwise ? random.pick([1, 3, 8, 17]) : random.pick([1, 1, 1, 2, 3]);
  const [inPerGroup, outPerGroup] = depthwise ? [1, 1] : [random.pick([1, 2, 3, 5, 16]), large ? 16 : random.pick([1, 2, 5, 8])];
  const batch = random.pick([1, 1, 2]);
  const out = (extent: number, i: number): number => Math.floor((extent + pads[i]! + pads[i + 2]! - reach[i]!) / strides[i]!) + 1;
  const attributes = { kernel, strides, dilations, pads, group: groups };
  const bias = random.unit() < 0.8;
  return {
    kind: 'conv', attributes, chain, bias,
    inputs: [{ shape: [batch, inPerGroup * groups, height, width], dtype: input, signed, ...(entry && { entry }) }],
    output: { shape: [batch, outPerGroup * groups, out(height, 0), out(width, 1)], dtype: output, signed },
    weight: { shape: [outPerGroup * groups, inPerGroup, ...kernel], dtype: weight },
    head: [{ op: 'Conv', inputs: ['x0', 'w', ...(bias ? ['b'] : [])], output: 'h', attributes: { kernel_shape: kernel, strides, dilations, pads, group: groups } }],
  };
}

const types: readonly Choice[] = [
  {},
  { output: 'U16' },
  { input: 'U16' },
  { input: 'U16', output: 'U8' },
  { input: 'U16', weight: 'S16' },
  // Factors too small for a multiplier of 31 bits at the largest shift.
  { input: 'U16', output: 'U8', weight: 'S16' },
  { weight: 'S16' },
  { input: 'U16', entry: 'U8', output: 'U8' },
  { input: 'U16', entry: 'U8', output: 'U8', weight: 'S16' },
  { output: 'U16', weight: 'S16' },
];

for (const choice of types) {
  const { input = 'U8', entry, output = input, weight = 'S8' } = choice;
  test(`conv of ${input}${entry ? ` entering as ${entry}` : ''} by ${weight} into ${output} is within a step of float`, async () => {
    await tally({ name: `conv ${input}${entry ?? ''} ${weight} ${output}`, count: 30, scene: (random, i) => convScene(random, { ...choice, large: i === 0 }) });
  });
}

test('conv between signed edges is within a step of float', async () => {
  await tally({ name: 'S8', count: 12, scene: (random, i) => convScene(random, { signed: true, large: i === 0 }) });
  await tally({ name: 'S16', count: 12, scene: (random, i) => convScene(random, { signed: true, input: 'U16', weight: 'S16', large: i === 0 }) });
  await tally({ name: 'S16 entering as S8', count: 12, scene: (random, i) => convScene(random, { signed: true, input: 'U16', entry: 'U8', large: i === 0 }) });
  const chain: readonly UnaryCall[] = [{ fn: 'hard_swish', args: [] }];
  await tally({ name: 'S16 hard_swish', count: 6, scene: (random, i) => convScene(random, { signed: true, input: 'U16', weight: 'S16', chain, large: i === 0 }) });
});

test('depthwise conv is within a step of float', async () => {
  await tally({ name: 'depthwise U8', count: 20, scene: (random) => convScene(random, { depthwise: true }) });
  await tally({ name: 'depthwise U16', count: 20, scene: (random) => convScene(random, { depthwise: true, input: 'U16' }) });
  await tally({ name: 'depthwise U8 by S16', count: 10, scene: (random) => convScene(random, { depthwise: true, weight: 'S16' }) });
  await tally({ name: 'depthwise U16 by S16', count: 20, scene: (random) => convScene(random, { depthwise: true, input: 'U16', weight: 'S16' }) });
});

const chains: Readonly<Record<string, readonly UnaryCall[]>> = {
  relu: [{ fn: 'relu', args: [] }],
  clip: [{ fn: 'clip', args: [-0.25, 1.5] }],
  'two clips': [{ fn: 'relu', args: [] }, { fn: 'clip', args: [-1, 0.7] }],
  hard_swish: [{ fn: 'hard_swish', args: [] }],
  'hard_swish and affine': [{ fn: 'hard_swish', args: [] }, { fn: 'affine', args: [1.3, -0.4] }],
  'affine and hard_swish': [{ fn: 'affine', args: [-0.7, 2.1] }, { fn: 'hard_swish', args: [] }],
  hard_sigmoid: [{ fn: 'hard_sigmoid', args: [0.2, 0.5] }],
  sigmoid: [{ fn: 'sigmoid', args: [] }],
  silu: [{ fn: 'silu', args: [] }],
  tanh: [{ fn: 'tanh', args: [] }],
  gelu: [{ fn: 'gelu', args: [] }],
  leaky_relu: [{ fn: 'leaky_relu', args: [0.1] }],
  'affine and relu': [{ fn: 'affine', args: [2.5, 0.1] }, { fn: 'relu', args: [] }],
  'relu and affine': [{ fn: 'relu', args: [] }, { fn: 'affine', args: [0.9, 0.05] }],
};

for (const [name, chain] of Object.entries(chains)) {
  test(`conv with a fused ${name} is within a step of float`, async () => {
    await tally({ name: `conv ${name} U8`, count: 6, scene: (random, i) => convScene(random, { chain, large: i === 0 }) });
    await tally({ name: `conv ${name} U16`, count: 6, scene: (random, i) => convScene(random, { chain, input: 'U16', large: i === 0 }) });
    await tally({ name: `conv ${name} U16 by S16`, count: 6, scene: (random, i) => convScene(random, { chain, input: 'U16', weight: 'S16', large: i === 0 }) });
  });
}

test('Gemm and MatMul are conv over the last axis', async () => {
  const scene = (random: Random, input: CodeType, stored: 'S8' | 'S16' = 'S8'): Scene => {
    const leading = random.pick([[1], [7], [40], [2, 13], [1, 2, 3, 5]]);
    const [inputs, outputs] = [random.pick([1, 17, 64, 301]), random.pick([1, 10, 33])];
    return {
      kind: 'conv', attributes: { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 }, bias: true,
      inputs: [{ shape: [...leading, inputs], dtype: input }],
      output: { shape: [...leading, outputs], dtype: input },
      weight: { shape: [outputs, inputs, 1, 1], dtype: stored },
      onnxWeight: (weight) => ({ shape: [inputs, outputs], data: Float32Array.from(weight, (_, i) => weight[(i % outputs) * inputs + Math.floor(i / outputs)]!) }),
      head: [{ op: 'MatMul', inputs: ['x0', 'w'], output: 'product' }, { op: 'Add', inputs: ['product', 'b'], output: 'h' }],
    };
  };
  await tally({ name: 'Gemm U8', count: 16, scene: (random) => scene(random, 'U8') });
  await tally({ name: 'Gemm U16', count: 16, scene: (random) => scene(random, 'U16') });
  await tally({ name: 'Gemm U16 by S16', count: 16, scene: (random) => scene(random, 'U16', 'S16') });
});

test('conv_transpose is within a step of float', async () => {
  const scene = (random: Random, { input, stored = 'S8', chain = [], i }: { input: CodeType; stored?: 'S8' | 'S16'; chain?: readonly UnaryCall[]; i: number }): Scene => {
    const size = (): number => (i === 0 ? 40 : random.pick([1, 2, 5, 11]));
    const [height, width] = [size(), size()];
    const [inputs, outputs] = [random.pick([1, 3, 16]), random.pick([1, 4, 7])];
    const kernel = i === 0 ? [3, 3] : random.pick([[2, 2], [3, 3], [4, 4], [1, 3], [5, 2]]);
    // Strides beyond the kernel leave outputs that are nothing but bias: one number, many times, which no mean should be taken of.
    const strides = i === 0 ? [2, 2] : random.pick([[2, 2], [1, 1], [3, 2], [4, 4]]);
    // Padding that cuts deeper than the kernel reaches is legal as long as something is left.
    const pads = [0, 1, 2, 3].map((side) => (i % 4 === 3 ? random.whole(0, 4) : random.whole(0, kernel[side % 2]! - 1)));
    const extra = strides.map((stride) => random.whole(0, stride - 1));
    const out = (extent: number, axis: number): number => strides[axis]! * (extent - 1) + extra[axis]! + kernel[axis]! - pads[axis]! - pads[axis + 2]!;
    const shape = [out(height, 0), out(width, 1)];
    if (shape.some((extent) => extent < 1)) return scene(random, { input, stored, chain, i });
    const perOutput = inputs * kernel[0]! * kernel[1]!;
    return {
      kind: 'conv_transpose', attributes: { kernel, strides, pads, output_padding: extra }, bias: true, chain,
      inputs: [{ shape: [2, inputs, height, width], dtype: input }],
      output: { shape: [2, outputs, ...shape], dtype: input },
      weight: { shape: [outputs, inputs, ...kernel], dtype: stored },
      onnxWeight(weight) {
        const area = kernel[0]! * kernel[1]!;
        const data = Float32Array.from(weight, (_, at) => {
          const [c, o, k] = [Math.floor(at / (outputs * area)), Math.floor(at / area) % outputs, at % area];
          return weight[o * perOutput + c * area + k]!;
        });
        return { shape: [inputs, outputs, ...kernel], data };
      },
      head: [{ op: 'ConvTranspose', inputs: ['x0', 'w', 'b'], output: 'h', attributes: { kernel_shape: kernel, strides, pads, output_padding: extra } }],
    };
  };
  await tally({ name: 'conv_transpose U8', count: 24, scene: (random, i) => scene(random, { input: 'U8', i }) });
  await tally({ name: 'conv_transpose U16', count: 24, scene: (random, i) => scene(random, { input: 'U16', i }) });
  await tally({ name: 'conv_transpose U16 by S16', count: 24, scene: (random, i) => scene(random, { input: 'U16', stored: 'S16', i }) });
  await tally({ name: 'conv_transpose sigmoid U8', count: 8, scene: (random, i) => scene(random, { input: 'U8', i, chain: [{ fn: 'sigmoid', args: [] }] }) });
});
