// More of anything never makes a plan slower: random units on random chips, with twice the memory, more of DDR, more engine sets.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { edgeBytes } from '../../src/npu/memory.ts';
import { link } from '../../src/npu/link.ts';
import type { LinkOptions } from '../../src/npu/object.ts';
import { tile } from '../../src/npu/tile.ts';
import { ax650 } from '../../src/targets/ax650.ts';
import type { Target } from '../../src/targets/target.ts';
import { networkOf, type Network } from './networks.ts';
import { Random, seed, soak } from './random.ts';

const count = soak ? 150 : 4;
const modes = [1, 2, 3, 5];

/** Chips of different balance: what is slow on one is fast on another. */
function chipFor(random: Random): Target {
  const scaled = (rate: number): number => Math.max(1, Math.round(rate * random.pick([0.25, 1, 4])));
  return {
    ...ax650,
    array: { ...ax650.array, positions: random.pick([1, 8, 16]), inChannels: random.pick([4, 16]) }, arrays: random.pick([1, 2, 3]),
    resultBytes: scaled(ax650.resultBytes), vectorLanes: scaled(ax650.vectorLanes), moveBytes: scaled(ax650.moveBytes), ddrBytesPerCycle: scaled(ax650.ddrBytesPerCycle),
    dmaStartCycles: random.pick([0, 200, 1000]), handoverCycles: random.pick([0, 200, 1600]), weightWindowBytes: random.pick([0, 4096, 65536]),
  };
}

/** Cycles of the linked program; undefined where some group doesn't fit. Menus are made for the mode's memory, as a build makes them. */
function cyclesOf({ groups, edges }: Network, chip: Target, { ocmBytes, engineSets = 1, ddrBytesPerCycle }: { ocmBytes: number; engineSets?: number; ddrBytesPerCycle?: number }): number | undefined {
  const options: LinkOptions = { target: { ...chip, modes: [{ name: 'NPU', engineSets, ocmBytes }] }, mode: 'NPU', ...(ddrBytesPerCycle !== undefined && { ddrBytesPerCycle }) };
  try {
    const members = groups.map(({ structure, params, inputs, output }) => ({ menu: tile(structure, options), scalars: params.scalars, inputs, output }));
    return link(members, edges.map(({ edge, role }) => ({ bytes: edgeBytes(edge), role })), options).stats.cycles;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function eachUnit(scene: (one: { network: Network; chip: Target; ocmBytes: number; place: string }) => void): void {
  for (let i = 0; i < count; i++) {
    const random = new Random(seed * 991 + i);
    const network = networkOf(random, random.whole(1, 14));
    scene({ network, chip: chipFor(random), ocmBytes: random.whole(8, 400) * 1024, place: `SEED=${seed} unit ${i}` });
  }
}

/** `cycles` in the order of more and more. */
function assertFalling(cycles: readonly (number | undefined)[], place: string): void {
  const known = cycles.filter((one) => one !== undefined);
  known.forEach((one, i) => assert.ok(i === 0 || one <= known[i - 1]!, `${place}: ${known.join(', ')}`));
}

test('twice the memory, and twice that', () => {
  eachUnit(({ network, chip, ocmBytes, place }) => {
    assertFalling([1, 2, 4, 8].map((times) => cyclesOf(network, chip, { ocmBytes: times * ocmBytes })), place);
    assertFalling([1, 2, 4].map((times) => cyclesOf(network, chip, { ocmBytes: times * ocmBytes, engineSets: 3 })), `${place}, three sets`);
  });
});

test('more of DDR, up to all of it', () => {
  eachUnit(({ network, chip, ocmBytes, place }) => {
    const shares = [0.05, 0.2, 0.21, 0.5, 0.77, 1, 2];
    assertFalling(shares.map((share) => cyclesOf(network, chip, { ocmBytes, ddrBytesPerCycle: share * chip.ddrBytesPerCycle })), place);
  });
});

test('more engine sets', () => {
  eachUnit(({ network, chip, ocmBytes, place }) => {
    assertFalling(modes.map((engineSets) => cyclesOf(network, chip, { ocmBytes, engineSets })), place);
  });
});

test('more of everything', () => {
  eachUnit(({ network, chip, ocmBytes, place }) => {
    assertFalling([1, 2, 4].map((times) => cyclesOf(network, chip, { ocmBytes: times * ocmBytes, engineSets: times, ddrBytesPerCycle: (times / 4) * chip.ddrBytesPerCycle })), place);
  });
});
