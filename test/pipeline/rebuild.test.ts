// What may run again (ARCHITECTURE.md, DESIGN's acceptance table), on a small network: every set of jobs below is written by hand, and after
// every row the outputs are byte for byte those of a cold build of the new state.
import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Workspace, ax650, codeDigests, type BuildHow, type Built } from '../rig/workspace.ts';
import { manifestOf, plain, put, type Settings } from './scene.ts';

const everyGroup = ['branch_node', 'concat_node', 'head_conv_node', 'join_node', 'left_node', 'pool_node', 'right_node', 'stem_conv_node', 'x:quantize', 'y:dequantize', 'y_node'];

/** Builds `before`, lets `edit` happen, builds again, and compares with a cold build. */
async function row(before: Partial<Settings>, edit: (workspace: Workspace) => void | Partial<Settings>, how: BuildHow = {}): Promise<Built> {
  const workspace = new Workspace();
  try {
    put(workspace, { ...plain, ...before });
    await workspace.build();
    const after = edit(workspace);
    if (after !== undefined) put(workspace, { ...plain, ...before, ...after });
    const incremental = await workspace.build(how);
    const cold = await workspace.build({ ...how, cold: true });
    assert.deepEqual(incremental.digests, cold.digests);
    return incremental;
  } finally {
    workspace.remove();
  }
}

test('a cold build runs every job once, and groups that are alike are planned once', async () => {
  const workspace = new Workspace();
  try {
    put(workspace, plain);
    const { ran } = await workspace.build();
    assert.deepEqual(ran, {
      scan: [''], load: [''], optimise: [''], fuse: [''], unpack: ['images.tar'],
      observe: ['image_000.npy', 'image_001.npy', 'image_002.npy'], sample: [''], merge: [''], resolve: [''], partition: [''],
      // left and right have one structure and share their weights.
      tile: ['branch_node', 'concat_node', 'head_conv_node', 'join_node', 'pool_node', 'stem_conv_node', 'x:quantize', 'y:dequantize', 'y_node'],
      weights: ['branch_node weight', 'head_conv_node weight', 'left_node weight', 'stem_conv_node weight', 'y_node weight'],
      values: everyGroup, check: everyGroup,
      link: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'], alone: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'], link_check: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'],
      assemble: [''], export: [''], qdq_weights: [''], export_qdq: [''],
    });
  } finally {
    workspace.remove();
  }
});

test('nothing changed: nothing runs', async () => {
  assert.deepEqual((await row({}, () => undefined)).ran, {});
});

test('files touched: nothing runs', async () => {
  const { ran } = await row({}, (workspace) => {
    for (const name of ['axbuild.yaml', 'small.onnx', 'images.tar']) utimesSync(join(workspace.folder, name), 1_000_000, 1_000_000);
  });
  assert.deepEqual(ran, {});
});

test('configuration commented, reformatted, its keys in another order: nothing runs', async () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(reversed) : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).reverse().map(([key, member]) => [key, reversed(member)])) : value;
  const { ran } = await row({}, (workspace) => {
    workspace.write('axbuild.yaml', `# the same, said otherwise\n${JSON.stringify(reversed(manifestOf(plain)))}\n`);
  });
  assert.deepEqual(ran, {});
});

test('a layer_config on an interior operator: its group, the producer of its input and its fellow readers; its unit', async () => {
  // branch reads stem, which join reads as well; all of them are in the first unit.
  const { ran } = await row({}, () => ({ layers: [{ layer_name: 'branch_node', data_type: 'U16' }] }));
  assert.deepEqual(ran, {
    resolve: [''],
    tile: ['branch_node', 'join_node', 'stem_conv_node'],
    values: ['branch_node', 'join_node', 'stem_conv_node'],
    check: ['branch_node', 'join_node', 'stem_conv_node'],
    link: ['subgraph_npu_0'], alone: ['subgraph_npu_0'], link_check: ['subgraph_npu_0'],
    assemble: [''], export_qdq: [''],
  });
});

test("a layer_config on a unit's entry operator: also the group in the other unit that produces its input", async () => {
  // pool's input is head's output; head_conv is where the last unit begins, pool comes second.
  const { ran } = await row({ range: { start: ['concat'], end: ['head'], options: {} } }, () => ({
    range: { start: ['concat'], end: ['head'], options: {} },
    layers: [{ layer_name: 'pool_node', data_type: 'U16' }],
  }));
  assert.deepEqual(ran, {
    resolve: [''],
    tile: ['head_conv_node', 'pool_node'],
    values: ['head_conv_node', 'pool_node'],
    check: ['head_conv_node', 'pool_node'],
    link: ['subgraph_npu_1', 'subgraph_npu_2'], alone: ['subgraph_npu_1', 'subgraph_npu_2'], link_check: ['subgraph_npu_1', 'subgraph_npu_2'],
    assemble: [''], export_qdq: [''],
  });
});

test('a layer_config on a reader of an alignment group: every group that the alignment touches', async () => {
  // head_conv reads concat, whose inputs join, left and right share its type, scale and zero across the cut.
  const { ran } = await row({}, () => ({ layers: [{ layer_name: 'head_conv_node', data_type: 'U16' }] }));
  assert.deepEqual(ran, {
    resolve: [''],
    // left and right still have one structure.
    tile: ['concat_node', 'head_conv_node', 'join_node', 'left_node'],
    values: ['concat_node', 'head_conv_node', 'join_node', 'left_node', 'right_node'],
    check: ['concat_node', 'head_conv_node', 'join_node', 'left_node', 'right_node'],
    link: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'], alone: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'], link_check: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'],
    assemble: [''], export_qdq: [''],
  });
});

