// Rows of the table "What may run again" on the detector, cut into three units: the jobs are written by hand, and the bytes are those
// of a cold build.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { openMemoryStore, type MemoryStore } from '../../cache/memory-store.ts';
import type { Json } from '../../src/base/canonical.ts';
import { buildNetwork, type Built } from './networks.ts';

// The same 104 groups on a quarter of the picture; whole in the soak.
const side = process.env['SOAK'] === '1' ? 320 : 160;

const range = { start_tensor_names: ['p2o.Add.43'], end_tensor_names: ['p2o.Add.75'] };
const plain: Readonly<Record<string, Json>> = {
  'input_shapes': `x:1x3x${side}x${side}`,
  'quant.input_configs[0].calibration_size': 4,
  'compiler.check': 2,
  'compiler.sub_configs': [range],
};

let store: MemoryStore;
before(async () => {
  store = openMemoryStore();
  const { container } = await buildNetwork('det', { set: plain }, store);
  assert.deepEqual(container.chains[0]!.units.map(({ name, inputs, outputs }) => [name, ...inputs, '->', ...outputs]), [
    ['subgraph_npu_0', 'x', '->', 'p2o.Add.43', 'p2o.Add.247'],
    ['subgraph_npu_1', 'p2o.Add.43', '->', 'p2o.Add.71', 'p2o.Add.75'],
    ['subgraph_npu_2', 'p2o.Add.71', 'p2o.Add.75', 'p2o.Add.247', '->', 'sigmoid_0.tmp_0'],
  ]);
});

/** Builds the edited configuration on what is there, and once more from nothing. */
async function rebuilt(edit: Readonly<Record<string, Json>>): Promise<Built> {
  const set = { ...plain, ...edit };
  const incremental = await buildNetwork('det', { set }, store);
  const cold = await buildNetwork('det', { set });
  assert.deepEqual(incremental.digests, cold.digests);
  assert.ok(Object.keys(cold.ran).length > 15);
  return incremental;
}

test('det, nothing changed: nothing runs', async () => {
  assert.deepEqual((await buildNetwork('det', { set: plain }, store)).ran, {});
});

test('det, a layer_config on an operator inside of the middle unit: it and the producer of its input, and that unit', async () => {
  const { ran } = await rebuilt({ 'quant.layer_configs': [{ layer_name: 'p2o.Conv.10', data_type: 'U16' }] });
  assert.deepEqual(ran, {
    resolve: [''],
    tile: ['p2o.Conv.10', 'p2o.Conv.9'],
    values: ['p2o.Conv.10', 'p2o.Conv.9'],
    check: ['p2o.Conv.10', 'p2o.Conv.9'],
    link: ['subgraph_npu_1'], alone: ['subgraph_npu_1'], link_check: ['subgraph_npu_1'],
    assemble: [''], export_qdq: [''],
  });
});

test('det, the weights of an operator in sixteen bits: they and its group alone, no neighbour', async () => {
  const { ran } = await rebuilt({ 'quant.layer_configs': [{ layer_name: 'p2o.Conv.10', weight_data_type: 'S16' }] });
  assert.deepEqual(ran, {
    resolve: [''],
    weights: ['p2o.Conv.10 weight'],
    tile: ['p2o.Conv.10'], values: ['p2o.Conv.10'], check: ['p2o.Conv.10'],
    link: ['subgraph_npu_1'], alone: ['subgraph_npu_1'], link_check: ['subgraph_npu_1'],
    assemble: [''], qdq_weights: [''], export_qdq: [''],
  });
});

test('det, the end of the network in FP32: its last groups, and the unit that they are in', async () => {
  const { ran } = await rebuilt({ 'quant.layer_configs': [{ op_type: 'Sigmoid', data_type: 'FP32' }] });
  assert.deepEqual(ran, {
    resolve: [''],
    tile: ['p2o.ConvTranspose.2', 'sigmoid_0.tmp_0:dequantize'],
    values: ['p2o.ConvTranspose.2', 'sigmoid_0.tmp_0:dequantize'],
    check: ['p2o.ConvTranspose.2', 'sigmoid_0.tmp_0:dequantize'],
    link: ['subgraph_npu_2'], alone: ['subgraph_npu_2'], link_check: ['subgraph_npu_2'],
    assemble: [''], export_qdq: [''],
  });
});

test('det, an option of the sub_config that only checks: the checks of its unit', async () => {
  const { ran } = await rebuilt({ 'compiler.sub_configs': [{ ...range, check: 3 }] });
  assert.deepEqual(ran, { check: ['p2o.Conv.10', 'p2o.Conv.11', 'p2o.Conv.7', 'p2o.Conv.8', 'p2o.Conv.9'], link_check: ['subgraph_npu_1'] });
});
