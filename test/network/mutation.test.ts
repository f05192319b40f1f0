// The checks see what is wrong: random changes of single fields of real programs, held against what a build checks.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import type { Json } from '../../src/base/canonical.ts';
import type { Digest } from '../../src/base/digest.ts';
import { Fault } from '../../src/base/fault.ts';
import type { Job } from '../../src/engine/task.ts';
import { decode } from '../../src/npu/decode.ts';
import { waitWord } from '../../src/npu/encode.ts';
import type { Engine } from '../../src/npu/isa.ts';
import { writeProgram } from '../../src/npu/program.ts';
import { sampleCodes } from '../../src/quant/codes.ts';
import { linkCheck } from '../../tasks/link-check.ts';
import type { SampleIndex } from '../../tasks/passing.ts';
import { random, seedOf } from '../rig/random.ts';
import { chipWith } from './chips.ts';
import { describe, mutate, type Mutation } from './mutations.ts';
import { buildNetwork, type Built, type ModelName } from './networks.ts';
import { logicalPixels, noiseOf, pictureOf } from './pictures.ts';
import { differences, groupsOf, linkedOf, referenceEdges, simulatedEdges, type Linked, type Tensors } from './reference.ts';

const soak = process.env['SOAK'] === '1';
const unit = 'subgraph_npu_0';

/** Small chips and pictures: tiles, swaps, and programs that run in milliseconds. */
const programs: readonly { name: ModelName; size: readonly [number, number]; count: number }[] = [
  { name: 'cls', size: [48, 192], count: soak ? 300 : 100 },
  { name: 'det', size: [96, 96], count: soak ? 300 : 20 },
];

const scenes = new Map<ModelName, Scene>();
before(async () => {
  for (const { name, size } of programs) scenes.set(name, await sceneOf(name, size));
});

test(`of ${programs.map(({ name, count }) => `${count} random changes to ${name}`).join(' and ')} that matter, the checks catch at least 95 %`, async (t) => {
  const seed = seedOf();
  t.diagnostic(`SEED=${seed}`);
  const rand = random(seed);
  const all = { caught: 0, missed: 0 };
  for (const { name, count } of programs) {
    const scene = scenes.get(name)!;
    const tally = { fault: 0, difference: 0, missed: 0, harmless: 0 };
    const matter = (): number => tally.fault + tally.difference + tally.missed;
    for (let i = 0; matter() < count; i++) {
      const mutation = mutate(scene.linked.program.code, rand);
      const { verdict, why } = judge(scene, mutation);
      tally[verdict]++;
      if (verdict === 'missed') t.diagnostic(`${name}, missed: ${describe(mutation)}: ${why}`);
      // What is said here of the checks is what the build's own check says.
      if (i % 20 === 0 || verdict === 'missed') assert.equal((await faultOf(scene, mutation.code)) !== undefined, verdict === 'fault' || verdict === 'difference', describe(mutation));
    }
    t.diagnostic(`${name}: ${count - tally.missed} of ${count} caught, ${tally.fault} by rules, ${tally.difference} by results; ${tally.harmless} more changed nothing`);
    all.caught += count - tally.missed;
    all.missed += tally.missed;
  }
  // Those that get through change what one calibration sample doesn't reach: a bound of a clamp, a step near a rounding.
  assert.ok(all.caught >= 0.95 * (all.caught + all.missed), `${all.missed} missed, SEED=${seed}`);
});

