// The oracle: dequantise, the float operators, quantise, as an ONNX model (opset 21) that ONNX Runtime runs without optimisations.
import * as ort from 'onnxruntime-node';
import { attributeType, encodeModel, onnx } from '../../../src/onnx/codec.ts';
import type { Codes, EdgeType, Quant, UnaryCall } from '../../../src/ops/group.ts';

export type AttributeValue = number | string | readonly number[];

export interface FloatNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** Float constants and whole-number ones ('S64') by name. */
export type Constants = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array | BigInt64Array }>>;

export interface CodedInput {
  readonly codes: Codes;
  readonly quant: Quant;
  /** The narrower type it is requantised to first. */
  readonly entry?: { readonly dtype: 'U8' | 'U16'; readonly quant: Quant };
}

export interface FloatNetwork {
  readonly inputs: readonly CodedInput[];
  /** From x0, x1 … to y. */
  readonly nodes: readonly FloatNode[];
  readonly constants: Constants;
}

const onnxType = { FP32: 1, U8: 2, U16: 4 } as const;

/** The float value of y. */
export async function runFloat(network: FloatNetwork): Promise<Float32Array> {
  return runModel(network, []);
}

/** y as codes of the given type. */
export async function runQuantised(network: FloatNetwork, output: { readonly dtype: 'U8' | 'U16'; readonly quant: Quant }): Promise<Uint8Array | Uint16Array> {
  return runModel(network, [quantizeNode('y', 'codes', output)], output.dtype);
}

