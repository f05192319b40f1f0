// Tensors of an ONNX file <-> raw little-endian bytes. Sizes are checked before anything is allocated.
import { bytesOf } from '../base/bytes.ts';
import { dtypeBytes, dtypeOfOnnx, dtypes, type DType } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import type { TensorType } from '../graph/graph.ts';
import { bigint, dataLocation, number, onnx, type Wide } from './codec.ts';
import { externalOf } from './external.ts';

export interface RawTensor extends TensorType {
  readonly bytes: Uint8Array;
}

/** Where a tensor comes from: for faults, and for data kept in files beside the model. */
export interface TensorSource {
  readonly file: string;
  /** Bytes of external data files, by location as the model writes it. */
  readonly externals?: ReadonlyMap<string, Uint8Array>;
}

/** Reads a tensor; `name` is what faults call it. Bytes may be a view into the model. */
export function readTensor(tensor: onnx.TensorProto, name: string, source: TensorSource): RawTensor {
  const fault = (what: string, facts: readonly (readonly [string, string])[] = []): Fault => new Fault({ place: { file: source.file }, what: `tensor "${name}" ${what}`, facts });
  const dtype = dtypeOfOnnx(tensor.dataType);
  if (dtype === undefined) {
    throw fault(`has ${elementTypeName(tensor.dataType)} elements, which axbuild does not read`, [['known', Object.keys(dtypes).join(', ')]]);
  }
  const shape = tensor.dims.map(number);
  const size = shape.reduce((product, dim) => product * dim, 1) * dtypeBytes(dtype);
  if (shape.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || !Number.isSafeInteger(size)) throw fault(`has an impossible shape: [${shape.join(', ')}]`);
  if (tensor.segment !== null && tensor.segment !== undefined) throw fault('is stored in segments, which axbuild does not read');

  let bytes: Uint8Array;
  if (tensor.dataLocation === dataLocation.EXTERNAL) {
    const { location, offset, length } = externalOf(tensor, name, source.file);
    const file = source.externals?.get(location);
    if (file === undefined) throw fault('is kept in another file, which is not there', [['file', location], ['try', 'put it beside the model']]);
    const end = offset + (length ?? size);
    if (end > file.byteLength) throw fault(`ends outside of ${location}`, [['needs', `bytes ${offset} to ${end}`], ['file', `${file.byteLength} bytes`]]);
    bytes = file.subarray(offset, end);
  } else if (tensor.rawData.byteLength > 0) bytes = tensor.rawData;
  else bytes = typedData(tensor, dtype, () => fault('holds integers that this codec can not read exactly'));

  if (bytes.byteLength !== size) {
    throw fault('has data of the wrong size', [['shape', `${dtype} [${shape.join(', ')}]`], ['needs', `${size} bytes`], ['has', `${bytes.byteLength} bytes`]]);
  }
  return { dtype, shape, bytes };
}

/** A tensor as it is written: raw data. */
export function tensorProto(name: string, { dtype, shape, bytes }: RawTensor): onnx.TensorProto {
  return new onnx.TensorProto({ name, dims: [...shape], dataType: dtypes[dtype].onnx, rawData: bytes });
}

/** A tensor whose bytes are in a file beside the model. */
export function externalProto(name: string, { dtype, shape }: TensorType, { location, offset, length }: { location: string; offset: number; length: number }): onnx.TensorProto {
  const externalData = Object.entries({ location, offset, length }).map(([key, value]) => new onnx.StringStringEntryProto({ key, value: String(value) }));
  return new onnx.TensorProto({ name, dims: [...shape], dataType: dtypes[dtype].onnx, externalData, dataLocation: dataLocation.EXTERNAL });
}

/** The fields that ONNX keeps numbers in when they are not raw bytes. */
function typedData(tensor: onnx.TensorProto, dtype: DType, inexact: () => Fault): Uint8Array {
  const exact = (values: readonly Wide[]): bigint[] =>
    values.map((value) => {
      const whole = bigint(value);
      if (whole === undefined) throw inexact();
      return whole;
    });
  const readers: Readonly<Record<DType, () => Uint8Array>> = {
    FP32: () => bytesOf(Float32Array.from(tensor.floatData)),
    FP64: () => bytesOf(Float64Array.from(tensor.doubleData)),
    FP16: () => bytesOf(Uint16Array.from(tensor.int32Data)),
    U8: () => Uint8Array.from(tensor.int32Data),
    S8: () => bytesOf(Int8Array.from(tensor.int32Data)),
    U16: () => bytesOf(Uint16Array.from(tensor.int32Data)),
    S16: () => bytesOf(Int16Array.from(tensor.int32Data)),
    S32: () => bytesOf(Int32Array.from(tensor.int32Data)),
    S64: () => bytesOf(BigInt64Array.from(exact(tensor.int64Data))),
    U32: () => bytesOf(Uint32Array.from(exact(tensor.uint64Data), Number)),
    U64: () => bytesOf(BigUint64Array.from(exact(tensor.uint64Data))),
    BOOL: () => Uint8Array.from(tensor.int32Data, (n) => (n === 0 ? 0 : 1)),
  };
  return readers[dtype]();
}

const otherTypes: Readonly<Record<number, string>> = {
  0: 'untyped', 8: 'STRING', 14: 'COMPLEX64', 15: 'COMPLEX128', 16: 'BFLOAT16', 17: 'FLOAT8E4M3FN', 18: 'FLOAT8E4M3FNUZ', 19: 'FLOAT8E5M2',
  20: 'FLOAT8E5M2FNUZ', 21: 'UINT4', 22: 'INT4', 23: 'FLOAT4E2M1', 24: 'FLOAT8E8M0', 25: 'UINT2', 26: 'INT2', 27: 'FLOAT6E2M3', 28: 'FLOAT6E3M2',
};

/** The name of an ONNX element type, for faults. */
export function elementTypeName(type: number): string {
  return dtypeOfOnnx(type) ?? otherTypes[type] ?? `unknown (${type})`;
}

/** Graphs are records by tensor name: names that every record has already can't be used. */
export function checkTensorName(name: string, file: string): void {
  if (name in Object.prototype) throw new Fault({ place: { file }, what: `a tensor has a name that can't be used: "${name}"`, facts: [['try', 'rename it']] });
}
