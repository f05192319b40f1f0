// Every kind, random structures, every residency and tile size that a menu offers, on chips from large to tiny: the simulated program
// equals the integer definition to the bit.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { tile } from '../../src/npu/tile.ts';
import type { Menu } from '../../src/npu/object.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import type { GroupStructure } from '../../src/ops/group.ts';
import type { Target } from '../../src/targets/target.ts';
import { Random, seed, soak } from './random.ts';
import { runVariant } from './run-variant.ts';
import { drafts, hasFloatForm, sceneOf } from './scenes.ts';
import { chipOf } from './targets.ts';

const chips = [3.5 * 2 ** 20, 256 * 1024, 64 * 1024, 6 * 1024].map(chipOf);
/** Emulated floats take longest. */
const countOf = (inFloat: boolean): number => (soak ? (inFloat ? 24 : 60) : 12);

const scenes = [...Object.keys(drafts).map((name) => ({ name, inFloat: false })), ...hasFloatForm.map((name) => ({ name, inFloat: true }))];

for (const { name, inFloat } of scenes) {
  const draft = drafts[name]!;
  test(`${name}${inFloat ? ' in FP32' : ''}: every variant computes what the definition says`, () => {
    const count = countOf(inFloat);
    let [variants, tooLarge] = [0, 0];
    for (let i = 0; i < count; i++) {
      const random = new Random(seed * 1000 + i);
      const scene = sceneOf(draft(random), random, inFloat);
      const expected = kindOf(scene.structure.kind).integer(scene.structure, scene.params, scene.inputs);
      const tried = new Set<string>();
      for (const target of chips) {
        const menu = menuOf(scene.structure, target);
        if (menu === undefined) {
          tooLarge++;
          continue;
        }
        menu.variants.forEach((variant, v) => {
          const key = variant.code.join();
          if (tried.has(key)) return;
          tried.add(key);
          variants++;
          const place = `SEED=${seed} case ${i} ${target.name} variant ${v} on chip ${variant.onChip.join()} arena ${variant.arenaBytes}: ${JSON.stringify(scene.structure)}`;
          try {
            assert.deepEqual(differences(runVariant(scene, variant).data, expected.data), []);
          } catch (error) {
            throw new Error(place, { cause: error });
          }
        });
      }
    }
    // Floats that are only copied leave little to choose.
    assert.ok(variants >= (inFloat ? 1 : 2) * count, `${variants} variants of ${count} groups, ${tooLarge} too large`);
  });
}

function menuOf(structure: GroupStructure, target: Target): Menu | undefined {
  try {
    return tile(structure, { target, mode: 'NPU1' });
  } catch (error) {
    if (error instanceof Fault && error.message.includes('even its smallest tile does not fit')) return undefined;
    throw error;
  }
}

/** The first few places where two lists of numbers differ. */
function differences(got: ArrayLike<number>, expected: ArrayLike<number>): string[] {
  const found = got.length === expected.length ? [] : [`length ${got.length} instead of ${expected.length}`];
  for (let i = 0; i < expected.length && found.length < 4; i++) if (got[i] !== expected[i]) found.push(`[${i}] ${got[i]} instead of ${expected[i]}`);
  return found;
}
