// Writes dist/code.json: the digest of the code behind every task and behind every member of an open table, with the exact versions of
// the packages they import. A task's closure stops at a table; its recipe names the members that the job uses, so that editing one
// operator re-runs nothing in a network that has none of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { byCodeUnit, canonical } from '../src/base/canonical.ts';
import { digestOf, digestOfJson } from '../src/base/digest.ts';
import { tables } from './tables.ts';

const root = join(import.meta.dirname, '..');
const importPattern = /(?:^|[^\w.])(?:import|from)\s*\(?\s*(type\s+)?['"]([^'"]+)['"]/g;

const tableFiles = new Set(tables.map((table) => join(root, table.index)));
const sourceOf = new Map<string, { digest: string; files: string[]; packages: string[] }>();

function scan(file: string): { digest: string; files: string[]; packages: string[] } {
  const known = sourceOf.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  // Types leave no trace in what runs.
  const code = text.replace(/^\s*(?:import|export)\s+type\s[^;]*;\s*$/gm, '');
  const files: string[] = [];
  const packages: string[] = [];
  for (const match of code.matchAll(importPattern)) {
    const target = match[2]!;
    if (target.startsWith('.')) files.push(join(dirname(file), target));
    else if (!target.startsWith('node:')) packages.push(target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!);
  }
  const scanned = { digest: digestOf(text), files, packages };
  sourceOf.set(file, scanned);
  return scanned;
}

const versions = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string }> };

/** Digest of a file and all that it imports, tables excepted. */
function closureDigest(entry: string): string {
  const files = new Map<string, string>();
  const packages = new Map<string, string>();
  const walk = (file: string): void => {
    const name = relative(root, file);
    if (files.has(name) || (tableFiles.has(file) && file !== entry)) return;
    const { digest, files: next, packages: used } = scan(file);
    files.set(name, digest);
    for (const pack of used) packages.set(pack, versions.packages[`node_modules/${pack}`]?.version ?? 'none');
    next.forEach(walk);
  };
  walk(entry);
  const sorted = (map: Map<string, string>): string[][] => [...map].sort(([a], [b]) => byCodeUnit(a, b));
  return digestOfJson({ files: sorted(files), packages: sorted(packages) });
}

const { tasks } = await import('../tasks/index.ts');
const taskDigests: Record<string, string> = {};
for (const name of Object.keys(tasks)) taskDigests[name] = closureDigest(join(root, `tasks/${name.replaceAll('_', '-')}.ts`));

// Which file a member of a table lives in: asked of the table's own modules, so that nobody keeps a second list.
const memberDigests: Record<string, string> = {};
for (const table of tables) {
  const index = join(root, table.index);
  for (const file of scan(index).files.filter((path) => dirname(path) === dirname(index))) {
    const exported = Object.values((await import(file)) as Record<string, unknown>).flat();
    const names = exported.map(table.nameOf).filter((name): name is string => name !== undefined);
    if (names.length === 0) continue;
    const digest = closureDigest(file);
    for (const name of names) memberDigests[`${table.name}/${name}`] = digest;
  }
}

const all = { tasks: taskDigests, members: memberDigests };
const manifest = readFileSync(join(root, 'package.json'), 'utf8');
writeFileSync(join(root, 'dist/code.json'), canonical({ ...all, version: (JSON.parse(manifest) as { version: string }).version, whole: digestOfJson(all) }) + '\n');
