// Which operators form one group, what their edges are called, and what goes to the CPU.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fuse } from '../../src/quant/fuse.ts';
import { faultOf } from './faults.ts';
import { fusesChain, networkText, opOf, toy } from './toy.ts';

const lines = (text: string): string => text.trim().split('\n').map((line) => line.trim()).join('\n');

test('a chain of unary functions joins the convolution before it, up to a tensor that somebody else reads', () => {
  const { fuse: fused } = toy(`
    input x 1x3x8x8
    weight w1 4x3x3x3
    weight b1 4
    weight w2 4x4x3x3
    conv1: a = Conv(x, w1, b1) 1x4x8x8
    relu1: b = Relu(a) 1x4x8x8
    act1: c = HardSwish(b) 1x4x8x8
    conv2: d = Conv(c, w2) 1x4x8x8
    relu2: e = Relu(d) 1x4x8x8
    add: f = Add(e, c) 1x4x8x8
    output f
  `);
  assert.equal(networkText(fused()), lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxQuantizedConv  x -> c  | conv1+relu1+act1 ~ relu hard_swish  | weight=w1 bias=b1
    op_2:AxQuantizedConv  c -> e  | conv2+relu2 ~ relu  | weight=w2
    op_3:AxQuantizedAdd  e, c -> f:codes  | add
    op_4:AxDequantizeLinear  f:codes -> f
    x:raw: FP32 1x3x8x8 input
    f: FP32 1x4x8x8 output
    x:raw => f
  `));
});

test('a function whose slope has no bound stands by itself, where every code has its own entry; what follows joins it', () => {
  const { fuse: fused } = toy(`
    input x 1x4x8x8
    weight w1 4x4x3x3
    conv1: a = Conv(x, w1) 1x4x8x8
    root: b = Sqrt(a) 1x4x8x8
    act: c = Sigmoid(b) 1x4x8x8
    output c
  `);
  assert.equal(networkText(fused()), lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxQuantizedConv  x -> a  | conv1  | weight=w1
    op_2:AxQuantizedSqrt  a -> c:codes  | root+act ~ sqrt sigmoid
    op_3:AxDequantizeLinear  c:codes -> c
    x:raw: FP32 1x4x8x8 input
    c: FP32 1x4x8x8 output
    x:raw => c
  `));
});

test('x * sigmoid(x) is one function: it joins the convolution whose output nobody else reads, and what follows joins too', () => {
  const { fuse: fused } = toy(`
    input x 1x4x8x8
    weight w1 4x4x3x3
    conv1: a = Conv(x, w1) 1x4x8x8
    gate1: b = Sigmoid(a) 1x4x8x8
    silu1: c = Mul(a, b) 1x4x8x8
    clip1: d = Relu(c) 1x4x8x8
    conv2: e = Conv(d, w1) 1x4x8x8
    gate2: f = Sigmoid(e) 1x4x8x8
    silu2: g = Mul(f, e) 1x4x8x8
    sum: h = Add(g, e) 1x4x8x8
    output h
  `);
  assert.equal(networkText(fused()), lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxQuantizedConv  x -> d  | conv1+gate1+silu1+clip1 ~ silu relu  | weight=w1
    op_2:AxQuantizedConv  d -> e  | conv2  | weight=w1
    op_3:AxQuantizedSigmoid  e -> g  | gate2+silu2 ~ silu
    op_4:AxQuantizedAdd  g, e -> h:codes  | sum
    op_5:AxDequantizeLinear  h:codes -> h
    x:raw: FP32 1x4x8x8 input
    h: FP32 1x4x8x8 output
    x:raw => h
  `));
});

test('a sigmoid that somebody else reads, or of another tensor, is no part of a gate', () => {
  const { fuse: fused } = toy(`
    input x 1x4x8x8
    weight w1 4x4x3x3
    conv1: a = Conv(x, w1) 1x4x8x8
    gate1: b = Sigmoid(a) 1x4x8x8
    mul1: c = Mul(a, b) 1x4x8x8
    sum: d = Add(c, b) 1x4x8x8
    gate2: e = Sigmoid(c) 1x4x8x8
    mul2: f = Mul(d, e) 1x4x8x8
    output f
  `);
  assert.deepEqual(fused().groups.map(({ nodes, chain }) => [nodes.join('+'), chain.map(({ fn }) => fn).join(' ')]), [
    ['', ''], ['conv1', ''], ['gate1', 'sigmoid'], ['mul1', ''], ['sum', ''], ['gate2', 'sigmoid'], ['mul2', ''], ['', ''],
  ]);
});

test('a row of constants behind a matrix product is its bias; what follows joins too', () => {
  const { fuse: fused } = toy(`
    input x 1x5x8
    weight w 8x2
    weight b 2
    weight c 1x1x2
    weight full 1x5x2
    fc1: p = MatMul(x, w) 1x5x2
    bias1: q = Add(b, p) 1x5x2
    act: r = Relu(q) 1x5x2
    fc2: s = MatMul(x, w) 1x5x2
    bias2: t = Add(s, c) 1x5x2
    again: u = Add(t, c) 1x5x2
    fc3: v = MatMul(x, w) 1x5x2
    sum: o = Add(v, full) 1x5x2
    fc4: e = MatMul(x, w) 1x5x2
    early: g = Relu(e) 1x5x2
    late: h = Add(g, b) 1x5x2
    output r u o h
  `);
  assert.deepEqual(fused().groups.filter(({ nodes }) => nodes.length > 0).map(({ nodes, inputs, floats }) => [nodes.join('+'), inputs.join(), floats['bias']]), [
    ['fc1+bias1+act', 'x', 'b'], ['fc2+bias2', 'x', 'c'], ['again', 't,c', undefined], ['fc3', 'x', undefined], ['sum', 'v,full', undefined],
    ['fc4+early', 'x', undefined], ['late', 'g,b', undefined],
  ]);
});

test('a constant where an activation may stand is a group of its own, made once, right before its first reader', () => {
  const { fuse: fused } = toy(`
    input x 1x4x8x8
    weight c 1x4x8x8
    sum: a = Add(x, c) 1x4x8x8
    join: b = Concat(c, a) 1x8x8x8
    output b
  `);
  const network = fused();
  assert.equal(networkText(network), lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxConstant   -> c  | value=c
    op_2:AxQuantizedAdd  x, c -> a  | sum
    op_3:AxConcat  c, a -> b:codes  | join
    op_4:AxDequantizeLinear  b:codes -> b
    x:raw: FP32 1x4x8x8 input
    b: FP32 1x8x8x8 output
    x:raw => b
  `));
  // Its range is that of its numbers: calibration sees activations only.
  const [low, high] = network.groups[1]!.draft!.range!;
  assert.ok(low < -1 && high > 1, `${low} … ${high}`);
});

