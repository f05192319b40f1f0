// Random plans, after Shake's: a random graph of jobs, random edits, jobs that fail, bytes that get lost; after each
// build every result is compared with a model that just computes the answer, and what ran with what had to.
// SEED=n repeats a run; SOAK=1 makes more of them.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import test from 'node:test';
import { openMemoryStore, type MemoryStore } from '../../cache/memory-store.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { JobFailed } from '../../src/engine/build.ts';
import { inProcess } from '../../src/engine/executor.ts';
import type { Artifact } from '../../src/engine/task.ts';
import { begin, faults, makeFolder, one, randomFrom, seedOfTest, write, type Scene } from './rig.ts';
import { head, join, joined, tasks, trouble } from './toy-tasks.ts';

const soak = process.env['SOAK'] === '1';

/** A job of the plan: joins or cuts what earlier jobs and files made. Negative numbers are files. */
interface Node {
  readonly kind: 'join' | 'head';
  readonly word: string;
  readonly letters: number;
  readonly from: readonly number[];
}

interface Plan {
  files: string[];
  nodes: Node[];
  /** A job that fails when it is asked for, after this many nodes. */
  failAt: number | undefined;
}

type Random = (below: number) => number;

function randomNode(random: Random, at: number, files: number): Node {
  const input = (): number => (at > 0 && random(3) > 0 ? random(at) : -1 - random(files));
  const from = Array.from({ length: 1 + random(3) }, input);
  return { kind: random(3) === 0 ? 'head' : 'join', word: 'ab'[random(2)]!, letters: random(4), from };
}

function randomPlan(random: Random): Plan {
  const files = Array.from({ length: 1 + random(4) }, () => randomText(random));
  return { files, nodes: Array.from({ length: 1 + random(12) }, (_, at) => randomNode(random, at, files.length)), failAt: undefined };
}

function randomText(random: Random): string {
  return Array.from({ length: 1 + random(3) }, () => 'xyz'[random(3)]!).join('');
}

function edit(random: Random, plan: Plan): void {
  for (let edits = random(4); edits > 0; edits--) {
    const at = random(plan.nodes.length);
    const kind = random(4);
    if (kind === 0) plan.files[random(plan.files.length)] = randomText(random);
    if (kind === 1) plan.nodes[at] = { ...plan.nodes[at]!, word: 'abc'[random(3)]! };
    if (kind === 2) plan.nodes[at] = randomNode(random, at, plan.files.length);
    if (kind === 3) plan.nodes.push(randomNode(random, plan.nodes.length, plan.files.length));
  }
  plan.failAt = random(5) === 0 ? random(plan.nodes.length) : undefined;
}

/** The answer, and the recipes that it takes, in words of content. */
function compute({ files, nodes }: Plan): { texts: string[]; recipes: string[] } {
  const texts: string[] = [];
  const recipes: string[] = [];
  for (const { kind, word, letters, from } of nodes) {
    const inputs = from.map((at) => (at < 0 ? files[-1 - at]! : texts[at]!));
    recipes.push(kind === 'join' ? JSON.stringify([kind, word, inputs]) : JSON.stringify([kind, letters, inputs[0]]));
    texts.push(kind === 'join' ? joined(inputs, { word, bytes: 0 }) : inputs[0]!.slice(0, letters));
  }
  return { texts, recipes };
}

/** Asks for all jobs at once, each as soon as what it needs is there; resolves with what became of each. */
async function carryOut(build: Scene, { files, nodes, failAt }: Plan): Promise<(string | 'failed')[]> {
  const sources = await Promise.all(files.map((_, n) => build.source(`file${n}`)));
  const made: Promise<Artifact>[] = [];
  nodes.forEach(({ kind, word, letters, from }, n) => {
    const run = async (): Promise<Artifact> => {
      const inputs = await Promise.all(from.map((at) => (at < 0 ? sources[-1 - at]! : made[at]!)));
      if (n === failAt) await build.run(trouble, { label: `bad ${n}`, options: { how: 'fault' } });
      if (kind === 'head') return one(await build.run(head, { label: `node ${n}`, options: { letters }, inputs: { text: inputs[0] } }));
      const [outputs] = await build.map(join, [{ label: `node ${n}`, options: { word }, inputs: { from: inputs } }]);
      return one(outputs!);
    };
    made.push(run());
  });
  return Promise.all(
    made.map(async (artifact) => {
      try {
        return await build.text(await artifact);
      } catch (error) {
        if (error instanceof JobFailed) return 'failed';
        throw error;
      }
    }),
  );
}

function spoilSome(random: Random, store: MemoryStore, texts: ReadonlySet<string>): Set<Digest> {
  const spoiled = new Set<Digest>();
  for (const text of texts) {
    if (random(4) > 0 || !store.has(digestOf(utf8(text)))) continue;
    store.spoil(digestOf(utf8(text)), random(2) === 0 ? 'missing' : 'corrupt');
    spoiled.add(digestOf(utf8(text)));
  }
  return spoiled;
}

test('random plans give what the model computes, and run what had to run', async () => {
  const random = randomFrom(seedOfTest());
  const folder = makeFolder();
  const seen = { builds: 0, cutOff: 0, failed: 0, repaired: 0 };
  for (let round = 0; round < (soak ? 400 : 40); round++) {
    const plan = randomPlan(random);
    const store = openMemoryStore();
    const known = new Set<string>();
    const everMade = new Set<string>();
    let lost: Digest[] = [];
    for (let step = 0; step < 6; step++) {
      if (step > 0) edit(random, plan);
      for (const name of plan.files.keys()) rmSync(`${folder}/file${name}`, { force: true });
      write(folder, Object.fromEntries(plan.files.map((text, n) => [`file${n}`, text])));
      if (random(3) === 0) lost.push(...spoilSome(random, store, everMade));
      const build = begin({ store, workspace: folder, executor: inProcess({ store, tasks, jobs: 1 + random(4) }), keepGoing: random(2) === 0 });
      const { texts, recipes } = compute(plan);
      const results = await carryOut(build, plan);
      await build.close();
      seen.builds++;
      results.forEach((result, n) => {
        if (result !== 'failed') assert.equal(result, texts[n], `node ${n} of round ${round}, step ${step}`);
      });
      const failed = results.filter((result) => result === 'failed').length;
      assert.equal(failed > 0, plan.failAt !== undefined, 'jobs fail if and only if one was told to');
      assert.equal(faults(build.events).length, plan.failAt === undefined ? 0 : 1);
      const repaired = build.events.filter(({ event }) => event === 'repaired').length;
      assert.ok(lost.length > 0 || repaired === 0, 'only what was lost is repaired');
      if (plan.failAt === undefined && lost.length === 0) {
        const due = new Set(recipes.filter((recipe) => !known.has(recipe)));
        const built = Object.values(build.tally()).reduce((sum, counts) => sum + counts.built, 0);
        assert.equal(built, due.size, `round ${round}, step ${step}: jobs that ran`);
        if (step > 0 && due.size > 0 && due.size < new Set(recipes).size) seen.cutOff++;
      }
      results.forEach((result, n) => {
        if (result === 'failed') return;
        known.add(recipes[n]!);
        everMade.add(texts[n]!);
      });
      // What no job needed stays lost until one does.
      lost = lost.filter((digest) => typeof store.blob(digest) === 'string');
      seen.failed += failed > 0 ? 1 : 0;
      seen.repaired += repaired;
    }
  }
  // The test is worth something only if all of this happened.
  assert.ok(seen.cutOff > 20 && seen.failed > 10 && seen.repaired > 10, JSON.stringify(seen));
});
