// Every enum of the vendor's BuildConfig, with the numbers its documents give (null: the name is public, the number is not).
// Text forms use names only; the numbers are kept for readers of its binary files.
export const enums = {
  ModelType: { ONNX: 0, QuantAxModel: 1, QuantONNX: 3, OptimizedQuantAxModel: 4 },
  HardwareType: { AX650: 0, AX620E: 1, M76H: 2, M57: 5, AX615: null, AX637: null, AX8860: null },
  NPUMode: { NPU1: 0, NPU2: 1, NPU3: 2, NPU4: null, NPU5: null },
  DataType: {
    DefaultDataType: 0, U8: 1, S8: 2, U16: 3, S16: 4, U32: 5, S32: 6, U64: 7, S64: 8, FP16: 9, FP32: 10, BF16: 11, NVFP4: null,
  },
  ColorSpace: {
    AutoColorSpace: 0, GRAY: 1, BGR: 2, RGB: 3, RGBA: 4, YUV420SP: 6, YVU420SP: 7, YUYV422: 8, UYVY422: 9, RAW: 10,
  },
  Layout: { DefaultLayout: 0, NHWC: 1, NCHW: 2 },
  QuantMethod: { MinMax: 0, Percentile: 1, MSE: 2, KL: 3 },
  PrecisionAnalysisMethod: { PerLayer: 0, EndToEnd: 1 },
  PrecisionAnalysisMode: { Reference: 0, NPUBackend: 1 },
  CheckMode: { CheckOutput: 0, CheckPerLayer: 1 },
  DataFormat: { Image: 0, Numpy: 1, Binary: 2, NumpyObject: 3 },
  CSCMode: { NoCSC: 0, Matrix: 1, FullRange: 2, LimitedRange: 3 },
  ScheduleStrategy: { Tile: 0, Slice: 1 },
  MatchMode: { Op: 0, Tensor: 1 },
} as const;

export type EnumName = keyof typeof enums;
export type EnumValue<E extends EnumName> = keyof (typeof enums)[E] & string;
