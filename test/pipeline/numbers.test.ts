// The numbers that a build is judged by: what they are, and when there are none.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readContainer } from '../../src/axmodel/read.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { viewAs, bytesOf } from '../../src/base/bytes.ts';
import { readProgram } from '../../src/npu/program.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { openModel } from '../../src/onnx/float.ts';
import { inputShape, smallImage } from '../rig/network.ts';
import { Workspace, type Built } from '../rig/workspace.ts';
import { plain, put, type Settings } from './scene.ts';

async function built(t: { after(act: () => void): void }, settings: Partial<Settings> = {}): Promise<Built & { readonly workspace: Workspace }> {
  const workspace = new Workspace();
  t.after(() => workspace.remove());
  put(workspace, { ...plain, ...settings });
  return { ...await workspace.build(), workspace };
}

test('of one unit, cosine is that of the container to the float network on the first calibration image', async (t) => {
  const { numbers, files, workspace } = await built(t, { range: null });
  const x = smallImage(0);
  const session = await openModel(workspace.read('small.onnx'), { name: 'small' });
  const { y: due } = await session.run({ x: { dtype: 'FP32', shape: [...inputShape], data: x } });
  await session.close();
  const container = readContainer(files['compiled.axmodel']!, 'compiled.axmodel');
  assert.equal(container.tensors['x']!.dtype, 'FP32');
  const { y } = await runContainer(container, { x: bytesOf(x) }, { simulate: (program, params, inputs) => simulate(program, params, inputs).outputs });
  const cosine = cosineOf(due!.data as Float32Array, viewAs(Float32Array, y!));
  assert.ok(cosine > 0.99 && cosine < 1, `${cosine}`);
  assert.ok(Math.abs(numbers['cosine']! - cosine) < 1e-6, `${numbers['cosine']} of ${cosine}`);
});

test('cycles, bytes and macs are those of the container', async (t) => {
  const { numbers, files } = await built(t);
  const bytes = files['compiled.axmodel']!;
  const programs = readContainer(bytes, 'compiled.axmodel').chains[0]!.units.flatMap((unit) => (unit.type === 'NPU' ? [readProgram(unit.programs[0]!.program).stats] : []));
  const sum = (of: (stats: (typeof programs)[number]) => number): number => programs.reduce((total, stats) => total + of(stats), 0);
  const { cosine, ...rest } = numbers;
  assert.deepEqual(rest, { cycles: sum(({ cycles }) => cycles), bytes: bytes.byteLength, macs: sum(({ macs }) => macs) });
  assert.ok(cosine! > 0.99 && cosine! < 1, `${cosine}`);
});

test('a precision edit moves cosine, and bytes of the container do not depend on whether there is one', async (t) => {
  const checked = await built(t, { range: null });
  const wide = await built(t, { range: null, layers: [{ op_type: 'Conv', data_type: 'U16' }] });
  assert.ok(wide.numbers['cosine']! > checked.numbers['cosine']!, `${checked.numbers['cosine']} -> ${wide.numbers['cosine']}`);
  const unchecked = await built(t, { range: null, check: 0 });
  assert.deepEqual(Object.keys(unchecked.numbers), ['cycles', 'bytes', 'macs']);
  assert.equal(unchecked.digests['compiled.axmodel'], checked.digests['compiled.axmodel']);
});

function cosineOf(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    ab += value * b[i]!;
    aa += value * value;
    bb += b[i]! * b[i]!;
  }
  return ab / Math.sqrt(aa * bb);
}
