// Networks whose QDQ models tests look at.
import { Net } from '../ops/net.ts';

export const square = (k: number, pad: number, group = 1) => ({ kernel_shape: [k, k], pads: [pad, pad, pad, pad], strides: [1, 1], dilations: [1, 1], group });

/** One of everything: dense and depthwise convolutions with chains, a residual, an aligned concat, pools, a product, a gate of two nodes, a matrix and a softmax. */
export function everything(): Net {
  const net = new Net(5);
  const x = net.input('x', [1, 3, 12, 12]);
  const stem = net.node('act', 'HardSwish', [net.node('stem', 'Conv', [x, net.weight('stem.w', [8, 3, 3, 3]), net.weight('stem.b', [8])], square(3, 1))]);
  const deep = net.node('relu', 'Relu', [net.node('deep', 'Conv', [stem, net.weight('deep.w', [8, 1, 3, 3]), net.weight('deep.b', [8])], square(3, 1, 8))]);
  const join = net.node('join', 'Add', [stem, deep]);
  const silu = net.node('silu', 'Mul', [join, net.node('soft', 'Sigmoid', [join])]);
  const left = net.node('left', 'Conv', [silu, net.weight('shared.w', [8, 8, 1, 1])], square(1, 0));
  const right = net.node('right', 'Conv', [left, 'shared.w'], square(1, 0));
  const cat = net.node('cat', 'Concat', [join, left, right], { axis: 1 });
  const pool = net.node('pool', 'MaxPool', [cat], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] });
  const mean = net.node('mean', 'GlobalAveragePool', [pool]);
  const gate = net.node('gate', 'HardSigmoid', [net.node('squeeze', 'Conv', [mean, net.weight('squeeze.w', [24, 24, 1, 1]), net.weight('squeeze.b', [24])], square(1, 0))]);
  const gated = net.node('gated', 'Mul', [pool, gate]);
  const up = net.node('up', 'Sigmoid', [net.node('wide', 'ConvTranspose', [gated, net.weight('wide.w', [24, 4, 2, 2]), net.weight('wide.b', [4])], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 })]);
  const average = net.node('average', 'AveragePool', [up], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], count_include_pad: 1 });
  const flat = net.node('flat', 'Reshape', [average, net.list('flat.shape', [1, 144])]);
  const scores = net.node('scores', 'Gemm', [flat, net.weight('scores.w', [144, 10]), net.weight('scores.b', [10])], { alpha: 1, beta: 1, transA: 0, transB: 0 });
  net.node('y', 'Softmax', [scores], { axis: -1 });
  return net;
}

export const outputs = ['y', 'up'];

/** One head of attention behind a normalisation, with a position that is a constant and biases that are Adds. */
export function attention(): Net {
  const net = new Net(11);
  const x = net.node('placed', 'Add', [net.input('x', [1, 9, 8]), net.weight('place', [1, 9, 8])]);
  const norm = net.node('norm', 'LayerNormalization', [x, net.weight('gamma', [8]), net.weight('beta', [8])], { axis: -1, epsilon: 1e-5 });
  const project = (name: string, from: string): string => net.node(name, 'Add', [net.node(`${name}.product`, 'MatMul', [from, net.weight(`${name}.w`, [8, 8])]), net.weight(`${name}.b`, [8])]);
  const key = net.node('turned', 'Transpose', [project('key', norm)], { perm: [0, 2, 1] });
  const shares = net.node('shares', 'Softmax', [net.node('products', 'MatMul', [project('query', norm), key])], { axis: -1 });
  const seen = net.node('seen', 'MatMul', [shares, project('value', norm)]);
  net.node('z', 'Add', [x, project('back', seen)]);
  return net;
}
export const all = (types: object) => [{ start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], ...types }];
