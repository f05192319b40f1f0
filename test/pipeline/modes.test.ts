// enable_tile_mode and enable_slice_mode: what runs again, and that outputs stay.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readContainer } from '../../src/axmodel/read.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { space } from '../../src/npu/isa.ts';
import { readProgram } from '../../src/npu/program.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { chipWith } from '../network/chips.ts';
import { Workspace, type Built } from '../rig/workspace.ts';
import { plain, put, type Settings } from './scene.ts';

/** Little memory and a slow DDR: tensors are large, and moving them is what costs. */
const target = { ...chipWith({ kib: 8 }), ddrBytesPerCycle: 1 };
const alone = { ...plain, range: null };

async function edited(before: Partial<Settings>, after: Partial<Settings>): Promise<{ before: Built; after: Built }> {
  const workspace = new Workspace();
  try {
    put(workspace, { ...alone, ...before });
    const first = await workspace.build({ target });
    put(workspace, { ...alone, ...after });
    const second = await workspace.build({ target });
    assert.deepEqual((await workspace.build({ target, cold: true })).digests, second.digests);
    return { before: first, after: second };
  } finally {
    workspace.remove();
  }
}

async function outputOf({ files }: Built): Promise<Uint8Array> {
  const container = readContainer(files['compiled.axmodel']!, 'compiled.axmodel');
  const bytes = container.tensors['x']!.shape.reduce((a, b) => a * b, container.tensors['x']!.dtype === 'FP32' ? 4 : 1);
  const x = Uint8Array.from({ length: bytes }, (_, i) => (i % 4 === 3 ? 0x3f : (i * 37) & 0x7f));
  const { y } = await runContainer(container, { x }, { simulate: (program, params, inputs) => simulate(program, params, inputs, { strict: true }).outputs });
  return y!;
}

function inside({ files }: Built): number {
  const units = readContainer(files['compiled.axmodel']!, 'compiled.axmodel').chains.flatMap((chain) => chain.units);
  return units.flatMap((unit) => (unit.type === 'NPU' ? readProgram(unit.programs[0]!.program).edges : [])).filter((edge) => edge.space === space.none).length;
}

test('tile mode switched on: chains are planned, the unit is linked again, nothing else; its outputs stay', async () => {
  const { before, after } = await edited({}, { compiler: { enable_tile_mode: true } });
  const { chain, ...rest } = after.ran;
  assert.ok(chain!.length > 0 && chain!.every((label) => / to /.test(label)), chain!.join());
  assert.deepEqual(rest, { link: ['subgraph_npu_0'], link_check: ['subgraph_npu_0'], assemble: [''] });
  assert.ok(inside(after) > 0);
  assert.deepEqual(await outputOf(after), await outputOf(before));
});

test('tile mode switched off: nothing runs', async () => {
  const workspace = new Workspace();
  try {
    for (const compiler of [{}, { enable_tile_mode: true }]) {
      put(workspace, { ...alone, compiler });
      await workspace.build({ target });
    }
    put(workspace, alone);
    assert.deepEqual((await workspace.build({ target })).ran, {});
  } finally {
    workspace.remove();
  }
});

test('tile mode of a sub_config plans chains of that unit alone', async () => {
  const range = { ...plain.range!, options: { enable_tile_mode: true } };
  const { after } = await edited({ range: plain.range }, { range });
  const { chain: _, ...rest } = after.ran;
  assert.ok(Object.values(rest).flat().every((label) => label === '' || label === 'subgraph_npu_1'), JSON.stringify(rest));
});

test('slice mode switched on: every group is tiled again, those whose object changed are checked; outputs stay', async () => {
  const { before, after } = await edited({}, { compiler: { enable_slice_mode: true } });
  assert.deepEqual(after.ran['tile'], ['branch_node', 'concat_node', 'head_conv_node', 'join_node', 'pool_node', 'stem_conv_node', 'x:quantize', 'y:dequantize', 'y_node']);
  assert.deepEqual(Object.keys(after.ran).filter((task) => !['tile', 'check', 'link', 'alone', 'link_check', 'assemble'].includes(task)), []);
  assert.deepEqual(await outputOf(after), await outputOf(before));
});
