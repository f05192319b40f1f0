// link: one program of many groups computes what the groups compute, keeps to its memory, and overlaps transfers with computing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { packConstants } from '../../src/npu/constants.ts';
import { decode } from '../../src/npu/decode.ts';
import { link } from '../../src/npu/link.ts';
import { edgeBytes, fromMemory, toMemory } from '../../src/npu/memory.ts';
import type { LinkEdge, LinkGroup, Program } from '../../src/npu/object.ts';
import { paramsOf } from '../../src/npu/params.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { tile } from '../../src/npu/tile.ts';
import type { Target } from '../../src/targets/target.ts';
import { networkOf, valuesOf, type Network } from './networks.ts';
import { Random, seed, soak } from './random.ts';
import { chipOf } from './targets.ts';

const count = soak ? 120 : 10;
const KiB = 1024;

function unitOf({ groups, edges }: Network, target: Target): { groups: LinkGroup[]; edges: LinkEdge[] } {
  return {
    groups: groups.map(({ structure, params, inputs, output }) => ({ menu: tile(structure, { target, mode: 'NPU1' }), scalars: params.scalars, inputs, output })),
    edges: edges.map(({ edge, role }) => ({ bytes: edgeBytes(edge), role })),
  };
}

function linkFor(network: Network, target: Target): Program {
  const unit = unitOf(network, target);
  return link(unit.groups, unit.edges, { target, mode: 'NPU1' });
}

function run(network: Network, program: Program, probes: Parameters<typeof simulate>[3]): ReturnType<typeof simulate> {
  const params = paramsOf(program, network.groups.map(({ structure, params: integers }) => packConstants(structure, integers)));
  return simulate(program, params, [toMemory(network.codes[0]!, network.edges[0]!.edge)], probes);
}

function eachNetwork(scene: (network: Network, place: string) => void): void {
  for (let i = 0; i < count; i++) {
    const random = new Random(seed * 77 + i);
    scene(networkOf(random, random.whole(1, 18)), `SEED=${seed} network ${i}`);
  }
}

test('a linked program fills every edge with what its group computes, however little memory there is', () => {
  eachNetwork((network, place) => {
    const expected = valuesOf(network);
    for (const bytes of [1024 * KiB, 64 * KiB, 32 * KiB]) {
      const program = linkFor(network, chipOf(bytes));
      assert.ok(program.ocmBytes <= bytes, place);
      const probes = program.edges.map(({ space, offset, completeAfter }, e) => ({ space, offset, after: completeAfter, bytes: edgeBytes(network.edges[e]!.edge) }));
      const { probes: found } = run(network, program, { strict: true, probes });
      found.forEach((memory, e) => {
        const { data } = fromMemory(memory, network.edges[e]!.edge);
        assert.ok(Buffer.from(data.buffer).equals(Buffer.from(expected[e]!.data.buffer)), `${place}: edge ${e} with ${bytes} bytes`);
      });
    }
  });
});

test('the same unit links to the same bytes', () => {
  eachNetwork((network, place) => {
    const [first, second] = [linkFor(network, chipOf(64 * KiB)), linkFor(network, chipOf(64 * KiB))];
    assert.deepEqual(first, second, place);
  });
});

test('a new scale changes words of the code, never its length, addresses or waits', () => {
  eachNetwork((network, place) => {
    const unit = unitOf(network, chipOf(64 * KiB));
    const options = { target: chipOf(64 * KiB), mode: 'NPU1' };
    const before = link(unit.groups, unit.edges, options);
    const moved = unit.groups.map((group) => ({ ...group, scalars: Object.fromEntries(Object.keys(group.scalars).map((name, i) => [name, 17 + i])) }));
    const after = link(moved, unit.edges, options);
    const frame = ({ code }: Program) => decode(code).map(({ name, wait, addresses }) => ({ name, wait, addresses }));
    assert.deepEqual(frame(after), frame(before), place);
    assert.deepEqual({ ...after, code: before.code }, before, place);
  });
});

test('more on-chip memory never makes the plan slower', () => {
  eachNetwork((network, place) => {
    const target = chipOf(1024 * KiB);
    const { groups, edges } = unitOf(network, target);
    const least = Math.max(...groups.map(({ menu }) => Math.min(...menu.variants.filter(({ onChip }) => !onChip.includes(true)).map(({ arenaBytes }) => arenaBytes))));
    const sizes = [1024, 512, 256, 128, 64, 32, 16].map((size) => size * KiB).filter((size) => size >= least + 64);
    const cycles = sizes.map((ocmBytes) => link(groups, edges, { target, mode: 'NPU1', ocmBytes }).stats.cycles);
    for (let i = 1; i < cycles.length; i++) assert.ok(cycles[i - 1]! <= cycles[i]!, `${place}: ${cycles.join(' ')}`);
  });
});

test('a chip with four times the memory is never slower', () => {
  eachNetwork((network, place) => {
    const cycles = [16, 64, 256, 1024].map((size) => linkFor(network, chipOf(size * KiB)).stats.cycles);
    for (let i = 1; i < cycles.length; i++) assert.ok(cycles[i]! <= cycles[i - 1]!, `${place}: ${cycles.join(' ')}`);
  });
});

test('peaks stay near what is alive at one time', () => {
  eachNetwork((network, place) => {
    for (const bytes of [1024 * KiB, 64 * KiB, 32 * KiB]) {
      const { ocmPeak, ocmLive, swapPeak, swapLive } = linkFor(network, chipOf(bytes)).stats;
      assert.ok(ocmPeak >= ocmLive && swapPeak >= swapLive, place);
      assert.ok(ocmPeak <= 1.3 * ocmLive && swapPeak <= 1.3 * swapLive, `${place}: ${JSON.stringify({ ocmPeak, ocmLive, swapPeak, swapLive })}`);
    }
  });
});
