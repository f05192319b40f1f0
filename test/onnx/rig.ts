// Small ONNX models made by hand, a store of blobs, and the independent reader that every file we write must satisfy.
import assert from 'node:assert/strict';
import onnxProto from 'onnx-proto';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import type { DType } from '../../src/base/dtype.ts';
import { elements } from '../../src/base/dtype.ts';
import type { Attribute, Blobs, Keep, TensorType } from '../../src/graph/graph.ts';
import { bytesOfNumbers } from '../../src/graph/numbers.ts';
import { attributeProto } from '../../src/onnx/attributes.ts';
import { encodeModel, onnx } from '../../src/onnx/codec.ts';
import { tensorOf, type FloatTensor } from '../../src/onnx/float.ts';
import { tensorProto } from '../../src/onnx/tensors.ts';
import { valueInfo } from '../../src/onnx/write.ts';

export interface Store {
  readonly keep: Keep;
  readonly blobs: Blobs;
}

export function makeStore(): Store {
  const kept = new Map<Digest, Uint8Array>();
  return {
    keep: (bytes) => {
      const digest = digestOf(bytes);
      kept.set(digest, bytes);
      return digest;
    },
    blobs: (digest) => {
      const bytes = kept.get(digest);
      assert.ok(bytes !== undefined, `no blob ${digest}`);
      return bytes;
    },
  };
}

export interface NodeText {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly name?: string;
  readonly domain?: string;
}

export interface ModelText {
  readonly opset: number;
  readonly nodes: readonly NodeText[];
  /** A shape's text dimensions are open. */
  readonly inputs: Readonly<Record<string, { readonly dtype: DType; readonly shape: readonly (number | string)[] }>>;
  readonly outputs: readonly string[];
  readonly weights?: Readonly<Record<string, { readonly dtype: DType; readonly shape: readonly number[]; readonly numbers: readonly number[] }>>;
}

export function model({ opset, nodes, inputs, outputs, weights = {} }: ModelText): onnx.ModelProto & { graph: onnx.GraphProto } {
  const graph = new onnx.GraphProto({
    name: 'test',
    node: nodes.map(
      ({ op, inputs: read, outputs: made, attributes = {}, name = '', domain = '' }) =>
        new onnx.NodeProto({ opType: op, input: [...read], output: [...made], name, domain, attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value, () => assert.fail())) }),
    ),
    input: Object.entries(inputs).map(([name, { dtype, shape }]) => {
      const info = valueInfo(name, { dtype, shape: shape.map((size) => (typeof size === 'number' ? size : 0)) });
      shape.forEach((size, i) => {
        if (typeof size === 'string') info.type!.tensorType!.shape!.dim[i] = new onnx.TensorShapeProto.Dimension(size === '' ? {} : { dimParam: size });
      });
      return info;
    }),
    output: outputs.map((name) => valueInfo(name, undefined)),
    initializer: Object.entries(weights).map(([name, { dtype, shape, numbers }]) => tensorProto(name, { dtype, shape, bytes: bytesOfNumbers(numbers, dtype) })),
  });
  const whole = new onnx.ModelProto({ irVersion: opset < 9 ? 3 : 8, graph, opsetImport: [new onnx.OperatorSetIdProto({ domain: '', version: opset })] });
  // Before IR 4, weights had to be listed among the inputs.
  if (opset < 9) graph.input.push(...graph.initializer.map((tensor) => valueInfo(tensor.name, { dtype: 'FP32', shape: tensor.dims.map(Number) })));
  return Object.assign(whole, { graph });
}

export function modelBytes(text: ModelText): Uint8Array {
  return encodeModel(model(text));
}

/** Numbers in [-2, 2), a different series for each seed. */
export function numbers(count: number, seed: number): number[] {
  let state = (seed * 2654435761) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((state / 2 ** 32) * 4 - 2);
  });
}

export function randomTensor(type: TensorType, seed: number): FloatTensor {
  return tensorOf(type, bytesOfNumbers(numbers(elements(type.shape), seed).map((n) => (type.dtype === 'FP32' ? n : Math.round(n * 3))), type.dtype));
}

/** Reads a file with onnx-proto, an older reader that shares no code with ours, and checks that it finds what the bytes hold. */
export function readIndependently(bytes: Uint8Array): onnxProto.onnx.ModelProto {
  const read = onnxProto.onnx.ModelProto.decode(bytes);
  const again = onnxProto.onnx.ModelProto.decode(onnxProto.onnx.ModelProto.encode(read).finish());
  assert.deepEqual(again.toJSON(), read.toJSON());
  return read;
}

export function assertSameBits(a: FloatTensor, b: FloatTensor, what: string): void {
  assert.equal(`${a.dtype} ${a.shape.join()}`, `${b.dtype} ${b.shape.join()}`, what);
  assert.deepEqual(Buffer.from(a.data.buffer, a.data.byteOffset, a.data.byteLength).equals(Buffer.from(b.data.buffer, b.data.byteOffset, b.data.byteLength)), true, `${what}: the bits differ`);
}
