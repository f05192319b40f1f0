// What a worker keeps between two runs of a unit's groups one by one: only what nothing has changed for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf } from '../../src/base/digest.ts';
import { createMemo } from '../../src/engine/run-jobs.ts';
import type { Job } from '../../src/engine/task.ts';
import { keptGroups } from '../../tasks/kept-groups.ts';

const edge = { shape: [1], dtype: 'U8', layout: 'plain' } as const;
/** Edge 0 is the input; group g reads some edges and writes edge g + 1. */
const reads = [[0], [1], [1], [2, 3]];

/** Runs four groups; each gives the sum of what it reads, and its own constant. Which of them were made? */
function run(memo: Job<unknown>['memo'], constants: readonly number[], sample = 7): { made: number[]; values: number[] } {
  const many = (bytes: readonly number[]): readonly Uint8Array[] => bytes.map((byte) => Uint8Array.of(byte));
  const given: Readonly<Record<string, readonly Uint8Array[]>> = { objects: many([1, 2, 3, 4]), scalars: many([0, 0, 0, 0]), constants: many(constants) };
  const job: Job<unknown> = { options: {}, memo, inputs: (name) => given[name]!, input: unused, blob: unused, keep: unused, say: unused };
  const samples = [Uint8Array.of(sample)];
  const kept = keptGroups(job, samples);
  const at: Uint8Array[] = [samples[0]!];
  const made: number[] = [];
  reads.forEach((inputs, group) => {
    at[group + 1] = kept.run({ group, structure: { inputs: inputs.map(() => edge), output: edge }, inputs, output: group + 1, make() {
      made.push(group);
      return Uint8Array.of(inputs.reduce((sum, from) => sum + at[from]![0]!, constants[group]!));
    } });
    assert.equal(kept.digest(group), digestOf(at[group + 1]!));
  });
  return { made, values: at.slice(1).map((bytes) => bytes[0]!) };
}

function unused(): never {
  throw new Error('not asked for here');
}

test('after an edit the groups in front of it and beside it are kept, those behind it are made', () => {
  const memo = createMemo();
  assert.deepEqual(run(memo, [1, 1, 1, 1]), { made: [0, 1, 2, 3], values: [8, 9, 9, 19] });
  assert.deepEqual(run(memo, [1, 1, 1, 1]), { made: [], values: [8, 9, 9, 19] });
  assert.deepEqual(run(memo, [1, 1, 5, 1]), { made: [2, 3], values: [8, 9, 13, 23] });
  assert.deepEqual(run(memo, [2, 1, 5, 1]), { made: [0, 1, 2, 3], values: [9, 10, 14, 25] });
});

test('another sample makes everything again', () => {
  const memo = createMemo();
  run(memo, [1, 1, 1, 1]);
  assert.deepEqual(run(memo, [1, 1, 1, 1], 8).made, [0, 1, 2, 3]);
});

test('only the last run is kept', () => {
  const memo = createMemo();
  run(memo, [1, 1, 1, 1]);
  run(memo, [1, 1, 5, 1]);
  assert.deepEqual(run(memo, [1, 1, 1, 1]).made, [2, 3]);
});