test('an option of a sub_config that only checks: the check of that unit', async () => {
  const { ran } = await row({}, () => ({ range: { ...plain.range!, options: { check: 3 } } }));
  assert.deepEqual(ran, { check: ['left_node', 'right_node'], link_check: ['subgraph_npu_1'] });
});

test('the range of a sub_config: partition, and the units whose content changed', async () => {
  const { ran } = await row({}, () => ({ range: { ...plain.range!, end: ['left'] } }));
  // right moves from the middle into the last unit; the first unit stays as it is.
  assert.deepEqual(ran, { partition: [''], link: ['subgraph_npu_1', 'subgraph_npu_2'], alone: ['subgraph_npu_1', 'subgraph_npu_2'], link_check: ['subgraph_npu_1', 'subgraph_npu_2'], assemble: [''] });
});

test('a calibration image added that widens every range: its float pass, the merge, and all that holds numbers', async () => {
  const { ran } = await row({}, () => ({ images: [0, 1, 2, 100] }));
  assert.deepEqual(ran, {
    unpack: ['images.tar'], observe: ['image_100.npy'], merge: [''], resolve: [''],
    values: everyGroup, check: everyGroup,
    link: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'], alone: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'], link_check: ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'],
    assemble: [''], export_qdq: [''],
  });
});

test('a calibration image added that widens no range: nothing behind resolve', async () => {
  const { ran } = await row({ images: [0, 1, 100] }, () => ({ images: [0, 1, 2, 100] }));
  assert.deepEqual(ran, { unpack: ['images.tar'], observe: ['image_002.npy'], merge: [''], resolve: [''] });
});

test('a calibration image removed that held no extreme: nothing but the merge', async () => {
  const { ran } = await row({ images: [0, 1, 2, 100] }, () => ({ images: [0, 1, 100] }));
  assert.deepEqual(ran, { unpack: ['images.tar'], merge: [''], resolve: [''] });
});

/** Everything behind the cut but values: code that rates changed is checked again. */
const planning = ['alone', 'assemble', 'check', 'link', 'link_check', 'tile'];

test('the mode: plans; objects that come out the same are not checked again, and nothing is optimised, calibrated or quantised', async () => {
  const { ran } = await row({}, () => ({ mode: 'NPU2' }));
  assert.deepEqual(Object.keys(ran).sort(), ['assemble', 'link', 'link_check', 'tile']);
  assert.deepEqual(ran['tile'], ['branch_node', 'concat_node', 'head_conv_node', 'join_node', 'pool_node', 'stem_conv_node', 'x:quantize', 'y:dequantize', 'y_node']);
  assert.deepEqual(ran['link'], ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2']);
});

test('another chip that has the same operators: the same', async () => {
  const other = { ...ax650(), name: 'OTHER', ddrBytesPerCycle: 5 };
  const { ran } = await row({}, () => undefined, { target: other });
  assert.deepEqual(Object.keys(ran).sort(), planning);
});

test('a limit of the DDR: links alone, since nothing is planned by it', async () => {
  const { ran } = await row({}, () => ({ compiler: { ddr_bw_limit: 4 } }));
  assert.deepEqual(Object.keys(ran).sort(), ['assemble', 'link', 'link_check']);
});

test('a chip that lacks an operator: other groups, from the same float passes', async () => {
  const lacking = { ...ax650(), unsupported: ['HardSwish'] };
  const { ran } = await row({}, () => undefined, { target: lacking });
  for (const task of ['scan', 'load', 'optimise', 'unpack', 'observe', 'merge']) assert.equal(ran[task], undefined, task);
  assert.deepEqual(ran['cpu'], ['subgraph_cpu_3']);
});

test("the code of an operator that the network doesn't use: nothing runs", async () => {
  const { ran } = await row({}, () => undefined, { code: codeDigests(['ops/Softmax', 'kinds/softmax', 'lower/softmax', 'ops/MaxPool', 'kinds/max_pool', 'lower/max_pool']) });
  assert.deepEqual(ran, {});
});

test("the code of an operator that it uses: that operator's jobs, cut off where results agree", async () => {
  const { ran } = await row({}, () => undefined, { code: codeDigests(['kinds/mean']) });
  assert.deepEqual(ran, { values: ['pool_node'], check: ['pool_node'] });
});

test('an unrelated operator in front of everything: the unit it falls into is linked again, later units are hits', async () => {
  const { ran } = await row({}, () => ({ network: { front: true } }));
  const { scan, load, optimise, fuse, observe, sample, merge, resolve, partition, assemble, export: exported, qdq_weights: codes, export_qdq: standard, ...compiled } = ran;
  for (const whole of [scan, load, optimise, fuse, sample, merge, resolve, partition, assemble, exported, codes, standard]) assert.deepEqual(whole, ['']);
  assert.equal(observe?.length, 3);
  assert.deepEqual(compiled, {
    tile: ['front:dequantize', 'front_node'], values: ['front:dequantize', 'front_node'], check: ['front:dequantize', 'front_node'],
    link: ['subgraph_npu_0'], alone: ['subgraph_npu_0'], link_check: ['subgraph_npu_0'],
  });
});
