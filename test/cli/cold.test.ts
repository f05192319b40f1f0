// Bytes depend on what is built, not on where, by how many, or when.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { jobs, makeScene } from './rig.ts';

test('two cold builds, by one worker and by four, in folders of different path length: the same bytes, and no trace of place or time', async (t) => {
  const near = makeScene(t);
  const far = makeScene(t);
  const below = `a/long/way/down/${'x'.repeat(100)}`;
  for (const name of near.paths()) cpSync(join(near.folder, name), join(far.folder, below, name));
  const events = await near.make('-j', '1');
  const { status } = await far.axbuild(['build', '-j', '4'], { cwd: join(far.folder, below) });
  assert.equal(status, 0);
  assert.equal(jobs(events).hit, 0);
  assert.deepEqual(far.digests(`${below}/output`), near.digests());

  const outputs = near.paths('output');
  assert.deepEqual(outputs, ['build_context.json', 'compiled.axmodel', 'frontend/optimized.onnx', 'quant/quant_axmodel.data', 'quant/quant_axmodel.json', 'quant/quant_axmodel.onnx', 'quant/quant_qdq.data', 'quant/quant_qdq.onnx'].map((name) => `small/${name}`));
  const now = new Date();
  const traces = [near.folder, 'axbuild-test-', process.cwd(), `${now.getFullYear()}-`, String(now.getTime()).slice(0, 6), process.version];
  for (const path of outputs) {
    const bytes = near.read(join('output', path));
    for (const trace of traces) assert.equal(bytes.indexOf(trace), -1, `${path} holds ${trace}`);
  }
});
