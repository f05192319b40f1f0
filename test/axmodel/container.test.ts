// compiled.axmodel: written as the public structure, read back whole, and nothing believed unchecked.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Container } from '../../src/axmodel/container.ts';
import { axmodel } from '../../src/axmodel/extra.generated.js';
import { readContainer } from '../../src/axmodel/read.ts';
import { writeContainer } from '../../src/axmodel/write.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Fault } from '../../src/base/fault.ts';
import { decodeModel, encodeModel, onnx, type Model } from '../../src/onnx/codec.ts';
import { openModel } from '../../src/onnx/float.ts';
import { randomness } from '../graph/rig.ts';
import { modelBytes, readIndependently } from '../onnx/rig.ts';
import { sample } from './rig.ts';

const file = 'compiled.axmodel';
const bytes = writeContainer(sample());

test('a container is the same after writing and reading', () => {
  assert.deepEqual(readContainer(bytes, file), sample());
});

test('equal parts give equal bytes, in whatever order their records were filled', () => {
  const { tensors, ...rest } = sample();
  assert.deepEqual(writeContainer({ ...rest, tensors: Object.fromEntries(Object.entries(tensors).reverse()) }), bytes);
});

test('an independent ONNX reader finds the public structure', () => {
  const read = readIndependently(bytes);
  const graph = read.graph!;
  assert.deepEqual([read.producerName, graph.name], ['axbuild', 'ax-model']);
  assert.deepEqual(graph.node!.map(({ name, opType, input, output }) => [name, opType, input, output]), [
    ['subgraph_npu_0', 'neu mode', ['x'], ['op_1:out']],
    ['subgraph_cpu_1', 'cpu mode', ['op_1:out'], ['mid']],
    ['subgraph_npu_2', 'neu mode', ['mid'], ['y']],
    ['subgraph_npu_0_1', 'neu mode', ['x_1'], ['y_1']],
  ]);
  const attribute = (node: number, name: string): string => Buffer.from(graph.node![node]!.attribute!.find((one) => one.name === name)!.s!).toString();
  assert.equal(attribute(0, 'neu_name'), 'subgraph_npu_0');
  assert.deepEqual(JSON.parse(attribute(0, 'outputs_info')), { 'op_1:out': ['uint8', [1, 2, 2, 3]] });
  // Ends show the largest batch.
  assert.deepEqual(JSON.parse(attribute(3, 'outputs_info')), { y_1: ['uint8', [4, 6]] });
  const extraInputs = [
    { name: 'params', const_data_key: 'npu_params', type: 'DotNeuInputConst', dyn_param_expr_key: '' },
    { name: 'dyn_params', const_data_key: '', type: 'DotNeuInputDynParam', dyn_param_expr_key: 'npu_dyn_params' },
  ];
  assert.deepEqual(JSON.parse(attribute(3, 'npu_graph_info')), {
    name: 'subgraph_npu_0_1', type: 'NPUDotNeu',
    dotneus: [1, 2, 4].map((batch) => ({ neu_key: `subgraph_npu_0_1_b${batch}_neu`, batch, extra_inputs: extraInputs })),
  });
  const batches = [1, 2, 4].map((batch) => `subgraph_npu_0_1_b${batch}_neu`);
  const blobs = ['npu_params', 'npu_dyn_params', 'subgraph_npu_0_b1_neu', 'subgraph_cpu_1_onnx', 'subgraph_npu_2_b1_neu', ...batches];
  assert.deepEqual(graph.initializer!.map(({ name, dataType }) => [name, dataType]), blobs.map((name) => [name, 2]));
  // Blobs are listed in value_info too: loaders look them up there.
  assert.deepEqual(graph.valueInfo!.map(({ name }) => name), [...blobs, 'op_1:out', 'mid']);
});

test('the public extra data tell inputs, outputs and programs', () => {
  const text = decodeModel(writeContainer(sample(), { modeIndex: 2 }), file).metadataProps.find(({ key }) => key === 'extra_data')!.value;
  const extra = axmodel.Extra.decode(Buffer.from(text, 'base64'));
  assert.deepEqual(extra.tensors.map(({ name }) => name), ['x', 'y', 'x_1', 'y_1']);
  assert.deepEqual(extra.subgraphs.map(({ name, programs }) => [name, programs.map(({ neuKey, batch }) => `${neuKey} ${batch}`)]), [
    ['subgraph_npu_0', ['subgraph_npu_0_b1_neu 1']],
    ['subgraph_npu_2', ['subgraph_npu_2_b1_neu 1']],
    ['subgraph_npu_0_1', ['subgraph_npu_0_1_b1_neu 1', 'subgraph_npu_0_1_b2_neu 2', 'subgraph_npu_0_1_b4_neu 4']],
  ]);
  assert.equal(extra.hardware?.npuMode, 2);
});

test('equal parameters are kept once', () => {
  const params = decodeModel(bytes, file).graph.initializer[0]!;
  // [10, 20] of two units and three batches at 0, [100] at the next multiple of 64.
  assert.deepEqual([params.rawData.byteLength, params.rawData[0], params.rawData[1], params.rawData[64]], [65, 10, 20, 100]);
});

test('the model of a CPU unit is an ONNX file of its own', async () => {
  const unit = readContainer(bytes, file).chains[0]!.units[1]!;
  assert.ok(unit.type === 'CPU');
  readIndependently(unit.model);
  const session = await openModel(unit.model, { name: unit.name });
  assert.deepEqual([session.inputs, session.outputs], [['in'], ['out']]);
  await session.close();
});

