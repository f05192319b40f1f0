// Builds everything that is generated: the ONNX codec, the SIMD kernels, the code digests, and the bundle in dist/.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

function run(script, ...flags) {
  const result = spawnSync(process.execPath, [...flags, join(root, 'scripts', script)], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) {
    console.error(`scripts/${script} failed`);
    process.exit(1);
  }
}

run('build-onnx.js');
run('build-kernels.js');
mkdirSync(join(root, 'dist'), { recursive: true });
run('build-code.ts', '--import', 'tsx');

// Chunks of an earlier bundle carry hashes in their names: start clean.
rmSync(join(root, 'dist/chunks'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { axbuild: 'src/cli/main.ts', worker: 'src/cli/worker.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  logLevel: 'warning',
  // Native packages stay outside; everything else is bundled, which halves the start of a process.
  external: ['lmdb', 'onnxruntime-node', 'sharp'],
  banner: { js: "import { createRequire as axbuildRequire } from 'node:module'; const require = axbuildRequire(import.meta.url);" },
});
chmodSync(join(root, 'dist/axbuild.js'), 0o755);
if (!existsSync(join(root, 'examples/data')) && existsSync(join(root, 'examples/make-data.ts'))) {
  const made = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'examples/make-data.ts')], { cwd: root, stdio: 'inherit' });
  if (made.status !== 0) process.exit(1);
}
