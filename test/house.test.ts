// The house keeps its layers: who may import whom (ARCHITECTURE.md). Fails with the file and the import.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';

const root = join(import.meta.dirname, '..');
const toolchain = ['graph', 'onnx', 'ops', 'passes', 'dataset', 'quant', 'targets', 'npu', 'axmodel', 'report'];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  engine: ['base'],
  config: ['base'],
  graph: ['base'],
  ops: ['base', 'graph'],
  onnx: ['base', 'graph', 'ops'],
  passes: ['base', 'graph', 'ops', 'onnx'],
  dataset: ['base'],
  quant: ['base', 'graph', 'ops'],
  targets: ['base'],
  npu: ['base', 'ops', 'quant', 'targets'],
  axmodel: ['base', 'graph', 'onnx', 'npu', 'quant'],
  report: ['base'],
  ui: ['base', 'engine'],
  cache: ['base', 'engine'],
  tasks: ['base', 'engine', 'config', ...toolchain],
  cli: ['base', 'engine', 'config', 'ui', 'cache', 'tasks', ...toolchain],
};

function room(path: string): string {
  const parts = relative(root, path).split('/');
  return parts[0] === 'src' ? parts[1]! : parts[0]!;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes('/assembly'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => join(dirname(path), match[1]!));
}

const files = ['src', 'tasks', 'cache'].flatMap((folder) => sources(join(root, folder)));

test('every import keeps to the table of rooms', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const from = room(file);
    for (const target of importsOf(file)) {
      const to = room(target);
      if (to !== from && !mayImport[from]?.includes(to)) wrong.push(`${relative(root, file)} (${from}) imports ${relative(root, target)} (${to})`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the simulator shares nothing with the operators it is checked against', () => {
  const seen = new Set<string>();
  const walk = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    importsOf(file).forEach(walk);
  };
  const simulator = sources(join(root, 'src/npu')).filter((file) => /\/simulate[^/]*\.ts$|\/simulate\//.test(file));
  simulator.forEach(walk);
  assert.deepEqual([...seen].filter((file) => room(file) === 'ops').map((file) => relative(root, file)), []);
});

test('nothing that is keyed or written depends on locale, clock or chance', () => {
  const banned: readonly (readonly [RegExp, string, RegExp])[] = [
    [/localeCompare|toLocale|Intl\./, 'sorting and text must not depend on the locale: byCodeUnit', /^$/],
    [/Math\.random/, 'a seeded generator', /^$/],
    [/Math\.(exp|log|log2|log10|tanh|sinh|cosh|pow|sin|cos|expm1|log1p|cbrt|hypot)\(/, 'base/real.ts, whose bits do not depend on the engine', /^src\/(report|ui)\//],
    [/\bDate\b|performance\.now|hrtime/, 'time belongs to the engine and the views', /^src\/(engine|ui|cli)\/|^cache\//],
    [/console\.(log|error|warn)/, 'only cli and ui speak', /^src\/(ui|cli)\//],
  ];
  const wrong: string[] = [];
  for (const file of files) {
    const name = relative(root, file);
    const code = readFileSync(file, 'utf8').split('\n');
    for (const [pattern, instead, allowed] of banned) {
      if (allowed.test(name)) continue;
      code.forEach((line, i) => {
        if (pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)) wrong.push(`${name}:${i + 1}  ${line.trim()}  (${instead})`);
      });
    }
  }
  assert.deepEqual(wrong, []);
});
