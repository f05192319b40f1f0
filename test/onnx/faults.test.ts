// What a user reads when a model can't be used: the whole text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { utf8 } from '../../src/base/bytes.ts';
import { Fault } from '../../src/base/fault.ts';
import type { TensorType } from '../../src/graph/graph.ts';
import { attributeType, encodeModel, onnx } from '../../src/onnx/codec.ts';
import { readOnnx, type ReadOptions } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { makeStore, model, modelBytes, type ModelText, type NodeText } from './rig.ts';

const x: TensorType = { dtype: 'FP32', shape: [1, 3, 8, 8] };

function faultOf(bytes: Uint8Array, options: Partial<ReadOptions> = {}): Fault {
  try {
    readOnnx(bytes, { file: 'net.onnx', keep: makeStore().keep, opOf, ...options });
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error;
  }
  return assert.fail('it was read');
}

function textOf(text: ModelText, options: Partial<ReadOptions> = {}): string {
  return faultOf(modelBytes(text), options).message;
}

function chain(nodes: readonly NodeText[], rest: Partial<ModelText> = {}): ModelText {
  return { opset: 21, nodes, inputs: { x }, outputs: ['y'], ...rest };
}

test('an empty file', () => {
  assert.equal(faultOf(new Uint8Array()).message, 'net.onnx  this file is empty, not an ONNX model\n   try  export or copy the model again');
});

test('a file that is something else', () => {
  assert.equal(
    faultOf(utf8('# PyTorch is not ONNX')).message,
    `net.onnx  this file is no ONNX model
   size    21 bytes
   reason  its bytes are no protobuf message
   try     export or copy the model again`,
  );
  assert.equal(
    faultOf(utf8('{}')).message,
    `net.onnx  this file is no ONNX model, or it is cut short
   size    2 bytes
   reason  a length in it points past its end
   try     export or copy the model again`,
  );
});

test('a file that is cut short', () => {
  const whole = modelBytes(chain([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }]));
  assert.equal(
    faultOf(whole.subarray(0, whole.byteLength - 20)).message,
    `net.onnx  this file is no ONNX model, or it is cut short
   size    ${whole.byteLength - 20} bytes
   reason  a length in it points past its end
   try     export or copy the model again`,
  );
});

test('a protobuf file without a graph', () => {
  assert.equal(
    faultOf(encodeModel(new onnx.ModelProto({ irVersion: 8 }))).message,
    `net.onnx  this file is no ONNX model: it has no graph
   size  2 bytes
   try   a file that ends in .onnx, as exporters write it`,
  );
});

test('operators that nobody knows, with the nearest known one', () => {
  const nodes = [
    { op: 'Conb', name: 'first', inputs: ['x'], outputs: ['a'] },
    { op: 'FusedConv', domain: 'com.microsoft', name: 'second', inputs: ['a'], outputs: ['b'] },
    { op: 'Swish', name: 'third', inputs: ['b'], outputs: ['y'] },
  ];
  assert.equal(
    textOf(chain(nodes)),
    `net.onnx  the model has 3 nodes with operators that axbuild does not know
   Conb       first  (not an ONNX operator; nearest: Conv)
   FusedConv  second  (domain com.microsoft)
   Swish      third  (since opset 24, but the model is of opset 21)
   known      ONNX's own operators (domain ai.onnx), opset 7 and later`,
  );
});

test('an operator whose shapes axbuild can not infer', () => {
  assert.equal(
    textOf(chain([{ op: 'Det', name: 'det', inputs: ['x'], outputs: ['y'] }])),
    `axbuild does not know the shapes that these operators give
   Det  det`,
  );
});

test('a cyclic graph, with the cycle', () => {
  const nodes = [
    { op: 'Relu', name: 'stem', inputs: ['x'], outputs: ['s'] },
    { op: 'Add', name: 'a', inputs: ['s', 'tc'], outputs: ['ta'] },
    { op: 'Relu', name: 'b', inputs: ['ta'], outputs: ['tb'] },
    { op: 'Relu', name: 'c', inputs: ['tb'], outputs: ['tc'] },
    { op: 'Relu', name: 'head', inputs: ['tc'], outputs: ['y'] },
  ];
  assert.equal(textOf(chain(nodes)), 'net.onnx  the model is cyclic: its nodes wait for each other\n   cycle  a -> b -> c -> a');
});

test('a node that reads itself', () => {
  assert.equal(textOf(chain([{ op: 'Add', name: 'a', inputs: ['x', 'y'], outputs: ['y'] }])), 'net.onnx  the model is cyclic: its nodes wait for each other\n   cycle  a -> a');
});

test('a tensor that nothing makes, with the nearest that is there', () => {
  const nodes = [{ op: 'Relu', name: 'a', inputs: ['x'], outputs: ['features'] }, { op: 'Relu', name: 'b', inputs: ['feature'], outputs: ['y'] }];
  assert.equal(
    textOf(chain(nodes)),
    `net.onnx  a node reads a tensor that nothing makes
   tensor   feature  (read by b)
   nearest  features`,
  );
});

