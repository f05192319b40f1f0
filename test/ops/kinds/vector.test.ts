// eltwise, unary, pools and means against float operators in ONNX Runtime.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { UnaryCall } from '../../../src/ops/group.ts';
import { kindOf } from '../../../src/ops/kinds/index.ts';
import { runQuantised, type FloatNode } from './oracle.ts';
import { Random } from './random.ts';
import { play, quantFor, structureOf, type CodeType, type Scene } from './rig.ts';
import { tally } from './tally.ts';

const onnxOf: Readonly<Record<string, string>> = { add: 'Add', sub: 'Sub', mul: 'Mul' };

interface Pair {
  readonly op: string;
  readonly a: CodeType;
  readonly b?: CodeType;
  readonly entry?: CodeType;
  readonly output?: CodeType;
  readonly chain?: readonly UnaryCall[];
  /** All edges are. */
  readonly signed?: boolean;
  readonly large?: boolean;
}

function eltwiseScene(random: Random, { op, a, b = a, entry, output = a, chain = [], signed = false, large = false }: Pair): Scene {
  const [n, c, h, w] = large ? [1, 16, 40, 41] : [random.pick([1, 2]), random.pick([1, 3, 16]), random.pick([1, 7, 20]), random.pick([1, 5, 20])];
  const full = [n, c, h, w];
  const side = large ? full : random.pick([full, full, [1, c, 1, 1], [n, c, 1, w], [1, 1, h, 1], [1, 1, 1, 1]]);
  const [first, second] = random.unit() < 0.5 ? [full, side] : [side, full];
  return {
    kind: 'eltwise', attributes: { op }, chain,
    inputs: [{ shape: first, dtype: a, signed, ...(entry && { entry }) }, { shape: second, dtype: b, signed, ...(entry && b !== entry && { entry }) }],
    output: { shape: full, dtype: output, signed },
    head: [{ op: onnxOf[op]!, inputs: ['x0', 'x1'], output: 'h' }],
  };
}

for (const op of ['add', 'sub', 'mul']) {
  test(`${op} is within a step of float, with broadcasting`, async () => {
    const types: readonly Pair[] = [{ op, a: 'U8' }, { op, a: 'U16' }, { op, a: 'U8', b: 'U16' }, { op, a: 'U16', output: 'U8' }, { op, a: 'U8', output: 'U16' }, { op, a: 'U8', signed: true }, { op, a: 'U16', signed: true }];
    for (const pair of types) {
      await tally({ name: `${op} ${pair.a} ${pair.b ?? pair.a} ${pair.output ?? pair.a}`, scene: (random, i) => eltwiseScene(random, { ...pair, large: i === 0 }) });
    }
  });
}

test('eltwise with a fused chain is within a step of float', async () => {
  const relu: UnaryCall = { fn: 'relu', args: [] };
  const chains: readonly (readonly [string, readonly UnaryCall[]])[] = [
    ['add', [relu]],
    ['sub', [relu, { fn: 'clip', args: [-1, 2] }]],
    ['add', [{ fn: 'hard_swish', args: [] }]],
    ['add', [{ fn: 'sigmoid', args: [] }]],
    ['mul', [{ fn: 'affine', args: [-1.5, 0.3] }]],
    ['mul', [{ fn: 'hard_sigmoid', args: [0.2, 0.5] }]],
  ];
  for (const [op, chain] of chains) {
    for (const a of ['U8', 'U16'] as const) {
      await tally({ name: `${op} ${chain.map(({ fn }) => fn).join(', ')} ${a}`, count: 6, scene: (random, i) => eltwiseScene(random, { op, a, chain, large: i === 0 }) });
    }
  }
});

test('a 16-bit input that enters as 8 bits is computed as 8 bits', async () => {
  await tally({ name: 'mul U16 as U8', count: 6, scene: (random, i) => eltwiseScene(random, { op: 'mul', a: 'U16', b: 'U8', entry: 'U8', output: 'U8', large: i === 0 }) });
  await tally({ name: 'add U16 as U8', count: 6, scene: (random, i) => eltwiseScene(random, { op: 'add', a: 'U16', entry: 'U8', output: 'U8', large: i === 0 }) });
});

const functions: readonly (readonly UnaryCall[])[] = [
  [],
  [{ fn: 'sigmoid', args: [] }],
  [{ fn: 'hard_swish', args: [] }],
  [{ fn: 'tanh', args: [] }, { fn: 'affine', args: [0.5, 0.5] }],
  [{ fn: 'gelu', args: [] }],
  [{ fn: 'relu', args: [] }],
  [{ fn: 'leaky_relu', args: [0.2] }],
];

