// How long what is planned would take.
import assert from 'node:assert/strict';
import test from 'node:test';
import { estimateOf } from '../../src/engine/estimate.ts';
import type { Lineage } from '../../src/engine/lineage.ts';
import type { PlannedJob } from '../../src/engine/plan.ts';

const job = (label: string, ms: number | undefined, fate: PlannedJob['fate'] = 'may run'): PlannedJob => ({ task: 'toy', label, also: [], fate, causes: [], ...(ms !== undefined && { ms }) });

/** a, b and c one behind the other, d beside them. */
const lineage: Lineage = {
  jobs: ['a', 'b', 'c', 'd'].map((label) => ({ task: 'toy', label, also: [], outcome: 'built', ms: 1 })),
  sources: [],
  readings: [{ from: { kind: 'job', index: 0 }, to: 1, input: 'x' }, { from: { kind: 'job', index: 1 }, to: 2, input: 'x' }],
};

test('one worker does all of it, one after the other', () => {
  assert.deepEqual(estimateOf([job('a', 3), job('b', 4), job('d', 5)], lineage, 1), { ms: 12, workers: 1, unknown: 0 });
});

test('many workers wait for the longest chain; what hits is not part of it', () => {
  assert.equal(estimateOf([job('a', 3), job('b', 4), job('c', 5, 'will run'), job('d', 6)], lineage, 100).ms, 12);
  assert.equal(estimateOf([job('a', 3), job('b', 4, 'hit'), job('c', 5), job('d', 6)], lineage, 100).ms, 8);
});

test('jobs that no build has seen count as themselves; those without a past are counted', () => {
  assert.deepEqual(estimateOf([job('new', 30), job('a', 3), job('newer', undefined)], lineage, 4), { ms: 30, workers: 4, unknown: 1 });
  assert.equal(estimateOf([job('a', 3), job('b', 4)], undefined, 2).ms, 4);
  assert.equal(estimateOf([], lineage, 2).ms, 0);
});
