import assert from 'node:assert/strict';
import test from 'node:test';
import { constantLayout, packConstants } from '../../src/npu/constants.ts';
import { decode } from '../../src/npu/decode.ts';
import { lowerings } from '../../src/npu/lower/index.ts';
import { readMenu, writeMenu } from '../../src/npu/menu.ts';
import { edgeBytes } from '../../src/npu/memory.ts';
import type { Variant } from '../../src/npu/object.ts';
import { tile } from '../../src/npu/tile.ts';
import type { GroupStructure } from '../../src/ops/group.ts';
import { kinds } from '../../src/ops/kinds/index.ts';
import { Random, seed } from './random.ts';
import { drafts, sceneOf } from './scenes.ts';
import { chipOf } from './targets.ts';

const scenes = Object.entries(drafts).flatMap(([name, draft]) => [0, 1, 2].map((i) => {
  const random = new Random(seed * 17 + i);
  return { name: `${name} ${i}, SEED=${seed}`, scene: sceneOf(draft(random), random) };
}));
const chip = chipOf(64 * 1024);

test('every kind of group has a lowering', () => {
  assert.deepEqual(lowerings.map(({ kind }) => kind).sort(), kinds.map(({ name }) => name).sort());
});

test('a menu starts with everything in DDR, and no variant needs more than there is', () => {
  for (const { name, scene: { structure } } of scenes) {
    const { variants } = tile(structure, { target: chip, mode: 'NPU1' });
    const edges = [...structure.inputs, structure.output];
    assert.deepEqual(variants[0]!.onChip, edges.map(() => false), name);
    for (const { onChip, arenaBytes } of variants) {
      const resident = edges.reduce((sum, edge, i) => sum + (onChip[i]! ? edgeBytes(edge) : 0), 0);
      assert.ok(arenaBytes + resident <= 64 * 1024, name);
    }
  }
});

test('no variant of a residency is beaten by another in arena, cycles and traffic', () => {
  for (const { name, scene } of scenes) {
    const { variants } = tile(scene.structure, { target: chip, mode: 'NPU1' });
    const cost = variants.map(({ onChip, arenaBytes, cycles, ddrBytes }) => ({ onChip: onChip.join(), numbers: [arenaBytes, cycles.total, ddrBytes.params + ddrBytes.load + ddrBytes.store] }));
    for (const one of cost) {
      const better = cost.find((other) => other !== one && other.onChip === one.onChip && other.numbers.every((number, i) => number <= one.numbers[i]!));
      assert.equal(better, undefined, name);
    }
  }
});

test('twice the memory adds variants to a menu, and takes none away but what is slow beside them', () => {
  const keyOf = ({ onChip, memoryBytes, arenaBytes, code }: Variant): string => [onChip.join(), memoryBytes, arenaBytes, ...code].join(' ');
  for (const { name, scene: { structure } } of scenes) {
    const menuOf = (ocmBytes: number): readonly Variant[] => tile(structure, { target: chipOf(ocmBytes), mode: 'NPU1' }).variants;
    const [small, large] = [menuOf(64 * 1024), menuOf(128 * 1024)];
    const kept = new Set(large.map(keyOf));
    for (const variant of small) {
      const least = Math.min(...large.filter(({ onChip }) => onChip.join() === variant.onChip.join()).map(({ cycles }) => cycles.total));
      assert.ok(kept.has(keyOf(variant)) || variant.cycles.total > 1.5 * least, name);
    }
    const known = new Set(small.map(keyOf));
    for (const variant of large) assert.ok(variant.memoryBytes > 64 * 1024 || known.has(keyOf(variant)), name);
  }
});

test('what takes twice as long as need be is no choice on a chip that has more memory', () => {
  const edge = (shape: readonly number[]) => ({ shape, dtype: 'U8', layout: 'nhwc' }) as const;
  const structure: GroupStructure = {
    kind: 'conv', attributes: { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 },
    inputs: [edge([1, 3, 320, 320])], entries: ['U8'], output: edge([1, 16, 160, 160]), constants: { weight: { shape: [16, 3, 3, 3], dtype: 'S8' } }, epilogue: 'clamp',
  };
  for (const ocmBytes of [1024 * 1024, 4096 * 1024]) {
    const { variants } = tile(structure, { target: chipOf(ocmBytes), mode: 'NPU1' });
    assert.ok(variants.length <= 16, `${variants.length} variants`);
    const plain = variants.filter(({ onChip }) => !onChip.includes(true)).map(({ cycles }) => cycles.total);
    assert.ok(Math.max(...plain) <= 2.1 * Math.min(...plain), plain.join());
  }
});

