// Batches and groups of input shapes: what each of them makes run, and that what comes out is one network, whatever the size.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readContainer } from '../../src/axmodel/read.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import type { Container } from '../../src/axmodel/container.ts';
import { bytesOf } from '../../src/base/bytes.ts';
import { readProgram } from '../../src/npu/program.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { smallImage } from '../rig/network.ts';
import { Workspace, ax650, type Built } from '../rig/workspace.ts';
import { plain, put, type Settings } from './scene.ts';

const units = ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'];
const everyGroup = ['branch_node', 'concat_node', 'head_conv_node', 'join_node', 'left_node', 'pool_node', 'right_node', 'stem_conv_node', 'x:quantize', 'y:dequantize', 'y_node'];
/** branch, left and right have one structure. */
const structures = everyGroup.filter((name) => name !== 'left_node' && name !== 'right_node');
const of = (size: string, names: readonly string[]): string[] => names.map((name) => `${size} ${name}`);

async function built(settings: Partial<Settings>): Promise<Built> {
  const workspace = new Workspace();
  try {
    put(workspace, { ...plain, ...settings });
    return await workspace.build();
  } finally {
    workspace.remove();
  }
}

/** Builds, changes settings, builds again, and compares with a cold build. */
async function row(before: Partial<Settings>, after: Partial<Settings>): Promise<Built> {
  const workspace = new Workspace();
  try {
    put(workspace, { ...plain, ...before });
    await workspace.build();
    put(workspace, { ...plain, ...before, ...after });
    const incremental = await workspace.build();
    const cold = await workspace.build({ cold: true });
    assert.deepEqual(incremental.digests, cold.digests);
    return incremental;
  } finally {
    workspace.remove();
  }
}

const containerOf = ({ files }: Built): Container => readContainer(files['compiled.axmodel']!, 'compiled.axmodel');
const run = (container: Container, inputs: Record<string, Uint8Array>, options: { samples?: number; group?: number } = {}): ReturnType<typeof runContainer> =>
  runContainer(container, inputs, { ...options, simulate: (program, params, given) => simulate(program, params, given, { strict: true }).outputs });

/** Compiling a size: everything from tiles to the linked check, but no weights, float passes of calibration or ranges. */
const ofSize = (size: string) => ({
  fuse: [size], refit: [size], sample: [size],
  tile: of(size, structures), values: of(size, everyGroup), check: of(size, everyGroup),
  link: of(size, units), alone: of(size, units), link_check: of(size, units),
  assemble: [''],
});

test('a batch size more: its own programs are built, and nothing that is there already', async () => {
  const { ran } = await row({}, { compiler: { static_batch_sizes: [1, 2] } });
  assert.deepEqual(ran, { batch: ['b2'], ...ofSize('b2') });
});

test('a group of shapes more: read and optimised anew, quantised as before', async () => {
  const { ran } = await row({ extra: [[1, 3, 8, 8]] }, { extra: [[1, 3, 8, 8], [1, 3, 20, 16]] });
  // Behind the pool nothing tells one size from another.
  const own = (names: readonly string[]): string[] => of('g2', names.filter((name) => !name.startsWith('y')));
  assert.deepEqual(ran, { load: ['g2'], optimise: ['g2'], ...ofSize('g2'), tile: own(structures), values: own(everyGroup) });
});

test('a batch size less: nothing is compiled', async () => {
  const { ran } = await row({ compiler: { static_batch_sizes: [1, 2, 4] } }, { compiler: { static_batch_sizes: [1, 4] } });
  assert.deepEqual(ran, { assemble: [''] });
});

test('precision of one operator, with two batches: its groups are built once for each', async () => {
  const { ran } = await row({ compiler: { static_batch_sizes: [1, 2] } }, { compiler: { static_batch_sizes: [1, 2] }, layers: [{ layer_name: 'stem_conv_node', data_type: 'U16' }] });
  const changed = ['stem_conv_node', 'x:quantize'];
  const twice = (names: readonly string[]): string[] => [...of('b2', names), ...names].sort();
  assert.deepEqual({ tile: ran['tile'], check: ran['check'], link: ran['link'] }, { tile: twice(changed), check: twice(changed), link: twice(['subgraph_npu_0']) });
});

test('nine samples give what nine runs of one give, and the ends show the largest batch', async () => {
  const container = containerOf(await built({ compiler: { static_batch_sizes: [1, 2, 4] } }));
  assert.equal(container.chains[0]!.batch, 4);
  const images = Array.from({ length: 9 }, (_, i) => bytesOf(smallImage(i)));
  const single = await Promise.all(images.map(async (x) => (await run(container, { x }))['y']!));
  const { y } = await run(container, { x: Buffer.concat(images) }, { samples: 9 });
  assert.deepEqual(Buffer.from(y!), Buffer.concat(single));
});

test('batches share their weights: the file grows by programs, and DDR moves them less than twice', async () => {
  const one = await built({ range: null });
  const four = await built({ range: null, compiler: { static_batch_sizes: [1, 4] } });
  const container = containerOf(four);
  const [unit] = container.chains[0]!.units;
  assert.ok(unit?.type === 'NPU');
  const grown = four.files['compiled.axmodel']!.byteLength - one.files['compiled.axmodel']!.byteLength;
  // Names and places of one more program: bench/sizes.ts shows the share on real networks.
  assert.ok(grown - unit.programs[1]!.program.byteLength < 1024, `${grown} bytes`);
  const [single, batch] = unit.programs.map(({ program }) => readProgram(program).stats.ddrBytes.params);
  assert.ok(batch! < 2 * single!, `${batch} of ${single}`);
});

