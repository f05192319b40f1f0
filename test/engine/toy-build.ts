// A whole building process for tests that kill it or run two at once: a fixed plan over a folder's `source`.
// Arguments: the folder, the number of jobs. Prints a line an event, and at the end 'result <digest> ran <n>'.
import { join as path } from 'node:path';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { digestOf } from '../../src/base/digest.ts';
import { openPool } from '../../src/engine/pool.ts';
import { startBuild } from '../../src/engine/start.ts';
import { code, one } from './rig.ts';
import { head, join, lines, pick } from './toy-tasks.ts';

const [folder, jobs] = process.argv.slice(2) as [string, string];
const root = path(import.meta.dirname, '../..');
const store = await openLmdbStore({ folder: path(folder, 'cache') });
const pool = openPool({
  entry: path(root, 'src/cli/worker.ts'),
  args: [path(folder, 'cache'), path(root, 'test/engine/toy-tasks.ts')],
  execArgv: ['--import', 'tsx'],
  jobs: Number(jobs),
});
let ran = 0;
const build = startBuild({
  store,
  code,
  executor: pool.client(),
  workspace: folder,
  emit(event) {
    if (event.event === 'finished' && event.outcome === 'built') ran++;
    process.stdout.write(`${event.event}\n`);
  },
});
const source = await build.source('source');
const texts = await build.map(join, Array.from({ length: 24 }, (_, n) => ({ label: `join ${n}`, options: { word: `\n${n}\n`, bytes: n % 3 === 0 ? 300_000 : 10 }, inputs: { from: [source, source] } })));
const indexes = await Promise.all(texts.map((outputs, n) => build.run(lines, { label: `lines ${n}`, options: { bytes: n % 4 === 0 ? 80_000 : 1 }, inputs: { text: one(outputs) } })));
const picked = await Promise.all(indexes.map((outputs, n) => build.run(pick, { label: `pick ${n}`, options: { line: 1 }, inputs: { index: one(outputs, 'index') } })));
const heads = await build.map(head, picked.map((outputs, n) => ({ label: `head ${n}`, options: { letters: 2 }, inputs: { text: one(outputs) } })));
const all = await build.run(join, { label: 'all', inputs: { from: heads.map((outputs) => one(outputs)) } });
const bytes = await Promise.all([...picked, all].map((outputs) => build.read(one(outputs))));
await build.close();
await pool.close();
await store.close();
process.stdout.write(`result ${digestOf(bytes.map((each) => digestOf(each)).join())} ran ${ran}\n`);
