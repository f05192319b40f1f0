// What `axbuild doctor` looks at. Nothing is loaded before it is looked at: what can't be loaded is a finding.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Inventory } from '../../cache/inventory.ts';
import { defaultMemoryBytes } from '../engine/pool.ts';
import { bytesOf, countOf } from '../ui/amounts.ts';
import type { Asked } from './ask.ts';
import { shortPath } from './short-path.ts';

export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
  readonly todo?: readonly string[];
}

/** In the order in which they are told of. What one throws is its finding: fail. */
export const checkups: Readonly<Record<string, (asked: Asked) => Finding | Promise<Finding>>> = {
  'node': ({ home }) => {
    const { engines: { node: wanted } } = JSON.parse(readFileSync(join(home, '../package.json'), 'utf8')) as { engines: { node: string } };
    const text = `${process.version}, wanted ${wanted}`;
    return isAtLeast(process.version, wanted) ? { level: 'ok', text } : { level: 'fail', text, todo: ['install a newer Node: https://nodejs.org'] };
  },
  'onnxruntime-node': ({ home }) => packageFinding(home, 'onnxruntime-node', () => import('onnxruntime-node')),
  'sharp': ({ home }) => packageFinding(home, 'sharp', () => import('sharp')),
  'lmdb': ({ home }) => packageFinding(home, 'lmdb', async () => {
    const { open } = await import('lmdb');
    const folder = mkdtempSync(join(tmpdir(), 'axbuild-doctor-'));
    try {
      await open({ path: folder }).close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }),
  'cache': ({ cache, home }) => {
    const shown = shortPath(cache);
    const obstacle = obstacleTo(cache);
    if (obstacle !== undefined) return { level: 'fail', text: obstacle, todo: ['--cache DIR puts the cache elsewhere'] };
    if (!existsSync(join(cache, 'v1'))) return { level: 'ok', text: `${shown}, none yet` };
    // In a process of its own: a damaged index can end the one that opens it.
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(home, 'axbuild.js'), 'cache', 'stats', '--json', '--cache', cache], { encoding: 'utf8' });
    if (status !== 0) return { level: 'fail', text: `${shown}, its index cannot be read`, todo: [...(status === null ? [] : [lineOf(stderr)]), `remove ${join(shown, 'v1')}: the next build makes it anew`] };
    const { receipts, keptBytes, capBytes } = JSON.parse(stdout) as Inventory; // cache.ts wrote it
    const text = `${shown}, ${countOf(receipts, 'job')}, ${bytesOf(keptBytes)} of ${bytesOf(capBytes)}`;
    if (keptBytes > capBytes) return { level: 'warn', text, todo: ['builds clear up to the cap by themselves; if this stays, one build needs more than the cap'] };
    return { level: 'ok', text };
  },
  'disk': ({ cache }) => {
    const { bavail, bsize } = statfsSync(existingAbove(cache));
    const free = bavail * bsize;
    const text = `${bytesOf(free)} left where the cache is`;
    if (free < diskNeeded) return { level: 'fail', text, todo: ['axbuild cache clear, or --cache DIR on another disk'] };
    return free < diskWanted ? { level: 'warn', text, todo: ['a large model fills it: --cache DIR puts the cache on another disk'] } : { level: 'ok', text };
  },
  'machine': () => {
    const memory = defaultMemoryBytes();
    const text = `builds use ${countOf(availableParallelism(), 'core')} (-j) and ${bytesOf(memory)} of memory`;
    return memory < memoryWanted ? { level: 'warn', text, todo: ['large models may not fit'] } : { level: 'ok', text };
  },
  'terminal': () => {
    const { isTTY, columns, rows } = process.stdout;
    if (!isTTY) return { level: 'ok', text: 'none: builds print plain lines' };
    const charset = process.env['LC_ALL'] || process.env['LC_CTYPE'] || process.env['LANG'] || '';
    const isUtf8 = /utf-?8/i.test(charset) || process.platform === 'win32';
    const text = `${process.env['TERM'] ?? 'unknown'}, ${columns} x ${rows}, ${2 ** process.stdout.getColorDepth()} colours, ${isUtf8 ? 'UTF-8' : 'not UTF-8'}`;
    const todo = [...(isUtf8 ? [] : ['export LANG=C.UTF-8, or boxes and arrows look wrong']), ...(columns < 80 || rows < 24 ? ['make it 80 x 24 at least'] : [])];
    return todo.length > 0 ? { level: 'warn', text, todo } : { level: 'ok', text };
  },
  'manifest': async (asked) => {
    if (!existsSync(asked.manifest)) return { level: 'warn', text: `no ${asked.manifest}`, todo: ['only builds by --input and --config work here; --workspace DIR looks elsewhere'] };
    const { goalsOf } = await import('./goals.ts');
    const goals = goalsOf(asked);
    const absent = goals.filter(({ config: { input } }) => !existsSync(input));
    const text = `${asked.manifest}, ${countOf(goals.length, 'goal')}`;
    return absent.length === 0 ? { level: 'ok', text } : { level: 'fail', text, todo: absent.map(({ name, config: { input } }) => `${name}: there is no model at ${shortPath(input)}`) };
  },
};

const diskNeeded = 100e6;
const diskWanted = 2e9;
const memoryWanted = 1e9;

/** `load` throws where the package's native part doesn't work. */
async function packageFinding(home: string, name: string, load: () => Promise<unknown>): Promise<Finding> {
  try {
    await load();
    return { level: 'ok', text: versionOf(home, name) };
  } catch (error) {
    return { level: 'fail', text: `cannot be loaded: ${lineOf(error instanceof Error ? error.message : String(error))}`, todo: [`npm ci, on this machine: its native part is for ${process.platform} ${process.arch}`] };
  }
}

/** Not every package lets its package.json be asked for: it lies above its entry. */
function versionOf(home: string, name: string): string {
  let folder = dirname(createRequire(join(home, 'axbuild.js')).resolve(name));
  while (!existsSync(join(folder, 'package.json')) || !folder.endsWith(name)) {
    if (folder === dirname(folder)) return 'loaded';
    folder = dirname(folder);
  }
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Why a build couldn't put its cache there. */
function obstacleTo(path: string): string | undefined {
  const folder = existingAbove(path);
  if (!statSync(folder).isDirectory()) return `${shortPath(folder)} is no folder`;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return `no permission to write in ${shortPath(folder)}`;
  }
}

function existingAbove(path: string): string {
  return existsSync(path) ? path : existingAbove(dirname(path));
}

export function lineOf(text: string): string {
  return text.split('\n', 1)[0]!;
}

/** 'v20.20.2' by '>=20.19.0': the only form that package.json uses. */
function isAtLeast(version: string, wanted: string): boolean {
  const [has, needs] = [version, wanted].map((text) => (/\d+\.\d+\.\d+/.exec(text)?.[0] ?? '0.0.0').split('.').map(Number));
  const first = [0, 1, 2].find((i) => has![i] !== needs![i]);
  return first === undefined || has![first]! > needs![first]!;
}