test('a function behind two readers, behind a copying group or behind the input is a group of its own', () => {
  const { fuse: fused } = toy(`
    input x 1x4x8x8
    weight w1 4x4x3x3
    act0: a = HardSwish(x) 1x4x8x8
    conv1: b = Conv(a, w1) 1x4x8x8
    act1: c = HardSwish(b) 1x4x8x8
    mul: d = Mul(b, c) 1x4x8x8
    pool: e = MaxPool(d) 1x4x4x4
    act2: f = Relu(e) 1x4x4x4
    act3: g = HardSwish(f) 1x4x4x4
    output g
  `);
  assert.equal(networkText(fused()), lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxQuantizedHardSwish  x -> a  | act0 ~ hard_swish
    op_2:AxQuantizedConv  a -> b  | conv1  | weight=w1
    op_3:AxQuantizedHardSwish  b -> c  | act1 ~ hard_swish
    op_4:AxQuantizedMul  b, c -> d  | mul
    op_5:AxMaxPool  d -> e  | pool
    op_6:AxQuantizedRelu  e -> g:codes  | act2+act3 ~ relu hard_swish
    op_7:AxDequantizeLinear  g:codes -> g
    x:raw: FP32 1x4x8x8 input
    g: FP32 1x4x4x4 output
    x:raw => g
  `));
});

test('a network output in the middle ends a chain and keeps its codes for the readers inside', () => {
  const { fuse: fused } = toy(`
    input x 1x3x8x8
    weight w1 4x3x3x3
    conv1: a = Conv(x, w1) 1x4x8x8
    relu1: b = Relu(a) 1x4x8x8
    output a b
  `);
  assert.equal(networkText(fused()), lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxQuantizedConv  x -> a:codes  | conv1  | weight=w1
    op_2:AxDequantizeLinear  a:codes -> a
    op_3:AxQuantizedRelu  a:codes -> b:codes  | relu1 ~ relu
    op_4:AxDequantizeLinear  b:codes -> b
    x:raw: FP32 1x3x8x8 input
    a: FP32 1x4x8x8 output
    b: FP32 1x4x8x8 output
    x:raw => a, b
  `));
});

