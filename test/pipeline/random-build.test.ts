// Random edits of configuration and sources: after each, the incremental build gives the bytes of a cold one. SEED= repeats a run.
import assert from 'node:assert/strict';
import test from 'node:test';
import { codeDigests, Workspace } from '../rig/workspace.ts';
import { pick, random, seedOf, type Random } from '../rig/random.ts';
import { plain, put, type Settings } from './scene.ts';

const groups = ['stem_conv_node', 'branch_node', 'join_node', 'left_node', 'right_node', 'concat_node', 'head_conv_node', 'pool_node', 'y_node'];
const ranges = [
  { start: ['join'], end: ['left', 'right'] },
  { start: ['join'], end: ['left'] },
  { start: ['concat'], end: ['head'] },
  { start: ['stem'], end: ['join'] },
  { start: ['x'], end: ['branch'] },
] as const;

/** Kinds of edits; each changes something. */
const edits: Readonly<Record<string, (settings: Settings, rand: Random) => Settings>> = {
  'layer by name': (s, rand) => ({ ...s, layers: [...s.layers.slice(-2), { layer_name: pick(rand, groups), data_type: pick(rand, ['U8', 'S8', 'U16', 'S16']) }] }),
  'weights of a layer': (s, rand) => ({ ...s, layers: [...s.layers.slice(-2), { layer_names: ['stem_conv_node', 'branch_node'], weight_data_type: pick(rand, ['S8', 'S16']), output_data_type: pick(rand, ['U8', 'S16']) }] }),
  'layer by type': (s, rand) => ({ ...s, layers: [...s.layers.slice(-2), { op_type: pick(rand, ['Conv', 'Add', 'Concat', 'Relu', 'HardSwish']), data_type: pick(rand, ['U8', 'U16']) }] }),
  'layers removed': (s) => ({ ...s, layers: [] }),
  'range': (s, rand) => ({ ...s, range: rand() < 0.2 ? null : { ...pick(rand, ranges), options: {} } }),
  'check of a range': (s, rand) => ({ ...s, range: { ...(s.range ?? ranges[0]), options: { check: pick(rand, [0, 1, 2, 3]), check_rtol: pick(rand, [1e-5, 1e-4]) } } }),
  'images': (s, rand) => {
    const without = s.images.length > 2 && rand() < 0.5 ? s.images.slice(1) : s.images;
    return { ...s, images: [...new Set([...without, pick(rand, [0, 1, 2, 3, 4, 5, 100, 101])])].slice(-5) };
  },
  'weights': (s, rand) => ({ ...s, network: { ...s.network, scale: { node: pick(rand, ['stem_conv', 'branch', 'shared', 'head_conv', 'y']), by: pick(rand, [0.5, 1.25, 2]) } } }),
  'front operator': (s) => ({ ...s, network: { ...s.network, front: s.network.front !== true } }),
};

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
