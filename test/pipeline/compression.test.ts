// enable_data_soft_compression: a smaller file of the same content; nothing but assemble runs again.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readContainer } from '../../src/axmodel/read.ts';
import { Workspace } from '../rig/workspace.ts';
import { plain, put, type Settings } from './scene.ts';

async function compressed(settings: Partial<Settings>): Promise<{ before: Uint8Array; after: Uint8Array }> {
  const workspace = new Workspace();
  try {
    put(workspace, plain);
    const before = await workspace.build();
    put(workspace, { ...plain, ...settings });
    const after = await workspace.build();
    assert.deepEqual(after.ran, { assemble: [''] });
    assert.deepEqual((await workspace.build({ cold: true })).digests, after.digests);
    const [plainFile, smallFile] = [before.files['compiled.axmodel']!, after.files['compiled.axmodel']!];
    assert.deepEqual(readContainer(smallFile, 'compiled.axmodel'), readContainer(plainFile, 'compiled.axmodel'));
    put(workspace, plain);
    assert.deepEqual((await workspace.build()).ran, {});
    return { before: plainFile, after: smallFile };
  } finally {
    workspace.remove();
  }
}

test('switched on: assemble alone runs, and the file is smaller', async () => {
  const { before, after } = await compressed({ compiler: { enable_data_soft_compression: true } });
  assert.ok(after.byteLength < 0.7 * before.byteLength, `${after.byteLength} of ${before.byteLength}`);
});

test('switched on for one range: its program alone is compressed', async () => {
  const { after } = await compressed({ range: { ...plain.range!, options: { enable_data_soft_compression: true } } });
  const text = Buffer.from(after).toString('latin1');
  assert.match(text, /"compressed":\[\{"blob":"subgraph_npu_1_b1_neu","bytes":\d+\}\]/);
});
