// Builds everything that is generated: the ONNX codec, the SIMD kernels, the code digests, and the bundle in dist/.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

// One file a process: what a build loads when something changed, what starts its workers (and loads child_process), and what a worker
// loads, are files of their own, so that an unchanged goal loads none of them. Nothing is split further: finding and linking a hundred
// small files costs more than reading one.
const commands = ['build-goals', 'watch-goals', 'run', 'plan', 'why', 'history', 'diff', 'graph', 'inspect', 'cache', 'targets', 'doctor', 'init', 'schema', 'completion', 'show'];
const apart = {
  name: 'commands-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ path, kind, importer }) => {
      const name = path.slice(2, -3);
      const isApart = kind === 'dynamic-import' && [...commands, 'workers'].includes(name) && importer.startsWith(join(root, 'src/cli'));
      return isApart ? { path: `./${name}.js`, external: true } : undefined;
    });
  },
};
// The screen is a file of its own too, and what reads its keys another: Ink and React are loaded when the first frame is there.
const screen = {
  name: 'screen-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/ui\/tui\/screen\.ts$/ }, ({ kind }) => (kind === 'dynamic-import' ? { path: './tui.js', external: true } : undefined));
    onResolve({ filter: /^\.\/keyboard\.tsx$/ }, ({ kind }) => (kind === 'dynamic-import' ? { path: './keyboard.js', external: true } : undefined));
  },
};
// Ink without its debugging, and with nothing to wait for when it is loaded: only such code can be kept. Yoga, its layout, is WebAssembly in
// base64, which would come through fetch(), and with that all of Node's HTTP.
const ink = {
  name: 'ink',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/devtools\.js$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }));
    onLoad({ filter: /\/ink\/build\/reconciler\.js$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8').replace(/await (?=import\('\.\/devtools|loadPackageJson)/g, '') }));
    onLoad({ filter: /\/yoga-layout\/dist\/src\/index\.js$/ }, () => ({
      contents: `import loadYoga from '../binaries/yoga-wasm-base64-esm.js';
import bytes from '../binaries/yoga-wasm-base64-esm.js?bytes';
import wrapAssembly from './wrapAssembly.js';
const yoga = { instantiateWasm: (imports, done) => (done(new WebAssembly.Instance(new WebAssembly.Module(bytes), imports)), {}) };
loadYoga(yoga);
export default wrapAssembly(yoga);
export * from './generated/YGEnums.js';`,
    }));
    onLoad({ filter: /\/yoga-wasm-base64-esm\.js$/ }, ({ path, suffix }) => {
      const [before, base64, after] = readFileSync(path, 'utf8').split(/(?<="data:application\/octet-stream;base64,)([\w+/=]+)/);
      return suffix === '?bytes' ? { contents: Buffer.from(base64, 'base64'), loader: 'binary' } : { contents: before + after };
    });
  },
};
// Asked of the process, Node's own modules come as they are; imported, each is first read through whole, streams and all, to list its names.
const builtins = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`, loader: 'js' }));
  },
};
const shared = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  logLevel: 'warning',
  // Less text to parse at each start; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // Native packages stay outside; everything else is bundled.
  external: ['lmdb', 'onnxruntime-node', 'sharp'],
};
rmSync(join(root, 'dist/chunks'), { recursive: true, force: true });
await build({ ...shared, format: 'esm', entryPoints: { axbuild: 'src/cli/main.ts', cached: 'src/cli/cached.ts', 'worker-flags': 'src/cli/worker-flags.ts', workers: 'src/cli/workers.ts' }, plugins: [apart, screen, builtins] });
await build({ ...shared, format: 'esm', entryPoints: { tui: 'src/ui/tui/screen.ts' }, plugins: [screen] });
// import() becomes require(): code that V8 kept has lost the way to the module loader.
const kept = { ...shared, format: 'cjs', supported: { 'dynamic-import': false }, outExtension: { '.js': '.cjs' } };
const large = { ...Object.fromEntries(commands.map((name) => [name, `src/cli/${name}.ts`])), worker: 'src/cli/worker.ts' };
await build({ ...kept, entryPoints: large, plugins: [screen] });
// Of React the quick half.
await build({ ...kept, entryPoints: { keyboard: 'src/ui/tui/keyboard.tsx' }, minify: true, define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': '""' }, plugins: [ink] });
const exported = {
  'build-goals': ['buildGoals'], 'watch-goals': ['watchGoals'], run: ['run'], plan: ['plan'], why: ['why'], history: ['history'], diff: ['diff'], graph: ['graph'], inspect: ['inspect'], cache: ['cache'], targets: ['targets'],
  doctor: ['doctor'], init: ['init'], schema: ['schema'], completion: ['completion'], show: ['help', 'version'], worker: [], keyboard: ['openKeyboard'],
};
for (const [name, names] of Object.entries(exported)) {
  rmSync(join(root, `dist/${name}.cjs.code`), { force: true });
  const load = `loadCached(fileURLToPath(new URL('./${name}.cjs', import.meta.url)))`;
  const before = name === 'worker' ? ["import './worker-flags.js';"] : [];
  const lines = [...before, "import { fileURLToPath } from 'node:url';", "import { loadCached } from './cached.js';", names.length === 0 ? `${load};` : `export const { ${names.join(', ')} } = ${load};`];
  writeFileSync(join(root, `dist/${name}.js`), lines.join('\n') + '\n');
}
run('warm-code.ts', '--import', 'tsx');
chmodSync(join(root, 'dist/axbuild.js'), 0o755);
// The examples' pictures are made anew when what makes them changed.
const makers = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts')).sort();
const made = createHash('sha256').update(makers.map((name) => readFileSync(join(root, 'examples', name), 'utf8')).join('\0')).digest('hex');
const mark = join(root, 'examples/data/.made-by');
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== made) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'examples/make-data.ts')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  writeFileSync(mark, made);
}
