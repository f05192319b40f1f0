// Which goals the words of a command mean.
import assert from 'node:assert/strict';
import test from 'node:test';
import { selectGoals } from '../../src/config/index.ts';
import type { ManifestGoal } from '../../src/config/manifest.ts';
import { faultOf } from './scene.ts';

const goal = (name: string, ...tags: string[]): ManifestGoal => ({ name, model: name.replace(/@.*/, ''), tags, file: 'axbuild.yaml', folder: '/w', environment: {}, configs: [], output: name, settings: [] });
const manifest = { file: 'axbuild.yaml', goals: [goal('cls'), goal('det@NPU1', 'product'), goal('det@NPU2', 'product', 'nightly'), goal('cameras/det@NPU2', 'nightly')] };

const named = (line: string, tags: readonly string[] = []): string[] => selectGoals(manifest, { words: line.split(' ').filter((word) => word !== ''), tags }).map(({ name }) => name);

test('a goal, a model, a pattern; in the manifest\'s order, whatever the order of the words', () => {
  assert.deepEqual(named(''), ['cls', 'det@NPU1', 'det@NPU2', 'cameras/det@NPU2']);
  assert.deepEqual(named('det@NPU2 cls'), ['cls', 'det@NPU2']);
  assert.deepEqual(named('det'), ['det@NPU1', 'det@NPU2']);
  assert.deepEqual(named('cameras/det'), ['cameras/det@NPU2']);
  assert.deepEqual(named('det@*'), ['det@NPU1', 'det@NPU2']);
  assert.deepEqual(named('*@NPU2'), ['det@NPU2', 'cameras/det@NPU2']);
  assert.deepEqual(named('c?s'), ['cls']);
});

test('a tag selects among what the words mean', () => {
  assert.deepEqual(named('', ['nightly']), ['det@NPU2', 'cameras/det@NPU2']);
  assert.deepEqual(named('', ['nightly', 'product']), ['det@NPU1', 'det@NPU2', 'cameras/det@NPU2']);
  assert.deepEqual(named('det', ['nightly']), ['det@NPU2']);
});

test('what selects nothing is refused, with the nearest that does', () => {
  const goals = 'cls, det@NPU1, det@NPU2, cameras/det@NPU2';
  assert.equal(faultOf(() => named('det@NPU3')), `axbuild.yaml has no goal "det@NPU3"\n   goals  ${goals}\n   try    det@NPU1`);
  assert.equal(faultOf(() => named('dett')), `axbuild.yaml has no goal "dett"\n   goals  ${goals}\n   try    det`);
  assert.equal(faultOf(() => named('*@NPU9')), `no goal of axbuild.yaml is like "*@NPU9"\n   goals  ${goals}`);
  assert.equal(faultOf(() => named('', ['nightli'])), 'axbuild.yaml has no tag "nightli"\n   tags  product, nightly\n   try   nightly');
  assert.equal(faultOf(() => named('cls', ['nightly'])), 'no goal named cls has the tag nightly\n   named  cls');
  const many = { file: 'axbuild.yaml', goals: Array.from({ length: 20 }, (_, i) => goal(`m${i}`)) };
  assert.equal(faultOf(() => selectGoals(many, { words: ['nothing-like-it'] })), 'axbuild.yaml has no goal "nothing-like-it"\n   goals  m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11 and 8 more');
});