test('unary is within a step of float, exact tables for 8 bits and pieces for 16', async () => {
  for (const chain of functions) {
    for (const [input, entry, output] of [['U8', 'U8', 'U8'], ['U8', 'U8', 'U16'], ['U16', 'U16', 'U16'], ['U16', 'U16', 'U8'], ['U16', 'U8', 'U8']] as const) {
      const scene = (random: Random): Scene => ({
        kind: 'unary', attributes: {}, chain,
        inputs: [{ shape: [3, random.pick([1, 30, 2000])], dtype: input, ...(entry !== input && { entry }) }],
        output: { shape: [0, 0], dtype: output },
        head: [{ op: 'Identity', inputs: ['x0'], output: 'h' }],
      });
      const shaped = (random: Random): Scene => {
        const made = scene(random);
        return { ...made, output: { ...made.output, shape: made.inputs[0]!.shape } };
      };
      const outcomes = await tally({ name: `unary ${chain.map(({ fn }) => fn).join(', ') || 'requantise'} ${input} as ${entry} to ${output}`, count: 8, scene: shaped });
      // A step off at a tie is one of 256 codes; more would be another rounding.
      const off = outcomes.flatMap(({ codes, expected }) => [...expected].filter((want, i) => want !== codes.data[i])).length;
      const all = outcomes.reduce((sum, { expected }) => sum + expected.length, 0);
      assert.ok(off < 0.01 * all, `${off} of ${all} codes are a step off`);
    }
  }
});

test('a square root is exact on 8 bits and refused on 16, where pieces miss it near 0', async () => {
  const scene = (dtype: CodeType): Scene => ({
    kind: 'unary', attributes: {}, chain: [{ fn: 'sqrt', args: [] }],
    inputs: [{ shape: [256], dtype, range: [0, 4] }], output: { shape: [256], dtype },
    head: [{ op: 'Identity', inputs: ['x0'], output: 'h' }],
  });
  await tally({ name: 'sqrt U8', count: 2, scene: () => scene('U8') });
  await assert.rejects(play(scene('U16'), new Random(1)), (error: Error) => {
    assert.match(error.message, /^a table of 4096 pieces can't follow sqrt\n {3}error {2}\d+\.\d of 65535 steps of the output, near x = \S+\n {3}limit {2}0\.5 steps\n {3}try {4}give this operator 8 bits, or let it run on the CPU$/);
    return error.name === 'Fault';
  });
});

interface Pool {
  readonly kind: 'max_pool' | 'avg_pool';
  readonly input: CodeType;
  readonly entry?: CodeType;
  readonly output?: CodeType;
  readonly chain?: readonly UnaryCall[];
  readonly large?: boolean;
}

function poolScene(random: Random, { kind, input, entry, output = entry ?? input, chain = [], large = false }: Pool): Scene {
  const size = (): number => (large ? 60 : random.pick([1, 2, 5, 13, 20]));
  const [height, width] = [size(), size()];
  const kernel = random.pick([[2, 2], [3, 3], [1, 4], [5, 3]]);
  const strides = large ? [1, 1] : random.pick([[1, 1], [2, 2], [3, 1], [5, 4]]);
  const dilations = kind === 'max_pool' ? random.pick([[1, 1], [2, 1], [2, 2]]) : [1, 1];
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]! + 1);
  const pads = [0, 1, 2, 3].map((side) => random.whole(0, kernel[side % 2]! - 1));
  const out = (extent: number, i: number): number => Math.floor((extent + pads[i]! + pads[i + 2]! - reach[i]!) / strides[i]!) + 1;
  const shape = [out(height, 0), out(width, 1)];
  if (shape.some((extent) => extent < 1)) return poolScene(random, { kind, input, ...(entry && { entry }), output, chain, large });
  const channels = large ? 8 : random.pick([1, 3, 8]);
  const common = { kernel_shape: kernel, strides, pads };
  const node: FloatNode = kind === 'max_pool'
    ? { op: 'MaxPool', inputs: ['x0'], output: 'h', attributes: { ...common, dilations } }
    : { op: 'AveragePool', inputs: ['x0'], output: 'h', attributes: { ...common, count_include_pad: 1 } };
  return {
    kind, attributes: { kernel, strides, dilations, pads }, chain, shares: kind === 'max_pool',
    inputs: [{ shape: [2, channels, height, width], dtype: input, ...(entry && { entry }) }],
    output: { shape: [2, channels, ...shape], dtype: output },
    head: [node],
  };
}