test('a tensor that is made twice', () => {
  const nodes = [{ op: 'Relu', name: 'a', inputs: ['x'], outputs: ['y'] }, { op: 'Relu', name: 'b', inputs: ['x'], outputs: ['y'] }];
  assert.equal(textOf(chain(nodes)), 'net.onnx  tensor "y" is made twice\n   again by  b');
});

test('an output that nothing makes', () => {
  assert.equal(textOf(chain([{ op: 'Relu', inputs: ['x'], outputs: ['z'] }])), 'net.onnx  the model names outputs that nothing makes\n   outputs  y');
});

test('control flow', () => {
  const whole = model(chain([{ op: 'If', name: 'choose', inputs: ['x'], outputs: ['y'] }]));
  whole.graph.node[0]!.attribute.push(new onnx.AttributeProto({ name: 'then_branch', type: attributeType.GRAPH, g: new onnx.GraphProto({ name: 'then' }) }));
  assert.equal(faultOf(encodeModel(whole)).message, 'net.onnx  If "choose" holds a graph: axbuild has no control flow\n   try  a model exported without loops and conditions');
});

test('open dimensions, and how to set them', () => {
  const fault = faultOf(modelBytes(chain([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], { inputs: { x: { dtype: 'FP32', shape: ['batch', 3, '', 320] } } })));
  assert.equal(
    fault.message,
    `net.onnx  input "x" has open dimensions: axbuild compiles fixed shapes
   shape  batch x 3 x ? x 320
   open   0 (batch), 2
   try    input_shapes: "x:?x3x?x320", with a size for each ?`,
  );
  assert.equal(fault.exit, 2);
});

test('input_shapes with another rank', () => {
  assert.equal(
    textOf(chain([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }]), { inputShapes: 'x:3x8x8' }),
    `input_shapes gives "x" 3 dimensions, the model 4
   wanted  3x8x8
   model   1 x 3 x 8 x 8
   try     input_shapes: "x:1x3x8x8"`,
  );
});

test('input_shapes for an input that is not there', () => {
  assert.equal(
    textOf(chain([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }]), { inputShapes: 'data:1x3x8x8' }),
    'input_shapes names an input that the model does not have: "data"\n   known  x\n   try    x',
  );
});

test('input_shapes that is no list of shapes', () => {
  for (const text of ['x', 'x:', 'x:1x0x3', 'x:1x-1', 'x:1x3;y', 'x:9007199254740993']) {
    const part = text.split(';').at(-1)!;
    assert.equal(textOf(chain([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }]), { inputShapes: text }), `input_shapes can't be read: "${part}"\n   form  name:1x3x224x224;other:1x10`);
  }
  assert.equal(textOf(chain([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }]), { inputShapes: 'x:1;x:2' }), 'input_shapes gives "x" twice');
});

test('input_shapes sets open dimensions and changes fixed ones', () => {
  const bytes = modelBytes(chain([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }]));
  const graph = readOnnx(bytes, { file: 'net.onnx', keep: makeStore().keep, opOf, inputShapes: ' x : 2X3 x 4,4 ; ' });
  assert.deepEqual(graph.types['y'], { dtype: 'FP32', shape: [2, 3, 4, 4] });
});

test('weights whose data is too short', () => {
  const whole = model(chain([{ op: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }], { weights: { w: { dtype: 'FP32', shape: [4], numbers: [1, 2, 3, 4] } } }));
  whole.graph.initializer[0]!.dims = [5];
  assert.equal(
    faultOf(encodeModel(whole)).message,
    `net.onnx  tensor "w" has data of the wrong size
   shape  FP32 [5]
   needs  20 bytes
   has    16 bytes`,
  );
  whole.graph.initializer[0]!.dims = [2 ** 40, 2 ** 40];
  assert.equal(faultOf(encodeModel(whole)).message, 'net.onnx  tensor "w" has an impossible shape: [1099511627776, 1099511627776]');
  whole.graph.initializer[0]!.dims = [-4];
  assert.equal(faultOf(encodeModel(whole)).message, 'net.onnx  tensor "w" has an impossible shape: [-4]');
});

test('weights of a type that axbuild does not read', () => {
  const whole = model(chain([{ op: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }], { weights: { w: { dtype: 'FP32', shape: [], numbers: [1] } } }));
  whole.graph.initializer[0]!.dataType = 16;
  assert.equal(
    faultOf(encodeModel(whole)).message,
    'net.onnx  tensor "w" has BFLOAT16 elements, which axbuild does not read\n   known  FP32, U8, S8, U16, S16, S32, S64, BOOL, FP16, FP64, U32, U64',
  );
});

test('opsets outside of what is read', () => {
  const relu = [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }];
  assert.equal(textOf(chain(relu, { opset: 6 })), 'net.onnx  the model uses opset 6, which axbuild does not read\n   known  7 to 28\n   try    export it again with a newer opset');
  assert.equal(textOf(chain(relu, { opset: 99 })), 'net.onnx  the model uses opset 99, which axbuild does not read\n   known  7 to 28\n   try    export it again with opset 21');
});

test('tensor names that no record can have', () => {
  assert.equal(textOf(chain([{ op: 'Relu', inputs: ['x'], outputs: ['constructor'] }])), 'net.onnx  a tensor has a name that can\'t be used: "constructor"\n   try  rename it');
});
