// Blobs stored compressed: read back whole, and whatever a stream claims is checked before it is believed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { compressed, inflated } from '../../src/axmodel/compress.ts';
import { readContainer } from '../../src/axmodel/read.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { writeContainer } from '../../src/axmodel/write.ts';
import { Fault } from '../../src/base/fault.ts';
import { decodeModel, encodeModel, type Model } from '../../src/onnx/codec.ts';
import { random, seedOf } from '../rig/random.ts';
import { sample, simulate } from './rig.ts';

const file = 'compiled.axmodel';
const units = ['subgraph_npu_0', 'subgraph_npu_0_1'];
const small = writeContainer(sample(), { compress: { units, params: true } });

interface Metadata {
  compressed?: { blob: string; bytes: number }[];
}

function metadataOf(bytes: Uint8Array): Metadata {
  return JSON.parse(decodeModel(bytes, file).metadataProps.find(({ key }) => key === 'axbuild')!.value) as Metadata;
}

test('a compressed container holds what the plain one does, in fewer bytes, and runs', async () => {
  assert.deepEqual(readContainer(small, file), sample());
  assert.ok(small.byteLength < writeContainer(sample()).byteLength);
  const { y } = await runContainer(readContainer(small, file), { x: Uint8Array.from({ length: 12 }, (_, i) => i) }, { simulate });
  const plain = await runContainer(sample(), { x: Uint8Array.from({ length: 12 }, (_, i) => i) }, { simulate });
  assert.deepEqual(y, plain['y']);
});

test('it names the blobs that are compressed: programs of the units asked for, and nothing that would grow', () => {
  // 65 bytes of parameters are mostly zeros.
  assert.deepEqual(metadataOf(small).compressed!.map(({ blob }) => blob), ['npu_params', 'subgraph_npu_0_b1_neu', ...[1, 2, 4].map((batch) => `subgraph_npu_0_1_b${batch}_neu`)]);
  const without = writeContainer(sample(), { compress: { units: [], params: false } });
  assert.deepEqual(without, writeContainer(sample()));
  assert.equal('compressed' in metadataOf(without), false);
  const next = random(seedOf());
  assert.equal(compressed(Uint8Array.from({ length: 4096 }, () => Math.floor(next() * 256))), undefined);
  assert.equal(compressed(new Uint8Array(0)), undefined);
});

test('a stream that does not hold what it is said to hold is refused', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i >> 5);
  const stream = compressed(bytes)!;
  assert.deepEqual(inflated(stream, 5000), bytes);
  assert.equal(inflated(stream, 4999), undefined);
  assert.equal(inflated(stream, 5001), undefined);
  assert.equal(inflated(stream, 0), undefined);
  assert.equal(inflated(stream.subarray(0, stream.length - 1), 5000), undefined);
  assert.equal(inflated(Uint8Array.of(...stream, 0), 5000), undefined);
  assert.equal(inflated(new Uint8Array(0), 0), undefined);
  assert.equal(inflated(Uint8Array.of(7, 7, 7), 3), undefined);
});

test('what can not be is refused before anything is allocated, and a bomb is cut off at its declared size', () => {
  const bomb = deflateRawSync(new Uint8Array(2 ** 26), { level: 9 });
  const before = process.memoryUsage().arrayBuffers;
  assert.equal(inflated(new Uint8Array(1000), Number.MAX_SAFE_INTEGER), undefined);
  assert.equal(inflated(new Uint8Array(1000), 2 ** 31), undefined);
  assert.equal(inflated(bomb, 1000), undefined);
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
});

test('any damaged byte of a stream gives a fault or a container, never anything else', () => {
  const whole = decodeModel(small, file);
  const name = 'subgraph_npu_0_b1_neu';
  const at = whole.graph.initializer.findIndex((tensor) => tensor.name === name);
  for (let i = 0; i < whole.graph.initializer[at]!.rawData.byteLength; i += 7) {
    const model = decodeModel(Uint8Array.from(small), file);
    model.graph.initializer[at]!.rawData[i]! ^= 0x55;
    try {
      readContainer(encodeModel(model), file);
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
    }
  }
});

test('metadata that lie about what is compressed are faults', () => {
  const damaged = (edit: (list: { blob: string; bytes: number }[]) => void): string => {
    const model: Model = decodeModel(small, file);
    const entry = model.metadataProps.find(({ key }) => key === 'axbuild')!;
    const metadata = JSON.parse(entry.value) as Required<Metadata>;
    edit(metadata.compressed);
    entry.value = JSON.stringify(metadata);
    try {
      readContainer(encodeModel(model), file);
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
      return error.message.split('\n')[0]!.replace('compiled.axmodel  this compiled model is damaged: ', '');
    }
    return assert.fail('it was read');
  };
  assert.equal(damaged((list) => { list[0]!.bytes = 66; }), 'blob "npu_params" does not unpack to the 66 bytes it is said to hold');
  assert.equal(damaged((list) => { list[0]!.bytes = 2 ** 40; }), `blob "npu_params" does not unpack to the ${2 ** 40} bytes it is said to hold`);
  assert.equal(damaged((list) => { list[0]!.bytes = -1; }), 'compressed.0.bytes: Too small: expected number to be >=0');
  assert.equal(damaged((list) => { list[0]!.blob = 'nothing'; }), 'blob "nothing" is missing');
  assert.equal(damaged((list) => { list.push(list[0]!); }), 'blob "npu_params" is compressed twice');
  assert.equal(damaged((list) => { list[0]!.blob = 'subgraph_cpu_1_onnx'; }), 'blob "subgraph_cpu_1_onnx" does not unpack to the 65 bytes it is said to hold');
});
