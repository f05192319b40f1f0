// One float pass of one image: what is kept of it, and what is said when a tensor isn't finite.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { bytesOf } from '../../src/base/bytes.ts';
import { digestOf } from '../../src/base/digest.ts';
import type { Event } from '../../src/engine/events.ts';
import { inProcess } from '../../src/engine/executor.ts';
import { startBuild } from '../../src/engine/start.ts';
import type { Artifact } from '../../src/engine/task.ts';
import { blobsOf, writeGraph } from '../../src/graph/record.ts';
import { floatRuntime } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { readSketch } from '../../src/quant/sketch.ts';
import { tasks } from '../../tasks/index.ts';
import { observe } from '../../tasks/observe.ts';
import { modelBytes, type NodeText } from '../onnx/rig.ts';
import { codeDigests } from '../rig/workspace.ts';

const shape = [1, 2, 24, 32]; // 1536 numbers

/** What `observe` makes of one image, or the text of its fault. */
async function observed(nodes: readonly NodeText[], image: Float32Array): Promise<string | [string, string][]> {
  const store = openMemoryStore();
  const kept = (bytes: Uint8Array): Artifact => {
    const digest = digestOf(bytes);
    void store.keep(digest, bytes);
    return { digest, size: bytes.byteLength, refs: [] };
  };
  const file = modelBytes({ opset: 21, nodes, inputs: { x: { dtype: 'FP32', shape } }, outputs: ['y'], weights: { zero: { dtype: 'FP32', shape: [1], numbers: [0] } } });
  const graph = readOnnx(file, { file: 'net.onnx', opOf, keep: (bytes) => kept(bytes).digest });
  const events: Event[] = [];
  const build = startBuild({ store, code: codeDigests(), executor: inProcess({ store, tasks }), workspace: '/', emit: (event) => void events.push(event) });
  const input = { tensor: 'x', dtype: 'FP32', shape, layout: 'NCHW', format: 'Numpy', order: null, calibration: null };
  try {
    const outputs = await build.run(observe, {
      label: '', options: { inputs: [input], runtime: floatRuntime },
      inputs: { graph: { ...kept(writeGraph(graph)), refs: blobsOf(graph) }, entries: [kept(bytesOf(image))] },
    });
    return [...readSketch(await build.read(outputs['sketch']!))].map(([name, { count, min, max }]) => [name, `${count} from ${min} to ${max}`]);
  } catch (error) {
    const fault = events.find((event) => event.event === 'fault');
    if (fault?.event === 'fault') return fault.text;
    throw error;
  } finally {
    await build.close();
  }
}

const ramp = Float32Array.from({ length: 1536 }, (_, i) => i - 36);

test('inputs, large tensors and small ones are all in the sketch', async () => {
  const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['active'] }, { op: 'GlobalAveragePool', inputs: ['active'], outputs: ['mean'] }, { op: 'Mul', inputs: ['x', 'mean'], outputs: ['y'] }];
  const means = [(731 * 732) / 2 / 768, (732 + 1499) / 2].map(Math.fround);
  assert.deepEqual(await observed(nodes, ramp), [
    ['active', '1536 from 0 to 1499'],
    ['mean', `2 from ${means[0]} to ${means[1]}`],
    ['x', '1536 from -36 to 1499'],
    ['y', `1536 from ${Math.fround(-36 * means[0]!)} to ${Math.fround(1499 * means[1]!)}`],
  ]);
});

test('the first tensor that is not finite is named, and where, though a later one is as well', async () => {
  const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['active'] }, { op: 'Div', inputs: ['active', 'zero'], outputs: ['ratio'] }, { op: 'GlobalAveragePool', inputs: ['ratio'], outputs: ['mean'] }, { op: 'Mul', inputs: ['ratio', 'mean'], outputs: ['y'] }];
  assert.equal(await observed(nodes, ramp), `float tensor "ratio" is NaN at [0,0,0,0]
   tensor  FP32[1,2,24,32], 1536 of 1536 values not finite
   try     look for the first tensor that is not finite: a division by zero, an overflow, or calibration data outside of what the model expects`);
});

test('a small tensor that is not finite is named behind large ones that are', async () => {
  const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['active'] }, { op: 'GlobalAveragePool', inputs: ['active'], outputs: ['mean'] }, { op: 'Div', inputs: ['mean', 'zero'], outputs: ['ratio'] }, { op: 'Mul', inputs: ['x', 'ratio'], outputs: ['scaled'] }, { op: 'Relu', inputs: ['scaled'], outputs: ['y'] }];
  const text = await observed(nodes, ramp);
  assert.equal(String(text).split('\n')[0], 'float tensor "ratio" is Infinity at [0,0,0,0]');
});

test('values whose sum overflows are values', async () => {
  const huge = new Float32Array(1536).fill(3e38);
  huge[7] = -3e38;
  const most = Math.fround(3e38);
  assert.deepEqual(await observed([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], huge), [['x', `1536 from ${-most} to ${most}`], ['y', `1536 from 0 to ${most}`]]);
});
