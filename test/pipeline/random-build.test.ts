// Random edits of configuration and sources: after each, the incremental build gives the bytes of a cold one. SEED= repeats a run.
import assert from 'node:assert/strict';
import test from 'node:test';
import { codeDigests, Workspace } from '../rig/workspace.ts';
import { random, seedOf } from '../rig/random.ts';
import { edits } from './edits.ts';
import { plain, put } from './scene.ts';

const count = process.env['SOAK'] === '1' ? 200 : 60;

test(`after each of ${count} random edits the incremental bytes are the cold bytes`, async (t) => {
  const seed = seedOf();
  t.diagnostic(`SEED=${seed}`);
  const rand = random(seed);
  const kinds = Object.keys(edits);
  // Each kind often enough, in random order.
  const order = Array.from({ length: count }, (_, i) => ({ kind: kinds[i % kinds.length]!, at: rand() })).sort((a, b) => a.at - b.at);
  const workspace = new Workspace();
  const seen = new Map<string, number>();
  let compiled = 0;
  try {
    let settings = plain;
    put(workspace, settings);
    await workspace.build();
    for (const [i, { kind }] of order.entries()) {
      settings = edits[kind]!(settings, rand);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      put(workspace, settings);
      const incremental = await workspace.build({ code: codeDigests() });
      const cold = await workspace.build({ cold: true });
      assert.deepEqual(incremental.digests, cold.digests, `edit ${i} (${kind}), SEED=${seed}`);
      if ((incremental.tally['tile']?.hit ?? 0) + (incremental.tally['values']?.hit ?? 0) > 0) compiled++;
    }
  } finally {
    workspace.remove();
  }
  for (const kind of kinds) assert.ok((seen.get(kind) ?? 0) >= 5, `${kind}: ${seen.get(kind)} times`);
  assert.ok(compiled >= count / 2, `${compiled} of ${count} edits left a compile hit`);
});
