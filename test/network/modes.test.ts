// Tile mode and slice mode on the real networks: other programs, the same outputs; checks hold them to the same edges.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { random, seedOf } from '../rig/random.ts';
import { chipWith } from './chips.ts';
import { buildNetwork, type Built, type ModelName } from './networks.ts';
import { tileModeFigures } from './tile-mode.ts';

const seed = seedOf();

async function outputsOf({ container }: Built): Promise<readonly Buffer[]> {
  const next = random(seed);
  const chain = container.chains[0]!;
  const inputs = Object.fromEntries(chain.inputs.map((name) => [name, Uint8Array.from({ length: container.tensors[name]!.shape.reduce((a, b) => a * b, 1) }, () => Math.floor(next() * 256))]));
  const made = await runContainer(container, inputs, { simulate: (program, params, given) => simulate(program, params, given, { strict: true }).outputs });
  return chain.outputs.map((name) => Buffer.from(made[name]!));
}

async function modes(name: ModelName, { kib, set }: { kib: number; set: Readonly<Record<string, string | number>> }): Promise<{ plain: Built; tiled: Built; sliced: Built }> {
  const store = openMemoryStore();
  const target = chipWith({ kib });
  const built = (compiler: Readonly<Record<string, boolean>>): Promise<Built> =>
    buildNetwork(name, { target, set: { 'quant.input_configs[0].calibration_size': 2, 'compiler.check': 2, ...set, ...compiler } }, store);
  return { plain: await built({}), tiled: await built({ 'compiler.enable_tile_mode': true }), sliced: await built({ 'compiler.enable_slice_mode': true }) };
}

test(`cls with 32 KiB: the modes change the program, and no bit of an output (SEED=${seed})`, async () => {
  const { plain, tiled, sliced } = await modes('cls', { kib: 32, set: {} });
  const expected = await outputsOf(plain);
  for (const built of [tiled, sliced]) {
    assert.deepEqual(await outputsOf(built), expected);
    assert.notEqual(built.digests['compiled.axmodel'], plain.digests['compiled.axmodel']);
    assert.equal(built.digests['quant/quant_axmodel.onnx'], plain.digests['quant/quant_axmodel.onnx']);
  }
  assert.deepEqual(Object.keys(tiled.ran).sort(), ['assemble', 'chain', 'link', 'link_check']);
  assert.ok(tileModeFigures(tiled).inside > 0);
  assert.ok(tileModeFigures(tiled).cycles < tileModeFigures(plain).cycles);
});

test(`det with 128 KiB: tile mode moves less over DDR, least of all in front, and no bit of an output (SEED=${seed})`, async () => {
  const { plain, tiled, sliced } = await modes('det', { kib: 128, set: { 'input_shapes': 'x:1x3x160x160' } });
  const expected = await outputsOf(plain);
  assert.deepEqual(await outputsOf(tiled), expected);
  assert.deepEqual(await outputsOf(sliced), expected);
  const [off, on] = [tileModeFigures(plain), tileModeFigures(tiled)];
  assert.ok(on.cycles < off.cycles);
  assert.ok(on.ddrBytes < 0.8 * off.ddrBytes, `${on.ddrBytes} of ${off.ddrBytes}`);
  assert.ok(on.frontBytes < 0.5 * off.frontBytes, `${on.frontBytes} of ${off.frontBytes}`);
});