/** The text of the fault that a change to the file leads to. */
function damaged(change: (model: Model) => void): string {
  const model = decodeModel(bytes, file);
  change(model);
  return faultOf(encodeModel(model));
}

function faultOf(changed: Uint8Array): string {
  try {
    readContainer(changed, file);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error.message;
  }
  return assert.fail('it was read');
}

const damage = (why: string): string => `compiled.axmodel  this compiled model is damaged: ${why}\n   try  axbuild build`;

function editMetadata(edit: (metadata: { tensors: { shape: number[]; layout: string }[]; chains: { batch: number; units: { name: string; programs?: { offset: number; batch: number }[] }[]; outputs: string[] }[] }) => void): (model: Model) => void {
  return (model) => {
    const entry = model.metadataProps.find(({ key }) => key === 'axbuild')!;
    const metadata = JSON.parse(entry.value);
    edit(metadata);
    entry.value = JSON.stringify(metadata);
  };
}

test('damage of every kind is a fault that says where', () => {
  assert.equal(damaged((model) => { model.metadataProps = []; }), damage('it has no axbuild metadata'));
  assert.equal(damaged((model) => { model.metadataProps.find(({ key }) => key === 'axbuild')!.value = '{'; }), damage('its axbuild metadata is no JSON'));
  assert.equal(damaged((model) => { model.graph.initializer.splice(2, 1); }), damage('blob "subgraph_npu_0_b1_neu" is missing'));
  assert.equal(damaged((model) => { model.graph.initializer.push(model.graph.initializer[0]!); }), damage('blob "npu_params" is there twice'));
  assert.equal(damaged((model) => { model.graph.node.pop(); }), damage('it has 3 nodes, but describes 4 units'));
  assert.equal(damaged((model) => { model.graph.node[1]!.opType = 'neu mode'; }), damage('node "subgraph_cpu_1" (neu mode) stands where unit "subgraph_cpu_1" (cpu mode) is due'));
  assert.equal(damaged((model) => { model.graph.node[1]!.input = ['mid']; }), damage('"subgraph_cpu_1" reads "mid", which nothing made before it'));
  assert.equal(damaged((model) => { model.graph.node[1]!.output = ['x']; }), damage('tensor "x" is made twice'));
  assert.equal(damaged((model) => { model.graph.node[2]!.output = []; }), damage('output "y" is made by nothing'));
  assert.equal(damaged((model) => { model.graph.node[1]!.output = ['other']; }), damage('tensor "other" is not described'));
  assert.equal(damaged(editMetadata((metadata) => { metadata.chains[0]!.outputs = ['z']; })), damage('its ends are y U8 1x2x2x3, y_1 U8 4x6, but it describes z, y_1 U8 4x6'));
  assert.equal(damaged(editMetadata((metadata) => { metadata.chains[1]!.batch = 2; })), damage('its ends are x U8 1x2x2x3, x_1 U8 4x6, but it describes x U8 1x2x2x3, x_1 U8 2x6'));
  assert.equal(damaged(editMetadata((metadata) => { metadata.chains[0]!.units[2]!.programs![0]!.offset = 65; })), damage('the parameters of "subgraph_npu_2" end outside of npu_params'));
  assert.equal(damaged(editMetadata((metadata) => { metadata.tensors[2]!.shape = [3]; })), damage('tensor "op_1:out" can\'t be in nhwc order'));
  assert.equal(damaged(editMetadata((metadata) => { metadata.tensors[0]!.shape = [2 ** 52, 2 ** 52]; })), damage('tensor "x" has an impossible shape'));
  assert.match(damaged(editMetadata((metadata) => { metadata.tensors[0]!.layout = 'chw'; })), /^compiled\.axmodel {2}this compiled model is damaged: tensors\.0\.layout: /);
});

test('files that others made are told apart', () => {
  const vendor = decodeModel(bytes, file);
  vendor.producerName = 'Pulsar2';
  assert.equal(
    faultOf(encodeModel(vendor)),
    `compiled.axmodel  this compiled model is not from axbuild: its instruction set is not public
   producer  Pulsar2
   try       the vendor's own runtime`,
  );
  const plain = modelBytes({ opset: 21, nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], inputs: { x: { dtype: 'FP32', shape: [1] } }, outputs: ['y'] });
  assert.equal(faultOf(encodeModel(new onnx.ModelProto({ ...decodeModel(plain, file), producerName: 'pytorch' }))), 'compiled.axmodel  this is no compiled model\n   producer  pytorch\n   try       a compiled.axmodel that axbuild built');
  assert.equal(faultOf(utf8('x')).split('\n')[0], 'compiled.axmodel  this file is no ONNX model, or it is cut short');
});

test('random damage is read or a fault', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const next = randomness(seed);
  for (let round = 0; round < (process.env['SOAK'] === '1' ? 10_000 : 500); round++) {
    const changed = bytes.slice(0, next(8) === 0 ? next(bytes.byteLength) : bytes.byteLength);
    for (let i = 0; i <= next(4) && changed.byteLength > 0; i++) changed[next(changed.byteLength)] = next(256);
    try {
      readContainer(changed, file);
    } catch (error) {
      assert.ok(error instanceof Fault, `SEED=${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
});

test('a tensor that no one describes is a bug of the writer', () => {
  const { y, ...tensors } = sample().tensors as Container['tensors'] & { y: unknown };
  assert.ok(y !== undefined);
  assert.throws(() => writeContainer({ ...sample(), tensors }), { message: 'BUG: the container has no tensor "y"' });
});
