// Bytes <-> ONNX's protobuf messages. `onnx` holds the message classes that scripts/build-onnx.js generates from onnx.proto.
import { Fault } from '../base/fault.ts';
import { onnx } from './onnx.generated.js';

export { onnx };

export type Model = onnx.ModelProto & { readonly graph: onnx.GraphProto };

/** 64-bit integers arrive as Long objects where package `long` can be loaded, else as numbers. */
export type Wide = onnx.TensorProto['dims'][number];

export const attributeType = onnx.AttributeProto.AttributeType;
export const dataLocation = onnx.TensorProto.DataLocation;

/** Throws a Fault on bytes that are no ONNX model. Byte fields of the result are views into `bytes`. */
export function decodeModel(bytes: Uint8Array, file: string): Model {
  const fault = (what: string, facts: readonly (readonly [string, string])[]): Fault => new Fault({ place: { file }, what, facts });
  if (bytes.byteLength === 0) throw fault('this file is empty, not an ONNX model', [['try', 'export or copy the model again']]);
  let model: onnx.ModelProto;
  try {
    // A Buffer's slice is no copy, which readers of numbers rely on: plain bytes from here on.
    model = onnx.ModelProto.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    // The codec throws RangeError for lengths past the end and Error for broken tags; both mean the same to the user.
    if (!(error instanceof Error)) throw error;
    const cut = error instanceof RangeError;
    throw fault(cut ? 'this file is no ONNX model, or it is cut short' : 'this file is no ONNX model', [
      ['size', `${bytes.byteLength} bytes`],
      ['reason', cut ? 'a length in it points past its end' : 'its bytes are no protobuf message'],
      ['try', 'export or copy the model again'],
    ]);
  }
  if (!hasGraph(model) || number(model.irVersion) <= 0) {
    throw fault('this file is no ONNX model: it has no graph', [['size', `${bytes.byteLength} bytes`], ['try', 'a file that ends in .onnx, as exporters write it']]);
  }
  return model;
}

function hasGraph(model: onnx.ModelProto): model is Model {
  return model.graph !== null && model.graph !== undefined;
}

/** Deterministic: fields in the schema's order, nothing of clock or machine. */
export function encodeModel(model: onnx.ModelProto): Uint8Array {
  // The writer may hand out a slice of a shared pool: what leaves here owns its memory.
  return new Uint8Array(onnx.ModelProto.encode(model).finish());
}

/** A 64-bit integer as a number: exact up to 2^53, else the nearest double. */
export function number(value: Wide): number {
  return typeof value === 'number' ? value : value.toNumber();
}

/** A 64-bit integer, exactly; undefined where the codec has already rounded it. */
export function bigint(value: Wide): bigint | undefined {
  if (typeof value !== 'number') return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

/** A number as a 64-bit field. 2^63, which is what the largest int64 becomes as a number, is written as that again. */
export function wide(value: number): Wide {
  if (value < 2 ** 63) return value;
  // The writer reads nothing but the two halves of a Long.
  return { low: -1, high: 0x7fffffff, unsigned: false } as Wide;
}
