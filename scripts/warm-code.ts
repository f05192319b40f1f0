// Runs one small build with the bundle just made, and presses a key, so that V8's code of what a build needs is kept beside it (src/cli/cached.ts).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bytesOf } from '../src/base/bytes.ts';
import { writeNpy } from '../src/dataset/npy.ts';
import { inputShape, smallImage, smallNetwork } from '../test/rig/network.ts';
import { tarOf } from '../test/rig/tar.ts';

const dist = join(import.meta.dirname, '../dist');
const run = (...args: readonly string[]): void => {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { env: { ...process.env, AXBUILD_KEEP_CODE: '1' } });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
};
const folder = mkdtempSync(join(tmpdir(), 'axbuild-warm-'));
try {
  writeFileSync(join(folder, 'small.onnx'), smallNetwork());
  writeFileSync(join(folder, 'images.tar'), tarOf([0, 1].map((i) => [`${i}.npy`, writeNpy({ dtype: 'FP32', shape: [...inputShape], data: bytesOf(smallImage(i)) })] as const)));
  writeFileSync(join(folder, 'axbuild.yaml'), 'models:\n  small:\n    input: small.onnx\n    config: small.json\n');
  const build = (layers: object[]): void => {
    const config = { quant: { input_configs: [{ tensor_name: 'x', calibration_dataset: 'images.tar', calibration_format: 'Numpy' }], layer_configs: layers }, compiler: { check: 2 } };
    writeFileSync(join(folder, 'small.json'), JSON.stringify(config));
    run(join(dist, 'axbuild.js'), 'build', '--workspace', folder, '-j', '1');
  };
  // The second run is the kind that is to be fast: an edit.
  build([]);
  build([{ layer_name: 'branch_node', data_type: 'U16' }]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// A terminal as far as Ink asks.
run('--input-type=module', '-e', `
  const { openKeyboard } = await import(${JSON.stringify(pathToFileURL(join(dist, 'keyboard.js')).href)});
  const { PassThrough } = await import('node:stream');
  const none = () => {};
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: none, ref: none, unref: none });
  const keyboard = openKeyboard(stdin, async () => {
    await keyboard.close();
    process.exit();
  });
  stdin.write('x');
`);