test('a menu is the same for the same structure, and survives its bytes', () => {
  for (const { name, scene: { structure } } of scenes) {
    const menu = tile(structure, { target: chip, mode: 'NPU1' });
    const again: unknown = JSON.parse(JSON.stringify(structure));
    assert.deepEqual(writeMenu(tile(again as GroupStructure, { target: chip, mode: 'NPU1' })), writeMenu(menu), name);
    assert.deepEqual(readMenu(writeMenu(menu)), menu, name);
  }
});

test('relocations name scalars that the params of the kind have, in the order of the code', () => {
  for (const { name, scene: { structure, params } } of scenes) {
    for (const { code, relocations } of tile(structure, { target: chip, mode: 'NPU1' }).variants) {
      decode(code);
      relocations.forEach(({ word, scalar }, i) => {
        assert.ok(params.scalars[scalar] !== undefined, `${name}: ${scalar}`);
        assert.ok(i === 0 || word > relocations[i - 1]!.word, name);
        assert.equal(code[word], 0, name);
      });
    }
  }
});

test('constants have their places by structure alone', () => {
  for (const { name, scene: { structure, params } } of scenes) {
    const { bytes, offsets } = constantLayout(structure);
    assert.equal(packConstants(structure, params).byteLength, bytes, name);
    assert.equal(tile(structure, { target: chip, mode: 'NPU1' }).constantBytes, bytes, name);
    for (const offset of Object.values(offsets)) assert.equal(offset % 16, 0, name);
  }
});

test('weights are packed channel by channel, taps before input channels', () => {
  const edge = (channels: number) => ({ shape: [1, channels, 1, 2], dtype: 'U8', layout: 'nhwc' }) as const;
  const structure: GroupStructure = {
    kind: 'conv', attributes: { kernel: [1, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 1], group: 1 },
    inputs: [edge(3)], entries: ['U8'], output: edge(2), constants: { weight: { shape: [2, 3, 1, 2], dtype: 'S8' } }, epilogue: 'clamp',
  };
  const params = {
    scalars: {},
    arrays: {
      weight: Int8Array.from([1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6]),
      bias: BigInt64Array.from([-1n, 2n ** 40n]), multiplier: Int32Array.from([7, 8]), shift: Int32Array.from([17, 62]),
    },
  };
  assert.deepEqual(constantLayout(structure), { bytes: 48, offsets: { weight: 0, channel_params: 16 } });
  assert.deepEqual([...new Int8Array(packConstants(structure, params).buffer)], [
    1, 3, 5, 2, 4, 6, -1, -3, -5, -2, -4, -6, 0, 0, 0, 0,
    -1, -1, -1, -1, -1, -1, -1, -1, 7, 0, 0, 0, 17, 0, 0, 0,
    0, 0, 0, 0, 0, 1, 0, 0, 8, 0, 0, 0, 62, 0, 0, 0,
  ]);
});

test('a group whose smallest tile does not fit is refused with what it needs', () => {
  const edge = (shape: readonly number[]) => ({ shape, dtype: 'U8', layout: 'nhwc' }) as const;
  const structure: GroupStructure = {
    kind: 'conv', attributes: { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 },
    inputs: [edge([1, 4096, 8, 8])], entries: ['U8'], output: edge([1, 4096, 8, 8]), constants: { weight: { shape: [4096, 4096, 3, 3], dtype: 'S8' } }, epilogue: 'clamp',
  };
  assert.throws(() => tile(structure, { target: chip, mode: 'NPU1' }), {
    name: 'Fault',
    message: [
      'conv U8[1,4096,8,8] -> U8[1,4096,8,8]: even its smallest tile does not fit on chip',
      '   needs  73760 bytes',
      '   has    65536 bytes (chip with 65536 bytes NPU1)',
      '   try    a mode with more on-chip memory',
    ].join('\n'),
  });
});
