// Waits against the orders in which engines could really run.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { accesses } from '../../src/npu/access.ts';
import { decode, type Decoded } from '../../src/npu/decode.ts';
import { CodeWriter, type Wait } from '../../src/npu/encode.ts';
import { checkHazards, checkWaits } from '../../src/npu/hazards.ts';
import { engines, space } from '../../src/npu/isa.ts';
import { seedOf } from '../rig/random.ts';
import { define } from './oracle.ts';
import { Random, rounds } from './stage.ts';

const bytes = 48;

/** Some copies by sdma and cv over a few bytes, with waits by chance: many of them as late as they can be. */
function randomProgram(random: Random): Decoded[] {
  const writer = new CodeWriter();
  const before = engines.map(() => 0);
  for (let i = random.within(3, 9); i > 0; i--) {
    const wait = before.map((count) => (random.chance(3) ? 0 : random.chance(3) ? random.within(0, count) : count));
    const waits: Wait = [wait[0]!, wait[1]!, wait[2]!, wait[3]!];
    const [from, to] = [random.within(0, bytes - 12), random.within(0, bytes - 12)];
    if (random.chance(2)) {
      const pitches = { from_plane_pitch: 0, from_row_pitch: 4, to_plane_pitch: 0, to_row_pitch: random.pick(2, 6), planes: 1, rows: 2, run: 2 };
      writer.add('load', { from: { space: space.params, offset: from }, to: { space: space.ocm, offset: to }, ...pitches }, waits);
      before[3]!++;
    } else {
      const flat = Object.fromEntries([0, 1, 2, 3].flatMap((d) => [[`dim${d}`, 1], [`from_stride${d}`, 0], [`to_stride${d}`, 0]]));
      const nest = { ...flat, dim4: 2, from_stride4: 3, to_stride4: random.pick(2, 5), dim5: 2, from_stride5: 1, to_stride5: 1 };
      writer.add('move', { from: { space: space.ocm, offset: from }, to: { space: space.ocm, offset: to }, element_bytes: 1, ...nest }, waits);
      before[2]!++;
    }
  }
  return decode(writer.code());
}

function hazardOf(program: readonly Decoded[]): Fault | undefined {
  try {
    checkHazards(program, program.map(accesses));
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** One order in which the engines could run: `choose` picks among the instructions that may start. */
function interleave(program: readonly Decoded[], choose: (ready: readonly Decoded[]) => Decoded): Decoded[] {
  const queues = engines.map((engine) => program.filter((d) => d.engine === engine));
  const done = engines.map(() => 0);
  const order: Decoded[] = [];
  while (order.length < program.length) {
    const ready = queues.flatMap((queue, e) => {
      const next = queue[done[e]!];
      return next !== undefined && next.wait.every((count, f) => done[f]! >= count) ? [next] : [];
    });
    assert.ok(ready.length > 0, 'deadlock');
    const next = choose(ready);
    done[engines.indexOf(next.engine)]!++;
    order.push(next);
  }
  return order;
}

function execute(order: readonly Decoded[]): Uint8Array {
  const ocm = new Uint8Array(bytes).map((_, i) => 100 + i);
  const memory = new Map([[space.ocm as number, ocm], [space.params, new Uint8Array(bytes).map((_, i) => i)]]);
  for (const d of order) define(d, memory);
  return ocm;
}

test(`a program without hazards computes the same in every order that its waits allow (SEED=${seedOf()})`, () => {
  const random = new Random(seedOf());
  let safe = 0;
  for (let round = 0; round < rounds(1000); round++) {
    const program = randomProgram(random);
    checkWaits(program);
    if (hazardOf(program) !== undefined) continue;
    safe++;
    const expected = execute(program);
    for (let i = 0; i < 10; i++) assert.deepEqual(execute(interleave(program, (ready) => random.pick(...ready))), expected);
  }
  assert.ok(safe > 100, `only ${safe} programs were free of hazards`);
});

test(`the two instructions that a hazard names can run in the other order (SEED=${seedOf()})`, () => {
  const random = new Random(seedOf());
  let hazards = 0;
  for (let round = 0; round < rounds(1000); round++) {
    const program = randomProgram(random);
    const fault = hazardOf(program);
    if (fault === undefined) continue;
    hazards++;
    const [first, second] = fault.parts.facts!.map(([index]) => Number(index)) as [number, number];
    // Hold the first back as long as anything else may start.
    const order = interleave(program, (ready) => ready.find((d) => d.index !== first) ?? ready[0]!).map((d) => d.index);
    assert.ok(order.indexOf(second) < order.indexOf(first), fault.message);
  }
  assert.ok(hazards > 100, `only ${hazards} programs had hazards`);
});
