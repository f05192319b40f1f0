// Chains run stripe by stripe: the same bits as their groups one by one, however they are cut.
import assert from 'node:assert/strict';
import test from 'node:test';
import { chainsOf, tileChain, worthOn } from '../../src/npu/chains.ts';
import { packConstants } from '../../src/npu/constants.ts';
import { decode } from '../../src/npu/decode.ts';
import { space } from '../../src/npu/isa.ts';
import { link } from '../../src/npu/link.ts';
import { linkChains, linkedWith, type LinkChain } from '../../src/npu/link-chains.ts';
import { edgeBytes, fromMemory, toMemory } from '../../src/npu/memory.ts';
import { readMenu, writeMenu } from '../../src/npu/menu.ts';
import type { LinkEdge, LinkGroup, Program } from '../../src/npu/object.ts';
import { paramsOf } from '../../src/npu/params.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { tile } from '../../src/npu/tile.ts';
import { chainNetworkOf, codesOf, type ChainNetwork } from './chain-networks.ts';
import { networkOf } from './networks.ts';
import { Random, seed, soak } from './random.ts';
import { chipOf } from './targets.ts';

const KiB = 1024;
const everything = { edgeBytes: 0, constantBytes: Infinity };

interface Scene {
  readonly groups: readonly LinkGroup[];
  readonly edges: readonly LinkEdge[];
  readonly chains: readonly LinkChain[];
  readonly options: { readonly target: ReturnType<typeof chipOf>; readonly mode: string };
}

function sceneOf({ groups, edges }: Pick<ChainNetwork, 'groups' | 'edges'>, ocmBytes: number, worth = worthOn(ocmBytes)): Scene {
  const options = { target: chipOf(ocmBytes), mode: 'NPU1' };
  const structures = groups.map(({ structure }) => structure);
  const found = chainsOf(groups, { structures, inner: (e) => edges[e]!.role === 'inner', worth });
  return {
    groups: groups.map(({ structure, params, inputs, output }) => ({ menu: tile(structure, options), scalars: params.scalars, inputs, output })),
    edges: edges.map(({ edge, role }) => ({ bytes: edgeBytes(edge), role })),
    chains: found.map((chain) => ({ ...chain, menu: readMenu(writeMenu(tileChain(chain.groups.map((g) => structures[g]!), chain.shape, options))) })),
    options,
  };
}

/** Every edge that exists whole holds what the integer definitions say; strict execution. */
function assertComputes(network: ChainNetwork, program: Program, place: string): void {
  const expected = codesOf(network);
  const params = paramsOf(program, network.groups.map(({ structure, params: integers }) => packConstants(structure, integers)));
  const whole = program.edges.flatMap((residence, e) => (residence.space === space.none ? [] : [{ ...residence, e }]));
  const probes = whole.map(({ space: where, offset, completeAfter, e }) => ({ space: where, offset, after: completeAfter, bytes: edgeBytes(network.edges[e]!.edge) }));
  const inputs = network.codes.map((codes, i) => toMemory(codes, network.edges[i]!.edge));
  const { probes: found } = simulate(program, params, inputs, { strict: true, probes });
  found.forEach((memory, i) => {
    const { data } = fromMemory(memory, network.edges[whole[i]!.e]!.edge);
    assert.ok(Buffer.from(data.buffer).equals(Buffer.from(expected[whole[i]!.e]!.data.buffer)), `${place}: edge ${whole[i]!.e}`);
  });
}

test('every chain that can be, in memory of every size: each edge that leaves it is what the groups compute', () => {
  let variants = 0;
  for (let i = 0; i < (soak ? 400 : 16); i++) {
    const network = chainNetworkOf(new Random(seed * 131 + i));
    for (const bytes of [512 * KiB, 48 * KiB, 12 * KiB]) {
      let scene: Scene;
      try {
        scene = sceneOf(network, bytes, everything);
      } catch (error) {
        // A group of the network alone is too large for the chip.
        if (String(error).includes('even its smallest tile')) continue;
        throw error;
      }
      const { groups, edges, chains, options } = scene;
      for (const chain of chains) {
        // Each variant once, by leaving it alone in the menu beside the plain one, which link needs.
        const plain = chain.menu.variants.find(({ onChip }) => !onChip.includes(true));
        for (const variant of chain.menu.variants) {
          const menu = { ...chain.menu, variants: variant.onChip.includes(true) ? [plain!, variant] : [variant] };
          const program = linkedWith(groups, edges, [{ ...chain, menu }], options);
          assertComputes(network, program, `SEED=${seed} network ${i} with ${bytes} bytes, groups ${chain.groups.join()}`);
          assert.equal(program.stats.macs, groups.reduce((sum, group) => sum + group.menu.macs, 0));
          variants++;
        }
      }
    }
  }
  assert.ok(variants > 200, `${variants} variants`);
});

test('link takes a chain where it is faster, never slower than without, within the same memory', () => {
  let taken = 0;
  for (let i = 0; i < (soak ? 200 : 20); i++) {
    const small = networkOf(new Random(seed * 57 + i), 6 + (i % 9));
    for (const bytes of [96 * KiB, 24 * KiB]) {
      const { groups, edges, chains, options } = sceneOf(small, bytes);
      const [plain, striped] = [link(groups, edges, options), linkChains(groups, edges, chains, options)];
      assertComputes(small, striped, `SEED=${seed} network ${i} with ${bytes} bytes`);
      assert.ok(striped.stats.cycles <= plain.stats.cycles);
      assert.ok(striped.ocmBytes <= bytes);
      const inside = striped.edges.filter((edge) => edge.space === space.none).length;
      if (inside > 0) taken++;
      else assert.deepEqual(striped, plain);
      // Owners count every instruction, and members of a chain have theirs.
      assert.equal(striped.owners.reduce((sum, [, count]) => sum + count, 0), decode(striped.code).length);
      assert.deepEqual([...new Set(striped.owners.map(([group]) => group))].sort((a, b) => a - b), groups.map((_, g) => g));
    }
  }
  assert.ok(taken >= 5, `${taken} programs have chains`);
});
