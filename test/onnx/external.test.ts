// Weights beside the model: found, confined to its folder, and read at their offsets.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { encodeModel, onnx, dataLocation } from '../../src/onnx/codec.ts';
import { externalFiles, resolveExternal } from '../../src/onnx/external.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { makeStore, model } from './rig.ts';

function withExternal(entries: Readonly<Record<string, string>>): Uint8Array {
  const whole = model({
    opset: 21, nodes: [{ op: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }], inputs: { x: { dtype: 'FP32', shape: [2] } }, outputs: ['y'],
    weights: { w: { dtype: 'FP32', shape: [2], numbers: [0, 0] } },
  });
  const [tensor] = whole.graph.initializer;
  tensor!.rawData = new Uint8Array();
  tensor!.dataLocation = dataLocation.EXTERNAL;
  tensor!.externalData = Object.entries(entries).map(([key, value]) => new onnx.StringStringEntryProto({ key, value }));
  return encodeModel(whole);
}

test('external weights are listed, and read at their offset', () => {
  const bytes = withExternal({ location: 'weights/w.bin', offset: '4', length: '8' });
  assert.deepEqual(externalFiles(bytes, 'net.onnx'), [{ location: 'weights/w.bin', offset: 4, length: 8 }]);
  const { keep, blobs } = makeStore();
  const data = new Uint8Array(Float32Array.of(9, 1.5, -2, 9).buffer);
  const graph = readOnnx(bytes, { file: 'net.onnx', keep, opOf, externals: new Map([['weights/w.bin', data]]) });
  assert.deepEqual(new Float32Array(new Uint8Array(blobs(graph.weights['w']!.digest)).buffer), Float32Array.of(1.5, -2));
});

test('locations that climb out of the folder are a fault', () => {
  for (const location of ['../secret', 'a/../../secret', '/etc/passwd', 'C:\\weights', '..\\secret', '']) {
    assert.throws(() => externalFiles(withExternal({ location }), 'net.onnx'), {
      name: 'Fault',
      message: `net.onnx  the model keeps weights in a file outside of its folder\n   file     ${JSON.stringify(location)}\n   allowed  a relative path without ".."`,
    });
  }
});

test('a link that leads out of the folder is a fault; one that stays is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-'));
  try {
    mkdirSync(join(folder, 'model'));
    writeFileSync(join(folder, 'secret'), 'x');
    writeFileSync(join(folder, 'model/w.bin'), 'x');
    symlinkSync('../secret', join(folder, 'model/out.bin'));
    symlinkSync('w.bin', join(folder, 'model/in.bin'));
    const at = join(folder, 'model');
    assert.equal(resolveExternal(at, 'w.bin', 'net.onnx'), join(at, 'w.bin'));
    assert.equal(resolveExternal(at, 'in.bin', 'net.onnx'), join(at, 'in.bin'));
    assert.throws(() => resolveExternal(at, 'out.bin', 'net.onnx'), { message: 'net.onnx  the model keeps weights in a file outside of its folder\n   file  out.bin\n   try   a copy in place of the link' });
    assert.throws(() => resolveExternal(at, 'absent.bin', 'net.onnx'), { message: 'net.onnx  the model keeps weights in a file that is not there\n   file  absent.bin\n   try   put it beside the model' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('external data that is absent, too short or impossible is a fault', () => {
  const read = (entries: Readonly<Record<string, string>>, externals: ReadonlyMap<string, Uint8Array>) => () => readOnnx(withExternal(entries), { file: 'net.onnx', keep: makeStore().keep, externals });
  assert.throws(read({ location: 'w.bin' }, new Map()), { message: 'net.onnx  tensor "w" is kept in another file, which is not there\n   file  w.bin\n   try   put it beside the model' });
  assert.throws(read({ location: 'w.bin', offset: '12' }, new Map([['w.bin', new Uint8Array(16)]])), { message: 'net.onnx  tensor "w" ends outside of w.bin\n   needs  bytes 12 to 20\n   file   16 bytes' });
  assert.throws(read({ location: 'w.bin', length: '4' }, new Map([['w.bin', new Uint8Array(16)]])), { message: 'net.onnx  tensor "w" has data of the wrong size\n   shape  FP32 [2]\n   needs  8 bytes\n   has    4 bytes' });
  assert.throws(read({ location: 'w.bin', offset: '-4' }, new Map()), { message: 'net.onnx  tensor "w" is kept in another file at an impossible offset\n   offset  "-4"' });
});