test('what the target lacks, what misses a limit and what has no integer form run on the CPU, one operator a group', () => {
  const { fuse: fused } = toy(`
    input x 1x3x8x8
    weight w1 4x3x3x3
    conv1: a = Conv(x, w1) 1x4x8x8
    act1: b = HardSwish(a) 1x4x8x8
    conv2: c = Conv(b, w1) 1x4x8x8
    up: d = Resize(c) 1x4x9x9
    odd: e = NonZero(d) 1x4x9x9
    pool: f = GlobalAveragePool(e) 1x4x1x1
    sum: g = Add(e, f) 1x4x9x9
    output g e
  `);
  assert.equal(networkText(fused({ unsupported: ['HardSwish'] })), lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxQuantizedConv  x -> a  | conv1  | weight=w1
    op_2:onnx.HardSwish  a -> b  | act1  | The target does not support HardSwish
    op_3:AxQuantizedConv  b -> c  | conv2  | weight=w1
    op_4:onnx.Resize  c -> d  | up  | The factors of Resize are whole
    op_5:onnx.NonZero  d -> e, e:codes  | odd  | NonZero has no integer form
    op_6:AxQuantizedGlobAvgPool  e:codes -> f  | pool
    op_7:AxQuantizedAdd  e:codes, f -> g:codes  | sum
    op_8:AxDequantizeLinear  g:codes -> g
    x:raw: FP32 1x3x8x8 input
    d: FP32 1x4x9x9
    e: FP32 1x4x9x9 output
    g: FP32 1x4x9x9 output
    x:raw => g, e
  `));
});

test('runtime inputs arrive as input_processors say; a second input is quantised where it is first read', () => {
  const { fuse: fused } = toy(`
    input x 1x3x8x8
    input v 1x8
    input unused 1x8
    weight w1 4x3x3x3
    conv1: a = Conv(x, w1) 1x4x8x8
    soft: s = Softmax(v) 1x8
    output a s
  `);
  const text = networkText(fused({ inputs: [{ tensor: 'DEFAULT', dtype: 'U8', layout: 'NHWC' }, { tensor: 'v', dtype: 'FP32', layout: 'NCHW' }] }));
  assert.equal(text, lines(`
    op_0:AxQuantizeLinear  x:raw -> x
    op_1:AxQuantizedConv  x -> a:codes  | conv1  | weight=w1
    op_2:AxDequantizeLinear  a:codes -> a
    op_3:AxQuantizeLinear  v:raw -> v
    op_4:AxSoftmax  v -> s:codes  | soft
    op_5:AxDequantizeLinear  s:codes -> s
    x:raw: U8 1x3x8x8 nhwc input
    a: FP32 1x4x8x8 output
    v:raw: FP32 1x8 input
    s: FP32 1x8 output
    unused:raw: U8 1x8 input
    x:raw, v:raw, unused:raw => a, s
  `));
});

test('groups know the tensors that fusion swallowed', () => {
  const { fuse: fused } = toy('input x 1x3x8x8\nweight w 4x3x3x3\nc: a = Conv(x, w) 1x4x8x8\nr: b = Relu(a) 1x4x8x8\nh: y = HardSwish(b) 1x4x8x8\noutput y');
  assert.deepEqual(fused().groups.find((group) => group.name === 'c')?.inner, ['a', 'b']);
});

test('an input that is also an output, and one that only a CPU operator reads', () => {
  const { fuse: fused } = toy('input x 1x4\ninput y 1x4\nodd: z = NonZero(y) 1x4\noutput x z');
  assert.equal(networkText(fused()), lines(`
    op_0:AxQuantizeLinear  y:raw -> y
    op_1:onnx.NonZero  y -> z  | odd  | NonZero has no integer form
    op_2:AxQuantizeLinear  x:raw -> x:codes
    op_3:AxDequantizeLinear  x:codes -> x
    y:raw: FP32 1x4 input
    z: FP32 1x4 output
    x:raw: FP32 1x4 input
    x: FP32 1x4 output
    x:raw, y:raw => x, z
  `));
});

test('tensors between groups that are no floats are refused by name', () => {
  const one = toy('input x 1x4\nodd: z = NonZero(x) 1x4\nsoft: y = Softmax(z) 1x4\noutput y');
  const graph = { ...one.graph, types: { ...one.graph.types, z: { dtype: 'S64' as const, shape: [1, 4] } } };
  assert.equal(faultOf(() => fuse(graph, { opOf, fusesChain, unsupported: [], inputs: [], blobs: one.blobs })), [
    'tensor "z" is S64: axbuild passes FP32 tensors between groups, and nothing else yet',
    '   try  fold the operators that compute it into constants, or leave them out of the model',
  ].join('\n'));
});

test('input_processors for an input that does not exist name the nearest', () => {
  const { fuse: fused } = toy('input image 1x4\nsoft: y = Softmax(image) 1x4\noutput y');
  assert.equal(faultOf(() => fused({ inputs: [{ tensor: 'imag', dtype: 'U8', layout: 'NHWC' }] })), [
    'input_processors name "imag", which is no input of the network',
    '   inputs  image',
    '   try     image',
  ].join('\n'));
});

test('a user tensor that has the name of an edge is refused', () => {
  const { fuse: fused } = toy('input x 1x4\nsoft: x:raw = Softmax(x) 1x4\noutput x:raw');
  assert.equal(faultOf(() => fused()), [
    'tensor name "x:raw" is taken: axbuild gives it to an edge of the quantised network',
    '   try  rename that tensor in the model',
  ].join('\n'));
});