function runModel(network: FloatNetwork, tail: readonly Emitted[]): Promise<Float32Array>;
function runModel(network: FloatNetwork, tail: readonly Emitted[], dtype: 'U8' | 'U16'): Promise<Uint8Array | Uint16Array>;
async function runModel({ inputs, nodes, constants }: FloatNetwork, tail: readonly Emitted[], dtype: EdgeType = 'FP32'): Promise<Float32Array | Uint8Array | Uint16Array> {
  const emitted: Emitted[] = inputs.flatMap(({ codes, quant, entry }, i) => {
    const edge = typeOf(codes);
    if (edge === 'FP32') return [{ node: nodeProto({ op: 'Identity', inputs: [`in${i}`], output: `x${i}` }), constants: [] }];
    if (entry === undefined) return [dequantizeNode(`in${i}`, `x${i}`, { dtype: edge, quant })];
    return [dequantizeNode(`in${i}`, `edge${i}`, { dtype: edge, quant }), quantizeNode(`edge${i}`, `entry${i}`, entry), dequantizeNode(`entry${i}`, `x${i}`, entry)];
  });
  emitted.push(...nodes.map((node) => ({ node: nodeProto(node), constants: [] })), ...tail);
  const output = dtype === 'FP32' ? 'y' : 'codes';
  const model = new onnx.ModelProto({
    irVersion: 10,
    opsetImport: [new onnx.OperatorSetIdProto({ domain: '', version: 21 })],
    graph: new onnx.GraphProto({
      name: 'oracle',
      node: emitted.map(({ node }) => node),
      initializer: [...emitted.flatMap((one) => one.constants), ...Object.entries(constants).map(([name, { shape, data }]) => tensorProto(name, { shape, data, type: data instanceof Float32Array ? 1 : 7 }))],
      input: inputs.map(({ codes }, i) => valueInfo(`in${i}`, onnxType[typeOf(codes)], codes.shape)),
      output: [valueInfo(output, onnxType[dtype])],
    }),
  });
  const session = await ort.InferenceSession.create(encodeModel(model), { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const feeds = Object.fromEntries(inputs.map(({ codes }, i) => [`in${i}`, tensorOf(codes)]));
  const { data } = (await session.run(feeds))[output]!;
  await session.release();
  if (data instanceof Float32Array || data instanceof Uint8Array || data instanceof Uint16Array) return data;
  throw new Error('the oracle answered in another type');
}

interface Emitted {
  readonly node: onnx.NodeProto;
  readonly constants: readonly onnx.TensorProto[];
}

interface CodeType {
  readonly dtype: EdgeType;
  readonly quant: Quant;
}

function dequantizeNode(input: string, output: string, type: CodeType): Emitted {
  return quantNode('DequantizeLinear', { input, output }, type);
}

function quantizeNode(input: string, output: string, type: CodeType): Emitted {
  return quantNode('QuantizeLinear', { input, output }, type);
}

function quantNode(op: string, { input, output }: { input: string; output: string }, { dtype, quant }: CodeType): Emitted {
  const zero = dtype === 'U8' ? Uint8Array.of(quant.zero) : Uint16Array.of(quant.zero);
  return {
    node: nodeProto({ op, inputs: [input, `${output}_scale`, `${output}_zero`], output }),
    constants: [
      tensorProto(`${output}_scale`, { shape: [], data: Float32Array.of(quant.scale), type: 1 }),
      tensorProto(`${output}_zero`, { shape: [], data: zero, type: onnxType[dtype] }),
    ],
  };
}

function nodeProto({ op, inputs, output, attributes = {} }: FloatNode): onnx.NodeProto {
  return new onnx.NodeProto({
    opType: op,
    input: [...inputs],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => {
      if (typeof value === 'string') return new onnx.AttributeProto({ name, type: attributeType.STRING, s: Buffer.from(value) });
      if (typeof value !== 'number') return new onnx.AttributeProto({ name, type: attributeType.INTS, ints: [...value] });
      const float = name === 'alpha' || name === 'beta';
      return new onnx.AttributeProto(float ? { name, type: attributeType.FLOAT, f: value } : { name, type: attributeType.INT, i: value });
    }),
  });
}

function tensorProto(name: string, { shape, data, type }: { shape: readonly number[]; data: Float32Array | Uint8Array | Uint16Array | BigInt64Array; type: number }): onnx.TensorProto {
  return new onnx.TensorProto({ name, dims: [...shape], dataType: type, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
}

function valueInfo(name: string, elemType: number, shape?: readonly number[]): onnx.ValueInfoProto {
  const dims = shape && { shape: new onnx.TensorShapeProto({ dim: shape.map((dimValue) => new onnx.TensorShapeProto.Dimension({ dimValue })) }) };
  return new onnx.ValueInfoProto({ name, type: new onnx.TypeProto({ tensorType: new onnx.TypeProto.Tensor({ elemType, ...dims }) }) });
}

function typeOf({ data }: Codes): EdgeType {
  return data instanceof Uint8Array ? 'U8' : data instanceof Uint16Array ? 'U16' : 'FP32';
}

function tensorOf({ shape, data }: Codes): ort.Tensor {
  if (data instanceof Uint8Array) return new ort.Tensor('uint8', data, [...shape]);
  if (data instanceof Uint16Array) return new ort.Tensor('uint16', data, [...shape]);
  return new ort.Tensor('float32', data, [...shape]);
}

/** ONNX nodes of a chain of functions, from `from` to `to`, and their constants. */
export function chainNodes(chain: readonly UnaryCall[], from: string, to: string): { readonly nodes: readonly FloatNode[]; readonly constants: Constants } {
  const nodes: FloatNode[] = [];
  const constants: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  chain.forEach(({ fn, args }, i) => {
    const input = i === 0 ? from : `chain${i - 1}`;
    const output = i === chain.length - 1 ? to : `chain${i}`;
    args.forEach((arg, a) => (constants[`arg${i}_${a}`] = { shape: [], data: Float32Array.of(arg) }));
    const emit = floatForms[fn];
    if (emit === undefined) throw new Error(`the oracle has no form of ${fn}`);
    nodes.push(...emit({ input, output, arg: (a) => `arg${i}_${a}`, args, inner: (name) => `inner${i}_${name}` }));
  });
  if (chain.length === 0) nodes.push({ op: 'Identity', inputs: [from], output: to });
  return { nodes, constants };
}

interface Form {
  readonly input: string;
  readonly output: string;
  readonly arg: (a: number) => string;
  readonly args: readonly number[];
  readonly inner: (name: string) => string;
}

const simple = (op: string) => ({ input, output }: Form): FloatNode[] => [{ op, inputs: [input], output }];

const floatForms: Readonly<Record<string, (form: Form) => FloatNode[]>> = {
  affine: ({ input, output, arg, inner }) => [
    { op: 'Mul', inputs: [input, arg(0)], output: inner('scaled') },
    { op: 'Add', inputs: [inner('scaled'), arg(1)], output },
  ],
  relu: simple('Relu'),
  clip: ({ input, output, arg }) => [{ op: 'Clip', inputs: [input, arg(0), arg(1)], output }],
  leaky_relu: ({ input, output, args }) => [{ op: 'LeakyRelu', inputs: [input], output, attributes: { alpha: args[0]! } }],
  hard_swish: simple('HardSwish'),
  hard_sigmoid: ({ input, output, args }) => [{ op: 'HardSigmoid', inputs: [input], output, attributes: { alpha: args[0]!, beta: args[1]! } }],
  // ONNX Runtime's own Sigmoid is off by 1e-7, several 16-bit steps where all of its outputs are small.
  sigmoid: ({ input, output, inner }) => logistic(input, output, inner),
  tanh: simple('Tanh'),
  gelu: simple('Gelu'),
  sqrt: simple('Sqrt'),
  silu: ({ input, output, inner }) => [
    ...logistic(input, inner('gate'), inner),
    { op: 'Mul', inputs: [input, inner('gate')], output },
  ],
};

function logistic(input: string, output: string, inner: Form['inner']): FloatNode[] {
  return [
    { op: 'Neg', inputs: [input], output: inner('minus') },
    { op: 'Exp', inputs: [inner('minus')], output: inner('exp') },
    { op: 'Sub', inputs: [input, input], output: inner('nothing') },
    { op: 'Exp', inputs: [inner('nothing')], output: inner('one') },
    { op: 'Add', inputs: [inner('exp'), inner('one')], output: inner('sum') },
    { op: 'Reciprocal', inputs: [inner('sum')], output },
  ];
}
