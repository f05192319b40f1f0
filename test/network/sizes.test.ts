// Batches and shapes on the real networks: one container, whose samples and shapes give what single builds give.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Json } from '../../src/base/canonical.ts';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { buildNetwork, type ModelName } from './networks.ts';
import { random } from '../rig/random.ts';

const soak = process.env['SOAK'] === '1';

/** The model's own size, the other one, in rows and columns. The larger ones only in the soak. */
const scenes: readonly { name: ModelName; own: readonly [number, number]; other: readonly [number, number] }[] = [
  { name: 'cls', own: [48, 192], other: [48, 96] },
  { name: 'det', own: soak ? [320, 320] : [96, 96], other: soak ? [640, 640] : [64, 128] },
];

const textOf = ([rows, cols]: readonly [number, number]): string => `x:1x3x${rows}x${cols}`;
const pixels = ([rows, cols]: readonly [number, number], seed: number): Uint8Array => {
  const rand = random(seed);
  return Uint8Array.from({ length: 3 * rows * cols }, () => Math.floor(256 * rand()));
};
const run = (container: Parameters<typeof runContainer>[0], x: Record<string, Uint8Array>, options: { samples?: number; group?: number } = {}): ReturnType<typeof runContainer> =>
  runContainer(container, x, { ...options, simulate: (program, params, given) => simulate(program, params, given).outputs });

for (const { name, own, other } of scenes) {
  test(`${name}: batches 1 and 2 and two shapes in one container, checked; three samples are three runs`, async () => {
    const store = openMemoryStore();
    const base = { input_shapes: textOf(own), 'compiler.check': 2 };
    const set: Record<string, Json> = { ...base, 'compiler.static_batch_sizes': [1, 2], 'input_processors[0].src_extra_shapes': [{ shape: [1, 3, ...other] }] };
    const { container, jobs } = await buildNetwork(name, { set }, store);
    assert.equal(jobs['link_check']!.length, 4);
    assert.deepEqual(container.chains.map(({ inputs, batch }) => [inputs, batch]), [[['x'], 2], [['x_1'], 2]]);
    const [output, output1] = container.chains.map((chain) => chain.outputs[0]!);

    const pictures = [1, 2, 3].map((seed) => pixels(own, seed));
    const together = await run(container, { x: Buffer.concat(pictures) }, { samples: 3 });
    const single = await Promise.all(pictures.map(async (x) => (await run(container, { x }))[output!]!));
    assert.deepEqual(Buffer.from(together[output!]!), Buffer.concat(single));

    const alone = await buildNetwork(name, { set: base }, store);
    assert.deepEqual(Object.keys(alone.ran), ['assemble'], 'a build of one size has all it needs from that of four');
    assert.deepEqual((await run(alone.container, { x: pictures[0]! }))[output!], single[0]);
    const there = await run(container, { x_1: pixels(other, 4) }, { group: 1 });
    assert.equal(there[output1!]!.byteLength, 4 * container.tensors[output1!]!.shape.reduce((product, size) => product * size, 1));
  });
}
