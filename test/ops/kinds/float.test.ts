// FP32 groups against the same operators in ONNX Runtime, and their exp against the real one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exp } from '../../../src/base/real.ts';
import { elements } from '../../../src/base/dtype.ts';
import type { Codes, Edge, EdgeType, GroupStructure, Quant, UnaryCall } from '../../../src/ops/group.ts';
import { exponential, floatFunctions } from '../../../src/ops/kinds/float-functions.ts';
import { kindOf } from '../../../src/ops/kinds/index.ts';
import { readParams, writeParams } from '../../../src/ops/kinds/params-pack.ts';
import { chainNodes, runFloat, type CodedInput, type FloatNode } from './oracle.ts';
import { Random, seed } from './random.ts';
import { quantFor } from './rig.ts';

test('exp is right to ten digits, which f32 can not tell from all of them', () => {
  for (let x = -100; x <= 100; x += 0.0137) assert.ok(Math.abs(exponential(x) / exp(x) - 1) < 1e-10, `${x}`);
  assert.deepEqual([exponential(0), exponential(-1000), exponential(1000)], [1, exponential(-100), exponential(100)]);
});

test('functions at their corners', () => {
  const at = (name: string, xs: readonly number[], a = 0, b = 0): number[] => xs.map((x) => Math.fround(floatFunctions[name]!(x, a, b)));
  assert.deepEqual(at('relu', [-2, -0, 3]), [0, 0, 3]);
  assert.deepEqual(at('clip', [-2, 0.5, 9], -1, 6), [-1, 0.5, 6]);
  assert.deepEqual(at('leaky_relu', [-4, 0, 4], 0.25), [-1, 0, 4]);
  assert.deepEqual(at('sigmoid', [0, 200, -200]), [0.5, 1, Math.fround(exp(-100))]);
  assert.deepEqual(at('hard_sigmoid', [-3, 0, 1, 9], 0.25, 0.5), [0, 0.5, 0.75, 1]);
  assert.deepEqual(at('hard_swish', [-3, 0, 3, 5]), [-0, 0, 3, 5]);
  assert.deepEqual(at('reciprocal', [4, -0.5], 2), [0.5, -4]);
});

interface Choice {
  readonly kind: string;
  readonly op?: string;
  readonly shapes: readonly (readonly number[])[];
  readonly types: readonly EdgeType[];
  readonly output: readonly number[];
  readonly head: readonly FloatNode[];
  readonly chain?: readonly UnaryCall[];
  readonly attributes?: GroupStructure['attributes'];
}

/** What the group makes of random inputs, as floats, beside what ONNX Runtime does. */
async function both(choice: Choice, outType: EdgeType, random: Random): Promise<{ got: Codes; due: Float32Array; quant: Quant | null }> {
  const { kind, op, shapes, types, output, head, chain = [], attributes = {} } = choice;
  const edge = (shape: readonly number[], dtype: EdgeType): Edge => ({ shape, dtype, layout: shape.length === 4 ? 'nhwc' : 'plain' });
  const quants = types.map((dtype) => (dtype === 'FP32' ? null : quantFor([-4, 6], dtype)));
  const codes = shapes.map((shape, i): Codes => {
    const length = elements(shape);
    if (types[i] === 'FP32') return { shape, data: Float32Array.from({ length }, () => random.between(-4, 6)) };
    const top = types[i] === 'U8' ? 255 : 65535;
    const data = Uint16Array.from({ length }, () => random.whole(0, top));
    return { shape, data: top === 255 ? Uint8Array.from(data) : data };
  });
  const { nodes, constants } = chainNodes(chain, 'h', 'y');
  // ONNX Runtime dequantises the codes itself.
  const inputs = codes.map((code, i): CodedInput => ({ codes: code, quant: quants[i] ?? { scale: 1, zero: 0 } }));
  const due = await runFloat({ inputs, nodes: [...head, ...nodes], constants });
  const quant = outType === 'FP32' ? null : quantFor([due.reduce((a, b) => Math.min(a, b), 0), due.reduce((a, b) => Math.max(a, b), 0)], outType);
  const structure: GroupStructure = {
    kind, attributes: { ...attributes, ...(op !== undefined && { op }), functions: chain.map(({ fn }) => fn).join(' ') },
    inputs: shapes.map((shape, i) => edge(shape, types[i]!)), entries: types.map((): EdgeType => 'FP32'), output: edge(output, outType), constants: {}, epilogue: 'float',
  };
  const values = { inputs: quants, entries: types.map(() => null), output: quant, chain, floats: {}, lists: {} };
  const params = readParams(writeParams(kindOf(kind).params(structure, values, {}, () => new Uint8Array(0))));
  return { got: kindOf(kind).integer(structure, params, codes), due, quant };
}

const full = [1, 5, 7, 9];
const unary = (chain: readonly UnaryCall[], types: readonly EdgeType[] = ['U8']): Choice => ({ kind: 'unary', shapes: [full], types, output: full, head: [{ op: 'Identity', inputs: ['x0'], output: 'h' }], chain });
const pair = (op: string, node: string, second: readonly number[], types: readonly EdgeType[]): Choice => ({
  kind: 'eltwise', op, shapes: [full, second], types, output: full, head: [{ op: node, inputs: ['x0', 'x1'], output: 'h' }], chain: [{ fn: 'relu', args: [] }],
});

const choices: readonly (readonly [string, Choice])[] = [
  ['Add', pair('add', 'Add', full, ['U8', 'U16'])],
  ['Sub with broadcasting', pair('sub', 'Sub', [1, 5, 1, 1], ['FP32', 'U8'])],
  ['Mul', pair('mul', 'Mul', full, ['FP32', 'FP32'])],
  ['Sigmoid', unary([{ fn: 'sigmoid', args: [] }])],
  ['LeakyRelu', unary([{ fn: 'leaky_relu', args: [0.1] }], ['U16'])],
  ['Div by a constant, then Sigmoid', unary([{ fn: 'affine', args: [1 / 3, 0] }, { fn: 'sigmoid', args: [] }])],
  ['HardSwish and Clip', unary([{ fn: 'hard_swish', args: [] }, { fn: 'clip', args: [-1, 2] }])],
  ['SiLU', unary([{ fn: 'silu', args: [] }])],
  ['Softmax', { kind: 'softmax', shapes: [[3, 40]], types: ['U16'], output: [3, 40], head: [{ op: 'Softmax', inputs: ['x0'], output: 'h', attributes: { axis: -1 } }], attributes: { axis: 1 } }],
];

for (const [name, choice] of choices) {
  test(`${name} in FP32 is float, but for roundings; and within a step of it as codes`, async () => {
    for (let i = 0; i < 4; i++) {
      const { got, due } = await both(choice, 'FP32', new Random(seed * 100 + i));
      const most = due.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      due.forEach((want, at) => assert.ok(Math.abs(got.data[at]! - want) <= 4e-7 * Math.max(most, 1), `[${at}] ${got.data[at]} instead of ${want}`));
      for (const outType of ['U8', 'U16'] as const) {
        const coded = await both(choice, outType, new Random(seed * 100 + i));
        const { scale, zero } = coded.quant!;
        coded.due.forEach((want, at) => {
          const code = Math.round(want / scale) + zero;
          assert.ok(Math.abs(coded.got.data[at]! - code) <= 1, `${outType} [${at}] ${coded.got.data[at]} instead of ${code}`);
        });
      }
    }
  });
}