test('the largest batch is found: 1, 2, 4 … while a sample gets no slower', async () => {
  const made = await built({ compiler: { max_dynamic_batch_size: 5 } });
  const container = containerOf(made);
  const batches = container.chains[0]!.units.map((unit) => (unit.type === 'NPU' ? unit.programs.map(({ batch }) => batch) : []));
  const cycles = (batch: number): number => container.chains[0]!.units.reduce((sum, unit) => sum + (unit.type === 'NPU' ? readProgram(unit.programs.find((program) => program.batch === batch)!.program).stats.cycles : 0), 0);
  assert.ok(batches[0]!.length > 1, 'start-up is shared');
  batches[0]!.slice(1).forEach((batch, i) => assert.ok(cycles(batch) / batch <= cycles(batches[0]![i]!) / batches[0]![i]!));
  assert.equal(container.chains[0]!.batch, 5, 'the ends show what was asked for');
  assert.deepEqual(batches, [batches[0], batches[0], batches[0]]);
});

test('groups of shapes stand side by side: names carry their number', async () => {
  const container = containerOf(await built({ extra: [[1, 3, 20, 16], [1, 3, 5, 7]] }));
  assert.deepEqual(container.chains.map(({ inputs, outputs, units: list }) => [inputs, outputs, list.map(({ name }) => name)]), [
    [['x'], ['y'], ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2']],
    [['x_1'], ['y_1'], ['subgraph_npu_0_1', 'subgraph_npu_1_1', 'subgraph_npu_2_1']],
    [['x_2'], ['y_2'], ['subgraph_npu_0_2', 'subgraph_npu_1_2', 'subgraph_npu_2_2']],
  ]);
  assert.deepEqual(container.tensors['x_1']!.shape, [1, 3, 20, 16]);
  const { y_2 } = await run(container, { x_2: new Uint8Array(4 * 3 * 5 * 7) }, { group: 2 });
  assert.equal(y_2!.byteLength, 16);
});

test('batches and groups of shapes go together', async () => {
  const container = containerOf(await built({ extra: [[1, 3, 8, 8]], compiler: { static_batch_sizes: [2] } }));
  const x_1 = Uint8Array.from({ length: 3 * 4 * 3 * 64 }, () => 0);
  const { y_1 } = await run(container, { x_1 }, { group: 1, samples: 3 });
  assert.deepEqual(y_1!.subarray(0, 16), y_1!.subarray(32, 48));
});

test('what can be wrong with sizes is said where it is set', async () => {
  const refused = async (settings: Partial<Settings>): Promise<string> => {
    const error = await built(settings).then(() => undefined, (fault: Error) => fault);
    return (error?.message ?? 'it was built').replace(/^.*axbuild\.yaml/gm, 'axbuild.yaml');
  };
  assert.equal(await refused({ compiler: { static_batch_sizes: [2], max_dynamic_batch_size: 4 } }), `
axbuild.yaml:22:37  static_batch_sizes and max_dynamic_batch_size are two ways to say which batches are compiled
   22 │           "max_dynamic_batch_size": 4,
      │                                     ~
   try  one of them`.slice(1));
  assert.equal(await refused({ compiler: { static_batch_sizes: [0] } }), `
axbuild.yaml:20:13  static_batch_sizes[0] 0 is out of limits
   20 │             0
      │             ~
   limits  1 or more`.slice(1));
  assert.equal(await refused({ range: { ...plain.range!, options: { static_batch_sizes: [2] } } }), `
axbuild.yaml:28:37  static_batch_sizes is the whole model's: one range can't run another number of samples than the rest
   28 │               "static_batch_sizes": [
      │                                     ~
   try  compiler.static_batch_sizes`.slice(1));
  assert.equal(await refused({ extra: [[1, 3, 12]] }), `
axbuild.yaml:21:15  shape 1x3x12 has 3 dimensions, input "x" 4
   21 │               {
      │               ~
   model  1 x 3 x 12 x 12`.slice(1));
  assert.equal(await refused({ extra: [[1, 4, 12, 12]] }), `
Conv "stem_conv_node": its weight expects 3 input channels, the input has 4
   inputs  FP32[1,4,12,12], FP32[8,3,3,3], FP32[8]`.slice(1));
});

test('a network that needs the CPU has one batch', async () => {
  const workspace = new Workspace();
  try {
    put(workspace, { ...plain, compiler: { static_batch_sizes: [1, 2] } });
    const lacking = { ...ax650(), unsupported: ['HardSwish'] };
    await assert.rejects(workspace.build({ target: lacking }), (error: Error) => {
      assert.equal(error.message.replace(/^.*axbuild\.yaml/, 'axbuild.yaml'), `
axbuild.yaml:19:33  static_batch_sizes needs a network that runs on the NPU alone
   19 │           "static_batch_sizes": [
      │                                 ~
   on the CPU  head_node
   try         no static_batch_sizes: the runtime then loops over samples`.slice(1));
      return true;
    });
  } finally {
    workspace.remove();
  }
});
