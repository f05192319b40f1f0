// What `axbuild build` of examples/ takes when nothing changed, beside `node -e 0`, on this Node and on Node 22.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hold } from './bars.ts';
import { median } from './process.ts';
import type { How } from './how.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'dist/axbuild.js');

/** By major version of Node: times `node -e 0`. */
const bars: Readonly<Record<string, number>> = { 20: 2, 22: 2.5 };

export async function run({ short }: How): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-bench-'));
  try {
    cpSync(join(root, 'axbuild.yaml'), join(folder, 'axbuild.yaml'));
    for (const name of ['examples', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
    compare(process.execPath, folder, short ? 15 : 40);
    const other = spawnSync('npx', ['--yes', 'node@22', '-p', 'process.execPath'], { cwd: folder, encoding: 'utf8' });
    if (other.status === 0) compare(other.stdout.trim(), folder, short ? 15 : 40);
    else console.log('Node 22: not measured, npx has none');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(node: string, folder: string, rounds: number): void {
  const version = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  const build = [bin, 'build', '--workspace', folder];
  // The second that changes nothing is the first that is known to.
  for (let i = 0; i < 2; i++) time(node, build);
  const [nothing, unchanged]: number[][] = [[], []];
  for (let i = 0; i < rounds; i++) {
    nothing!.push(time(node, ['-e', '0']));
    unchanged!.push(time(node, build));
  }
  const least = Math.min(...unchanged!) / Math.min(...nothing!);
  hold(`unchanged build of examples/, Node ${version}, x node -e 0`, least, {
    atMost: bars[version.split('.')[0]!] ?? Infinity, unit: 'x', note: `${Math.min(...unchanged!).toFixed(0)} ms and ${Math.min(...nothing!).toFixed(0)} ms; medians ${(median(unchanged!) / median(nothing!)).toFixed(2)} x`,
  });
}

function time(node: string, args: readonly string[]): number {
  const start = performance.now();
  const { status, stdout } = spawnSync(node, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  if (status !== 0) throw new Error(stdout);
  return performance.now() - start;
}