test('the check of a build passes the program, and says what is wrong with a broken one', async () => {
  const scene = scenes.get('cls')!;
  const { code } = scene.linked.program;
  const broken = (instruction: string, field: string, change: (value: number) => number): Uint32Array => {
    const hit = decode(code).findLast((one) => one.name === instruction)!;
    const word = field.startsWith('wait ') ? waitWord(field.slice(5) as Engine) : hit.form.slots.find((slot) => slot.name === field)!.word;
    return code.with(hit.at + word, change(code[hit.at + word]!));
  };
  assert.equal(await faultOf(scene, code), undefined);
  // The last tile of an addition weighs its first input by one part in a thousand too much.
  assert.match((await faultOf(scene, broken('add', 'a_multiplier', (value) => value + (value >> 10)))) ?? '', /^check group \d+ of the linked program: the program and the reference disagree\n/);
  // The result is stored before it is there: right in program order, wrong on engines that run side by side.
  assert.match((await faultOf(scene, broken('store', 'wait teng', () => 0))) ?? '', /^hazard: instructions \d+ \(dequantize\) and \d+ \(store\) touch the same bytes, and no wait orders them\n/);
  assert.match((await faultOf(scene, broken('store', 'run', (value) => value - 4))) ?? '', /^poison: no instruction writes output0\+\d+/);
  assert.match((await faultOf(scene, broken('conv', 'stride_y', () => 0))) ?? '', /^instruction \d+ \(conv\): stride_y is 0\n/);
});

interface Scene {
  readonly built: Built;
  readonly linked: Linked;
  /** The calibration sample that checks run on, and what it gives by definition. */
  readonly sample: { readonly entering: Tensors; readonly due: Tensors };
  /** Inputs that tell whether a change matters. */
  readonly others: readonly { readonly label: string; readonly entering: Tensors; readonly due: Tensors }[];
}

async function sceneOf(name: ModelName, size: readonly [number, number]): Promise<Scene> {
  const set: Record<string, Json> = { 'compiler.check': 2, 'input_shapes': `x:1x3x${size.join('x')}`, 'quant.input_configs[0].calibration_size': 8 };
  const built = await buildNetwork(name, { target: chipWith({ kib: 64 }), set }, openMemoryStore());
  const groups = groupsOf(built, unit);
  const linked = linkedOf(built, unit, groups);
  const samples = built.json<SampleIndex>('sample', 'tensors');
  const [[edge, form]] = linked.inputs as [Linked['inputs'][number]];
  const dueOf = (entering: Tensors) => ({ entering, due: referenceEdges(groups, entering) });
  const pictures = [
    ...[1000, 1001, 1002].map(async (seed) => [`picture ${seed}`, await pictureOf(name, seed, size)] as const),
    ...[1, 2].map((seed) => [`noise ${seed}`, noiseOf(name, seed, size)] as const),
  ];
  const others = (await Promise.all(pictures)).map(([label, picture]) => ({ label, ...dueOf(new Map([[edge, logicalPixels(picture)]])) }));
  return { built, linked, sample: dueOf(new Map([[edge, sampleCodes(built.blob(samples[edge]!), form, null)]])), others };
}

/** Faults of decoding, legality, memory, poison and hazards; or a difference at any edge, as link_check looks for it. */
function judge({ linked, sample, others }: Scene, { code }: Mutation): { verdict: 'fault' | 'difference' | 'missed' | 'harmless'; why: string } {
  try {
    const [first] = differences(sample.due, simulatedEdges(linked, sample.entering, code).edges);
    if (first !== undefined) return { verdict: 'difference', why: first };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { verdict: 'fault', why: error.message };
  }
  for (const { label, entering, due } of others) {
    const [first] = differences(due, simulatedEdges(linked, entering, code).edges);
    if (first !== undefined) return { verdict: 'missed', why: `the calibration sample gives the same at every edge, but ${label} does not: ${first}` };
  }
  return { verdict: 'harmless', why: '' };
}

/** What the task of a build says of a program with other code; undefined when it passes. */
async function faultOf({ built, linked }: Scene, code: Uint32Array): Promise<string | undefined> {
  const { recipe } = built.jobs['link_check']![0]!;
  const given = (name: string): Uint8Array[] => [recipe.inputs[name]!].flat().map((digest) => built.blob(digest as Digest));
  const unneeded = (): never => {
    throw new Error('link_check keeps and looks up nothing');
  };
  const job: Job<never> = {
    options: linkCheck.options.parse(recipe.options) as never, // the task's own schema
    input: (name) => (name === 'program' ? writeProgram({ ...linked.program, code }) : given(name)[0]!),
    inputs: given,
    blob: unneeded,
    keep: unneeded,
    memo: (_, make) => make(),
    say: () => undefined,
  };
  try {
    await linkCheck.run(job);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}
