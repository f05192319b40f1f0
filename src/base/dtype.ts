// Element types, by the vendor's names (reference: Pulsar2 DataType), with their ONNX numbers and sizes.
export const dtypes = {
  FP32: { onnx: 1, bytes: 4 },
  U8: { onnx: 2, bytes: 1 },
  S8: { onnx: 3, bytes: 1 },
  U16: { onnx: 4, bytes: 2 },
  S16: { onnx: 5, bytes: 2 },
  S32: { onnx: 6, bytes: 4 },
  S64: { onnx: 7, bytes: 8 },
  BOOL: { onnx: 9, bytes: 1 },
  FP16: { onnx: 10, bytes: 2 },
  FP64: { onnx: 11, bytes: 8 },
  U32: { onnx: 12, bytes: 4 },
  U64: { onnx: 13, bytes: 8 },
} as const;

export type DType = keyof typeof dtypes;

export function dtypeBytes(dtype: DType): number {
  return dtypes[dtype].bytes;
}

/** The type of an ONNX TensorProto.DataType number, or undefined for one that axbuild doesn't know. */
export function dtypeOfOnnx(number: number): DType | undefined {
  return (Object.keys(dtypes) as DType[]).find((name) => dtypes[name].onnx === number);
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
