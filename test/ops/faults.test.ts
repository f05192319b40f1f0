// What a user reads when a model contradicts itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { Net } from './net.ts';

/** The fault that inference ends in. */
function faultOf(build: (net: Net) => string): string {
  const net = new Net();
  const output = build(net);
  try {
    net.graph(output);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error.message;
  }
  assert.fail('no fault');
}

test('a Conv whose weight expects other channels', () => {
  const text = faultOf((net) => net.node('stem', 'Conv', [net.input('x', [1, 4, 8, 8]), net.weight('w', [8, 3, 3, 3])]));
  assert.equal(text, 'Conv "stem": its weight expects 3 input channels, the input has 4\n   inputs  FP32[1,4,8,8], FP32[8,3,3,3]');
});

test('a window larger than its input', () => {
  const text = faultOf((net) => net.node('pool', 'MaxPool', [net.input('x', [1, 4, 2, 8])], { kernel_shape: [3, 3] }));
  assert.equal(text, 'MaxPool "pool": its window 3x3 is larger than the padded input\n   inputs  FP32[1,4,2,8]');
});

test('shapes that do not broadcast', () => {
  const text = faultOf((net) => net.node('sum', 'Add', [net.input('x', [2, 3]), net.input('y', [2, 4])]));
  assert.equal(text, 'Add "sum": the shapes of its inputs do not broadcast\n   inputs  FP32[2,3], FP32[2,4]');
});

test('matrices that do not fit', () => {
  const text = faultOf((net) => net.node('head', 'MatMul', [net.input('x', [2, 3]), net.weight('w', [4, 5])]));
  assert.equal(text, 'MatMul "head": the left side has 3 columns, the right side 4 rows\n   inputs  FP32[2,3], FP32[4,5]');
});

test('a Reshape to another number of elements', () => {
  const text = faultOf((net) => net.node('flat', 'Reshape', [net.input('x', [2, 3]), net.list('shape', [4, -1])]));
  assert.equal(text, 'Reshape "flat": [2,3] can\'t be reshaped to [4,1]\n   inputs  FP32[2,3], S64[2]');
});

test('a Reshape whose shape is an input of the network', () => {
  const text = faultOf((net) => net.node('flat', 'Reshape', [net.input('x', [2, 3]), net.input('shape', [1], 'S64')]));
  assert.equal(text, 'Reshape "flat": its new shape is computed at run time; axbuild compiles fixed shapes\n   inputs  FP32[2,3], S64[1]');
});

test('an axis outside of the rank', () => {
  const text = faultOf((net) => net.node('join', 'Concat', [net.input('x', [2, 3])], { axis: 2 }));
  assert.equal(text, 'Concat "join": axis 2 is outside of rank 2\n   inputs  FP32[2,3]');
});

test('inputs of a Concat that differ elsewhere', () => {
  const text = faultOf((net) => net.node('join', 'Concat', [net.input('x', [2, 3]), net.input('y', [3, 3])], { axis: 1 }));
  assert.equal(text, 'Concat "join": input 1 does not fit the others along axis 1\n   inputs  FP32[2,3], FP32[3,3]');
});

test('an input that is missing', () => {
  const text = faultOf((net) => net.node('c', 'Conv', [net.input('x', [1, 4, 8, 8])]));
  assert.equal(text, 'Conv "c": input 1 is missing\n   inputs  FP32[1,4,8,8]');
});

test('an attribute of another kind', () => {
  const text = faultOf((net) => net.node('c', 'Conv', [net.input('x', [1, 4, 8, 8]), net.weight('w', [8, 4, 3, 3])], { strides: 'two' }));
  assert.equal(text, 'Conv "c": attribute strides must be a list of numbers\n   found  "two"');
});

test('a BatchNormalization in training mode', () => {
  const statistics = ['scale', 'shift', 'mean', 'variance'];
  const text = faultOf((net) => net.node('bn', 'BatchNormalization', [net.input('x', [1, 2, 3, 3]), ...statistics.map((name) => net.weight(name, [2]))], { training_mode: 1 }));
  assert.equal(text, 'BatchNormalization "bn": it is in training mode; export the model for inference\n   inputs  FP32[1,2,3,3], FP32[2], FP32[2], FP32[2], FP32[2]');
});

test('parts that are not the whole', () => {
  const text = faultOf((net) => {
    net.nodeWith('cut', 'Split', { inputs: [net.input('x', [2, 5]), net.list('sizes', [2, 2])], outputs: ['a', 'b'], attributes: { axis: 1 } });
    return 'a';
  });
  assert.equal(text, 'Split "cut": its parts 2 + 2 are not the 5 elements of the axis\n   inputs  FP32[2,5], S64[2]');
});
