// The two networks of examples/, whole: the program that stands in the container against the integer definitions, chained from the first
// input to the last output, at every edge, bit for bit; on the real chip and on chips with hardly any memory. And how good the plans are.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { textOf } from '../../src/base/bytes.ts';
import { toMemory } from '../../src/npu/memory.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { ax650 } from '../rig/workspace.ts';
import { chipWith } from './chips.ts';
import { buildNetwork, type Built, type ModelName } from './networks.ts';
import { logicalPixels, noiseOf, pictureOf, type Picture } from './pictures.ts';
import { planFigures } from './plan.ts';
import { differences, groupsOf, linkedOf, referenceEdges, simulatedEdges, type Group, type Tensors } from './reference.ts';

const soak = process.env['SOAK'] === '1';
const chips = { AX650: ax650(), '256 KiB': chipWith({ kib: 256 }), '64 KiB': chipWith({ kib: 64 }) } as const;
type Chip = keyof typeof chips;

const unit = 'subgraph_npu_0';
const raw = 'x:raw';

interface Scene {
  readonly builds: Readonly<Record<Chip, Built>>;
  readonly groups: readonly Group[];
  readonly pictures: readonly Picture[];
  /** Every edge by definition, of each picture. */
  readonly due: readonly Tensors[];
}

for (const name of ['cls', 'det'] as const) {
  let scene: Scene;
  before(async () => {
    scene = await setUp(name);
  });

  for (const chip of Object.keys(chips) as Chip[]) {
    test(`${name}, ${chip}: the linked program equals the integer definitions at every edge, on pictures and on noise`, () => {
      const built = scene.builds[chip];
      const linked = linkedOf(built, unit, scene.groups);
      assert.ok(linked.written.length > 80);
      scene.pictures.forEach((picture, i) => {
        const { edges, saturations } = simulatedEdges(linked, entering(picture));
        assert.equal(edges.size, scene.groups.length);
        assert.deepEqual(differences(scene.due[i]!, edges), [], `picture ${i}`);
        assert.equal(saturations, 0, 'no accumulator leaves its width');
      });
    });

    test(`${name}, ${chip}: the container, executed, gives the bytes that the definitions give`, async () => {
      const { container } = scene.builds[chip];
      const [output] = container.chains[0]!.outputs;
      const { structure } = scene.groups.find((group) => group.output === output)!;
      for (const [i, picture] of scene.pictures.entries()) {
        const ran = await runContainer(container, { x: picture.pixels }, { simulate: (program, params, inputs) => simulate(program, params, inputs).outputs });
        assert.deepEqual(Buffer.from(ran[output!]!), Buffer.from(toMemory(scene.due[i]!.get(output!)!, structure.output)));
      }
    });
  }

  test(`${name}: the cosine that a build tells of is within what other pictures give`, (t) => {
    const cosine = scene.builds['AX650'].json<number>('alone', 'cosine');
    t.diagnostic(`${cosine}`);
    assert.ok(cosine > 0.98 && cosine < 1, `${cosine}`);
  });

  test(`${name}: memory really is as small as the chip says, and programs differ for it`, () => {
    for (const [chip, kib] of [['256 KiB', 256], ['64 KiB', 64]] as const) {
      const { program } = linkedOf(scene.builds[chip], unit, scene.groups);
      assert.ok(program.ocmBytes <= kib * 1024);
    }
    assert.ok(linkedOf(scene.builds['64 KiB'], unit, scene.groups).program.swapBytes > 0, 'edges are swapped out');
  });

  test(`${name}: every group is checked on tensors of at least 32 distinct values`, () => {
    const checks = scene.builds['AX650'].jobs['check'] ?? [];
    assert.equal(checks.length, scene.groups.length);
    for (const { label, outputs } of checks) {
      const { cases, distinct } = JSON.parse(textOf(scene.builds['AX650'].blob(outputs['verdict']!.digest))) as { cases: number; distinct: number[] };
      const group = scene.groups.find((one) => one.name === label)!;
      assert.equal(distinct.length, group.inputs.length);
      assert.ok(cases >= 1 && distinct.every((count) => count >= 32), `${label}: ${cases} cases, ${distinct.join(', ')} distinct values`);
    }
  });

  test(`${name}: the plan needs at most 1.3 times the bytes that live, on chip and in DDR`, (t) => {
    for (const [chip, target] of Object.entries(chips)) {
      const { ocm, swap, stats } = planFigures(scene.builds[chip as Chip], target);
      t.diagnostic(`${chip}: on chip ${ocm.peak} of ${ocm.live} live, swap ${swap.peak} of ${swap.live} live`);
      assert.ok(ocm.peak <= 1.3 * ocm.live, `${chip}: on chip ${ocm.peak}, live ${ocm.live}`);
      assert.ok(swap.peak <= 1.3 * swap.live, `${chip}: swap ${swap.peak}, live ${swap.live}`);
      // The planner's own bounds are honest: they hide no more than constants that are loaded while the group before runs.
      assert.ok(stats.ocmLive >= ocm.live && stats.ocmLive <= stats.ocmPeak);
      assert.equal(stats.swapLive, swap.live);
    }
  });

  test(`${name}: with little memory at least a fifth of the DMA cycles pass while something computes`, (t) => {
    for (const [chip, target] of Object.entries(chips)) {
      const { overlap } = planFigures(scene.builds[chip as Chip], target);
      t.diagnostic(`${chip}: ${(overlap * 100).toFixed(1)} %`);
      assert.ok(overlap >= 0.2 && overlap <= 1, `${chip}: ${overlap}`);
    }
  });
}

async function setUp(name: ModelName): Promise<Scene> {
  const store = openMemoryStore();
  const builds = {
    AX650: await buildNetwork(name, { target: chips['AX650'], set: { 'compiler.check': 2 } }, store),
    '256 KiB': await buildNetwork(name, { target: chips['256 KiB'], set: { 'compiler.check': 0 } }, store),
    '64 KiB': await buildNetwork(name, { target: chips['64 KiB'], set: { 'compiler.check': 0 } }, store),
  };
  const groups = groupsOf(builds['AX650'], unit);
  const pictures = [await pictureOf(name, 1000), noiseOf(name, 1)];
  if (soak) for (let seed = 1001; seed < 1008; seed++) pictures.push(await pictureOf(name, seed), noiseOf(name, seed));
  return { builds, groups, pictures, due: pictures.map((picture) => referenceEdges(groups, entering(picture))) };
}

function entering(picture: Picture): Tensors {
  return new Map([[raw, logicalPixels(picture)]]);
}
