// The synthetic plan: what the engine costs by itself, for 1,000 to 100,000 tasks, beside ninja on the same graph and `node -e 0`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as bundle, type Plugin } from 'esbuild';
import { hold } from './bars.ts';
import { mixed } from './graph/mix.ts';
import { writeNinja } from './graph/ninja.ts';
import { layers, shapeOf } from './graph/shape.ts';
import type { How } from './how.ts';
import { leastCpu } from './timing.ts';

const root = join(import.meta.dirname, '..');

/** By tasks: what a null build may take, times `node -e 0`, by major version of Node. */
const bars: Readonly<Record<number, Readonly<Record<string, number>>>> = { 1000: { 20: 2, 22: 2.5 }, 10_000: { 20: 3, 22: 3 } };

export async function run({ short }: How): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-bench-'));
  try {
    await bundleInto(folder);
    const nodes = nodesIn(folder);
    const slopes = new Map<string, number[]>();
    for (const tasks of [1000, 10_000, 100_000]) {
      if (short && tasks > 10_000) console.log('100,000 tasks: left out of the short form');
      else measure({ folder: join(folder, `${tasks}`), program: join(folder, 'main.js'), tasks, nodes, slopes, rounds: short ? 10 : tasks > 10_000 ? 5 : 20 });
    }
    for (const [version, [, small = NaN, large]] of slopes) {
      if (large !== undefined) hold(`null build, Node ${version}: a file more, 100,000 tasks to 10,000`, large / small, { atMost: 1.3, unit: 'x', note: `${large.toFixed(1)} us a file and ${small.toFixed(1)} us` });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Node {
  readonly path: string;
  /** '20.20.2' */
  readonly version: string;
}

interface Measured {
  readonly folder: string;
  readonly program: string;
  readonly tasks: number;
  readonly nodes: readonly Node[];
  /** By Node's version: microseconds a file that an unchanged build looks at, for each number of tasks. */
  readonly slopes: Map<string, number[]>;
  readonly rounds: number;
}

function measure({ folder, program, tasks, nodes, slopes, rounds }: Measured): void {
  const { width } = shapeOf(tasks);
  for (const name of ['leaves', 'ninja', ...Array.from({ length: layers }, (_, layer) => `ninja/${layer}`)]) mkdirSync(join(folder, name), { recursive: true });
  const edit = (column: number, text: string): void => writeFileSync(join(folder, 'leaves', `${column}`), text);
  for (let column = 0; column < width; column++) edit(column, `leaf ${column}`);
  const name = `${tasks.toLocaleString('en')} tasks`;
  const [own] = nodes;

  const build = (node: Node, expected: number): Ran => {
    const ran = time(node.path, [program, folder, `${tasks}`]);
    const { built, peakBytes } = JSON.parse(ran.output) as { built: number; peakBytes: number };
    if (built !== expected) throw new Error(`${built} of ${tasks} tasks ran, and ${expected} should have`);
    return { ...ran, peakBytes };
  };
  // At 1,000 the start of the processes is most of it, and what runs beside them shows.
  const fulls = Array.from({ length: tasks === 1000 ? 3 : 1 }, () => {
    for (const name of ['cache', 'out']) rmSync(join(folder, name), { recursive: true, force: true });
    return build(own!, tasks);
  });
  const full = fulls.reduce((least, ran) => (ran.cpuMs < least.cpuMs ? ran : least));
  hold(`${name}: full build, CPU a task above the task itself`, full.cpuMs / tasks - taskMs(), { atMost: 1, unit: 'ms', digits: 3, note: `of all processes; ${seconds(full.ms)} by the clock; peak ${megabytes(full)}` });

  const ninja = ninjaIn(folder, tasks);
  for (const node of nodes) {
    // The second that changes nothing is the first that is known to; another Node is another circumstance.
    time(node.path, [program, folder, `${tasks}`]);
    const [nothing, unchanged, theirs]: number[][] = [[], [], []];
    let peakBytes = 0;
    for (let i = 0; i < rounds; i++) {
      nothing!.push(time(node.path, ['-e', '0']).ms);
      const ran = build(node, 0);
      unchanged!.push(ran.ms);
      peakBytes = Math.max(peakBytes, ran.peakBytes);
      if (ninja !== undefined) theirs!.push(ninja().ms);
    }
    const [floor, ours] = [Math.min(...nothing!), Math.min(...unchanged!)];
    slopes.set(node.version, [...(slopes.get(node.version) ?? []), ((ours - floor) * 1000) / (2 * width)]);
    const note = `${ours.toFixed(0)} ms and ${floor.toFixed(0)} ms${ninja === undefined ? '' : `; ninja ${Math.min(...theirs!).toFixed(0)} ms`}; peak ${megabytes({ peakBytes })}`;
    const bar = bars[tasks]?.[node.version.split('.')[0]!];
    if (bar === undefined) console.log(`${`${name}: null build, Node ${node.version}, x node -e 0`.padEnd(62)} ${(ours / floor).toFixed(2).padStart(7)} x       ${note}`);
    else hold(`${name}: null build, Node ${node.version}, x node -e 0`, ours / floor, { atMost: bar, unit: 'x', note });
    if (tasks === 10_000) hold(`${name}: null build, Node ${node.version}, peak memory`, peakBytes / 1e6, { atMost: 120, unit: 'MB', digits: 0 });
  }

  edit(0, 'edited');
  const leaf = build(own!, tasks / 10);
  const theirs = ninja?.();
  console.log(`${`${name}: one leaf edited, ${tasks / 10} tasks run`.padEnd(62)} ${seconds(leaf.ms).padStart(7)}         CPU ${seconds(leaf.cpuMs)}${theirs === undefined ? '' : `; ninja ${seconds(theirs.ms)}, CPU ${seconds(theirs.cpuMs)}`}; peak ${megabytes(leaf)}`);
}

/** CPU milliseconds of the task by itself. */
function taskMs(): number {
  const inputs = [1, 2, 3].map((n) => new Uint8Array(64).fill(n));
  return leastCpu(() => {
    for (let i = 0; i < 1000; i++) mixed(inputs, i);
  }) / 1000;
}

/** Builds with ninja, and again each time it is called; undefined when it isn't installed. */
function ninjaIn(folder: string, tasks: number): (() => Ran) | undefined {
  if (spawnSync('ninja', ['--version']).status !== 0) {
    console.log('ninja: not measured, it is not installed');
    return undefined;
  }
  writeNinja(folder, tasks);
  const build = (): Ran => time('ninja', ['-C', folder, '--quiet']);
  const { ms, cpuMs } = build();
  console.log(`${`ninja, full build of ${tasks} tasks, a process each`.padEnd(62)} ${seconds(ms).padStart(7)}         CPU ${(cpuMs / tasks).toFixed(3)} ms a task`);
  return build;
}

interface Ran {
  readonly ms: number;
  /** Of the process and all that it started. */
  readonly cpuMs: number;
  readonly output: string;
  readonly peakBytes: number;
}

function time(command: string, args: readonly string[]): Ran {
  const [start, before] = [performance.now(), childrenMs()];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return { ms, cpuMs: childrenMs() - before, output: stdout, peakBytes: 0 };
}

/** CPU milliseconds of all processes that this one has seen the end of, and of theirs (Linux, in steps of 10 ms). */
function childrenMs(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** This Node, and Node 22 where npx has it. */
function nodesIn(folder: string): Node[] {
  const other = spawnSync('npx', ['--yes', 'node@22', '-p', 'process.execPath'], { cwd: folder, encoding: 'utf8' });
  if (other.status !== 0) console.log('Node 22: not measured, npx has none');
  return [process.execPath, ...(other.status === 0 ? [other.stdout.trim()] : [])].map((path) => ({
    path,
    version: spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim(),
  }));
}

/** The program as dist/ is made: a file for what decides, one for what builds, one for the workers. */
async function bundleInto(folder: string): Promise<void> {
  const apart: Plugin = {
    name: 'apart',
    setup: ({ onResolve }) => onResolve({ filter: /^\.\/build\.ts$/ }, ({ kind }) => (kind === 'dynamic-import' ? { path: './build.js', external: true } : undefined)),
  };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const entryPoints = ['main', 'build', 'worker'].map((name) => join(root, 'bench/graph', `${name}.ts`));
  await bundle({ entryPoints, outdir: folder, bundle: true, platform: 'node', format: 'esm', target: 'node20.19', external: ['lmdb'], minifyWhitespace: true, minifySyntax: true, plugins: [apart] });
}

function megabytes({ peakBytes }: Pick<Ran, 'peakBytes'>): string {
  return `${(peakBytes / 1e6).toFixed(0)} MB`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