test('max_pool equals float', async () => {
  for (const input of ['U8', 'U16'] as const) {
    const outcomes = await tally({ name: `max_pool ${input}`, count: 24, scene: (random, i) => poolScene(random, { kind: 'max_pool', input, large: i === 0 }) });
    for (const { histogram } of outcomes) assert.deepEqual([...histogram.keys()], [0]);
  }
  await tally({ name: 'max_pool U16 as U8', scene: (random, i) => poolScene(random, { kind: 'max_pool', input: 'U16', entry: 'U8', large: i === 0 }) });
});

test('avg_pool is within a step of float', async () => {
  for (const input of ['U8', 'U16'] as const) {
    await tally({ name: `avg_pool ${input}`, count: 24, scene: (random, i) => poolScene(random, { kind: 'avg_pool', input, large: i === 0 }) });
    await tally({ name: `avg_pool ${input} sigmoid`, count: 8, scene: (random, i) => poolScene(random, { kind: 'avg_pool', input, chain: [{ fn: 'sigmoid', args: [] }], large: i === 0 }) });
  }
  await tally({ name: 'avg_pool U8 to U16', scene: (random, i) => poolScene(random, { kind: 'avg_pool', input: 'U8', output: 'U16', large: i === 0 }) });
});

test('mean is within a step of float', async () => {
  const scene = (random: Random, { input, output, i }: { input: CodeType; output: CodeType; i: number }): Scene => {
    const shape = [2, i === 0 ? 400 : random.pick([1, 5, 40]), random.pick([1, 3, 17]), random.pick([1, 8, 31])];
    return {
      kind: 'mean', attributes: {}, inputs: [{ shape, dtype: input }], output: { shape: [shape[0]!, shape[1]!, 1, 1], dtype: output },
      chain: i % 3 === 2 ? [{ fn: 'hard_sigmoid', args: [0.2, 0.5] }] : [],
      head: [{ op: 'GlobalAveragePool', inputs: ['x0'], output: 'h' }],
    };
  };
  for (const [input, output] of [['U8', 'U8'], ['U16', 'U16'], ['U16', 'U8'], ['U8', 'U16']] as const) {
    await tally({ name: `mean ${input} to ${output}`, count: 15, scene: (random, i) => scene(random, { input, output, i }) });
  }
});

test('softmax is within a step of float, for few classes and for thousands', async () => {
  for (const dtype of ['U8', 'U16'] as const) {
    const scene = (random: Random, i: number): Scene => {
      const shape = i === 0 ? [20, 2000] : i === 1 ? [3, 6625] : random.pick([[1, 1], [5, 2], [2, 3, 10], [4, 1000]]);
      const size = random.pick([0.5, 4, 15, 40]);
      return {
        kind: 'softmax', attributes: { axis: shape.length - 1 },
        inputs: [{ shape, dtype, range: [-size, size] }], output: { shape, dtype },
        quant: { scale: Math.fround(1 / (dtype === 'U8' ? 255 : 65535)), zero: 0 },
        head: [{ op: 'Softmax', inputs: ['x0'], output: 'h', attributes: { axis: -1 } }],
      };
    };
    await tally({ name: `softmax ${dtype}`, count: 24, scene });
  }
});

test('thousands of tiny classes count in a 16-bit softmax', async () => {
  const shape = [1, 6625];
  const quant = quantFor([-20, 0], 'U16');
  // All but one at -17: together 2.7e-4, which is 18 steps.
  const codes = { shape, data: Uint16Array.from({ length: 6625 }, (_, i) => (i === 4000 ? 65535 : Math.round(3 / quant.scale))) };
  const output = { scale: Math.fround(1 / 65535), zero: 0 };
  const structure = structureOf({ kind: 'softmax', attributes: { axis: 1 }, inputs: [{ shape, dtype: 'U16' }], output: { shape, dtype: 'U16' }, head: [] });
  const params = kindOf('softmax').params(structure, { inputs: [quant], entries: [quant], output, chain: [], floats: {}, lists: {} }, {}, () => new Uint8Array());
  const expected = await runQuantised(
    { inputs: [{ codes, quant }], nodes: [{ op: 'Softmax', inputs: ['x0'], output: 'y', attributes: { axis: -1 } }], constants: {} },
    { dtype: 'U16', quant: output },
  );
  assert.equal(expected[4000], 65517);
  assert.deepEqual(kindOf('softmax').integer(structure, params, [codes]).data, expected);
});
