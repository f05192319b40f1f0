// Running a container: units in order, bytes in the order of each edge.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileNameOf, fileNamesOf } from '../../src/axmodel/files.ts';
import { readContainer } from '../../src/axmodel/read.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { writeContainer } from '../../src/axmodel/write.ts';
import { sample, simulate } from './rig.ts';

const container = readContainer(writeContainer(sample()), 'compiled.axmodel');
const x = Uint8Array.from({ length: 12 }, (_, i) => i);

test('NPU, CPU, NPU: every unit sees what the one before it made', async () => {
  const { y } = await runContainer(container, { x }, { simulate });
  // +10; then, with bytes as N, H, W, C: the two channels change places, and what is the first now gets 1; then +100.
  const expected = x.map((_, i) => x[i ^ 1]! + 10 + (i % 2 === 0 ? 1 : 0) + 100);
  assert.deepEqual(y, expected);
});

test('tensors between units can be asked for', async () => {
  const found = await runContainer(container, { x }, { simulate, outputs: ['op_1:out', 'y'] });
  assert.deepEqual(Object.keys(found), ['op_1:out', 'y']);
  assert.deepEqual(found['op_1:out'], x.map((byte) => byte + 10));
});

test('nine samples run as four, four and one', async () => {
  const many = Uint8Array.from({ length: 9 * 6 }, (_, i) => i);
  const runs: string[] = [];
  const { y_1 } = await runContainer(container, { x_1: many }, { simulate, group: 1, samples: 9, onBatch: ({ batch, samples }) => runs.push(`${samples} of ${batch}`) });
  assert.deepEqual(runs, ['4 of 4', '4 of 4', '1 of 1']);
  assert.deepEqual(y_1, many.map((byte) => byte + 10));
});

test('a chain without a small batch fills it up', async () => {
  const [first, second] = container.chains;
  const [unit] = second!.units;
  assert.ok(unit?.type === 'NPU');
  const chains = [first!, { ...second!, units: [{ ...unit, programs: unit.programs.filter(({ batch }) => batch === 4) }] }];
  const { y_1 } = await runContainer({ ...container, chains }, { x_1: Uint8Array.from({ length: 18 }, () => 1) }, { simulate, group: 1, samples: 3 });
  assert.deepEqual(y_1, Uint8Array.from({ length: 18 }, () => 11));
});

test('a group that is not there is a fault', async () => {
  await assert.rejects(runContainer(container, {}, { simulate, group: 2 }), { name: 'Fault', message: 'this model has no group 2\n   known  0, 1' });
});

test('inputs that do not fit are a fault', async () => {
  await assert.rejects(runContainer(container, {}, { simulate }), { name: 'Fault', message: 'input "x" is missing\n   needs  U8 [1, 2, 2, 3], 12 bytes' });
  await assert.rejects(runContainer(container, { x: x.subarray(1) }, { simulate }), { name: 'Fault', message: 'input "x" has 11 bytes\n   needs  U8 [1, 2, 2, 3], 12 bytes' });
  await assert.rejects(runContainer(container, { x, z: x }, { simulate }), { name: 'Fault', message: 'the model has no input "z"\n   known  x' });
});

test('a unit that gives too little is a fault', async () => {
  await assert.rejects(runContainer(container, { x }, { simulate: () => [Uint8Array.of(1)] }), { name: 'Fault', message: 'unit "subgraph_npu_0" gives 1 bytes for "op_1:out"\n   needs  12 bytes' });
});

test('a CPU model that does not fit its unit is a fault', async () => {
  const units = container.chains[0]!.units.map((unit) => (unit.type === 'CPU' ? { ...unit, inputs: ['op_1:out', 'x'] } : unit));
  const chains = [{ ...container.chains[0]!, units }];
  await assert.rejects(runContainer({ ...container, chains }, { x }, { simulate }), { name: 'Fault', message: 'the model of unit "subgraph_cpu_1" does not fit it\n   unit   op_1:out, x -> mid\n   model  in -> out' });
});

test('files are named for their tensors', () => {
  assert.equal(fileNameOf('op_5:AxConv/out.0', '.bin'), 'op_5_AxConv_out_0.bin');
  assert.deepEqual(fileNamesOf(['a', 'b:c'], '.npy'), new Map([['a', 'a.npy'], ['b:c', 'b_c.npy']]));
  assert.throws(() => fileNamesOf(['a.b', 'a:b'], '.bin'), { message: 'two tensors would share the file a_b.bin\n   tensors  a.b, a:b\n   try      rename one in the model' });
});
