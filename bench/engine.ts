// What the engine adds to work: a small job through the worker processes, a hit, opening the cache.
import { mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../cache/lmdb-store.ts';
import type { Request } from '../src/engine/build.ts';
import { openPool } from '../src/engine/pool.ts';
import { startBuild, type RunningBuild } from '../src/engine/start.ts';
import type { Store } from '../src/engine/store.ts';
import { join as joinTexts } from '../test/engine/toy-tasks.ts';
import { codeDigests } from '../test/rig/workspace.ts';
import { hold } from './bars.ts';
import { median } from './process.ts';
import type { How } from './how.ts';
import { cpuSince } from './timing.ts';

const root = join(import.meta.dirname, '..');
const count = 2000;

export async function run({ short }: How): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-bench-'));
  try {
    const store = await openLmdbStore({ folder });
    await measureJobs(store, folder, short ? 4 : 10);
    await store.close();
    measureOpening(folder, short ? 3 : 10);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureJobs(store: Store, folder: string, rounds: number): Promise<void> {
  const pool = openPool({ entry: join(root, 'src/cli/worker.ts'), args: [folder, join(root, 'test/engine/toy-tasks.ts')], execArgv: ['--import', 'tsx'], jobs: 2 });
  const start = (): RunningBuild => startBuild({ store, code: codeDigests(), executor: pool.client(), workspace: folder, emit: () => undefined, sweeps: false });
  /** Milliseconds a job: of the clock until the receipts are on disk, and of this process until all outputs are known. */
  const each = async (requests: readonly Request[]): Promise<{ wall: number; cpu: number }> => {
    const build = start();
    const [began, before] = [performance.now(), process.cpuUsage()];
    await build.map(joinTexts, requests);
    const cpu = cpuSince(before);
    await build.close();
    return { wall: (performance.now() - began) / requests.length, cpu: cpu / requests.length };
  };
  const [ran, hit, closed]: number[][] = [[], [], []];
  for (let round = 0; round <= rounds; round++) {
    const requests = Array.from({ length: count }, (_, n): Request => ({ label: `job ${n}`, options: { word: `${round} ${n}` }, inputs: { from: [] } }));
    const [first, again] = [await each(requests), await each(requests)];
    // In the first round the workers start.
    if (round === 0) continue;
    ran!.push(first.wall);
    hit!.push(again.cpu * 1000);
    closed!.push(again.wall * 1000);
  }
  await pool.close();
  hold(`a small job through the pool, ${count} in bulk`, Math.min(...ran!), { atMost: 0.3, unit: 'ms', digits: 3, note: `receipts on disk; median ${median(ran!).toFixed(3)}` });
  hold(`a hit, ${count} of them, CPU time`, Math.min(...hit!), { atMost: 50, unit: 'us', digits: 1, note: `median ${median(hit!).toFixed(1)}; by the clock and with the history written ${Math.min(...closed!).toFixed(1)}` });
}

/** In a process of its own each time, as a build opens it. */
function measureOpening(folder: string, rounds: number): void {
  const [loads, opens]: number[][] = [[], []];
  for (let i = 0; i < rounds; i++) {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'bench/open-cache.ts'), folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const [load, open] = JSON.parse(stdout) as [number, number];
    loads!.push(load);
    opens!.push(open);
  }
  hold('opening the cache', Math.min(...opens!), { atMost: 25, unit: 'ms', note: `median ${median(opens!).toFixed(1)}; loading LMDB before it ${Math.min(...loads!).toFixed(0)} ms` });
}
