// Which jobs go next, and how many of them together.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf, type Key } from '../../src/base/digest.ts';
import type { Need } from '../../src/engine/executor.ts';
import { pathsOf, type Step } from '../../src/engine/paths.ts';
import { JobQueue, type Waiting } from '../../src/engine/queue.ts';
import type { Artifact } from '../../src/engine/task.ts';

function makeQueue(...waiting: readonly (Partial<Need> & { readonly label: string; readonly task?: string })[]) {
  const queue = new JobQueue<Waiting>();
  for (const { task = 'toy', ...need } of waiting) {
    queue.add({ work: { key: digestOf(need.label) as string as Key, task, options: {}, inputs: {} }, need: { cores: 1, memoryBytes: 10, ...need } });
  }
  const free = { cores: 2, memoryBytes: 100, workers: 1, idle: false };
  return { queue, take: (less: Partial<typeof free> = {}): string => queue.take({ ...free, ...less }).map(({ need }) => need.label).join(' ') };
}

test('the longest path goes first, whatever the job itself takes, and among all tasks', () => {
  const { take } = makeQueue(
    { label: 'long', task: 'a', expectedMs: 900 },
    { label: 'gate', task: 'b', expectedMs: 30, pathMs: 2000 },
    { label: 'leaf', task: 'b', expectedMs: 500, pathMs: 500 },
    { label: 'last', task: 'c' },
  );
  assert.deepEqual([take(), take(), take(), take(), take()], ['gate', 'long', 'leaf', 'last', '']);
});

test('a bulk is as long as its jobs themselves take', () => {
  const { take } = makeQueue(...[1, 2, 3, 4].map((n) => ({ label: `${n}`, expectedMs: 10, pathMs: 5000 - n })));
  assert.deepEqual([take(), take()], ['1 2', '3 4']);
});

test('what has no room waits, and what has goes by it', () => {
  const { queue, take } = makeQueue({ label: 'wide', task: 'a', pathMs: 9, cores: 3 }, { label: 'fat', task: 'b', pathMs: 8, memoryBytes: 101 }, { label: 'small', task: 'c', pathMs: 1 });
  assert.equal(take({ workers: 0 }), '');
  assert.equal(take(), 'small');
  assert.equal(queue.fits({ cores: 2, memoryBytes: 100, workers: 1, idle: false }), false);
  assert.equal(take(), '');
  assert.deepEqual([take({ idle: true }), take({ idle: true })], ['wide', 'fat'], 'alone, even what asks for more than there is');
});

test('a path is what a job takes and the longest chain of those that read it', () => {
  const text = (name: string): Artifact => ({ digest: digestOf(name), size: 1, refs: [] });
  // One that hit counts by what it took when it ran.
  const step = (name: string, ms: number, from: readonly string[]): Step & { name: string } => ({
    name, ...(name === 'c' ? { ms: 0, found: { savedMs: ms, atMs: 0 } } : { ms }),
    work: { key: digestOf(name) as string as Key, task: 'toy', options: {}, inputs: { from: from.map(text) } },
    outputs: { text: text(name) },
  });
  const steps = [step('a', 1, ['source']), step('b', 20, ['a']), step('c', 300, ['a']), step('d', 4000, ['b']), step('e', 50_000, ['source']), step('f', 600_000, ['c', 'd'])];
  assert.deepEqual(Object.fromEntries([...pathsOf(steps)].map(([{ name }, path]) => [name, path])), { a: 604_021, b: 604_020, c: 600_300, d: 604_000, e: 50_000, f: 600_000 });
});
