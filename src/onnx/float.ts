// Float execution by ONNX Runtime, on the CPU. Its bits depend on the number of threads, the optimisation level and the tensors that are
// exposed: the first two are constants here and part of every recipe that uses them; the third is the caller's.
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { bytesOf, viewAs, type TypedArray } from '../base/bytes.ts';
import { dtypeBytes, elements, type DType } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import type { Blobs, Graph, TensorType } from '../graph/graph.ts';
import { printType } from '../graph/print.ts';
import { writeOnnx } from './write.ts';

/**
 * Belongs into the options of every job that runs floats. One thread: jobs are what runs side by side. No rewriting: then a tensor's bits
 * do not depend on which others are exposed, and after our own passes it is as fast (det at 320x320: 28.3 ms, level 'basic' 29.0 ms).
 */
export const floatRuntime = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'disabled', executionMode: 'sequential' } as const;

/** Memory is given back after each run: where tensors are exposed, an arena would hold all of them twice, and it is no faster where they aren't. */
const memory = { enableCpuMemArena: false, enableMemPattern: false } as const;

export interface FloatTensor extends TensorType {
  /** Row-major. FP16 as its 16 bits, BOOL as bytes. */
  readonly data: TypedArray;
}

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Every input by name; gives every output by name. Throws a Fault on an input that is missing, unknown or of the wrong type. */
  run(inputs: Readonly<Record<string, FloatTensor>>): Promise<Readonly<Record<string, FloatTensor>>>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Tensors to expose instead of the graph's outputs. */
  readonly outputs?: readonly string[];
}

export async function openSession(graph: Graph, blobs: Blobs, { outputs = graph.outputs }: SessionOptions = {}): Promise<Session> {
  const bytes = writeOnnx({ ...graph, outputs }, blobs);
  const types = new Map(graph.inputs.flatMap((tensor) => (Object.hasOwn(graph.types, tensor) ? [[tensor, graph.types[tensor]!] as const] : [])));
  return openModel(bytes, { name: graph.name, types });
}

/** A session on the bytes of any ONNX model. With `types`, inputs are checked against them. */
export async function openModel(bytes: Uint8Array, { name, types = new Map() }: { name: string; types?: ReadonlyMap<string, TensorType> }): Promise<Session> {
  const runtime = await loadRuntime();
  let session: InferenceSession;
  try {
    session = await runtime.InferenceSession.create(bytes, { ...floatRuntime, ...memory, executionProviders: ['cpu'], logSeverityLevel: 3 });
  } catch (error) {
    throw refused(`ONNX Runtime does not take "${name}"`, error);
  }
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(inputs) {
      checkInputs(inputs, { name, names: session.inputNames, types });
      const feeds: Record<string, Tensor> = {};
      for (const tensor of session.inputNames) feeds[tensor] = feed(runtime.Tensor, inputs[tensor]!);
      let results: InferenceSession.OnnxValueMapType;
      try {
        results = await session.run(feeds);
      } catch (error) {
        throw refused(`ONNX Runtime could not run "${name}"`, error);
      }
      return Object.fromEntries(session.outputNames.map((tensor) => [tensor, result(tensor, results[tensor])]));
    },
    close: () => session.release(),
  };
}

type Runtime = typeof import('onnxruntime-node');

async function loadRuntime(): Promise<Runtime> {
  try {
    const module: Runtime & { readonly default?: Runtime } = await import('onnxruntime-node');
    return module.default ?? module;
  } catch (error) {
    throw new Fault({
      what: 'ONNX Runtime can not be loaded: it runs the float network',
      facts: [['package', 'onnxruntime-node'], ['reason', firstLine(error)], ['try', 'ONNXRUNTIME_NODE_INSTALL=skip npm ci']],
    });
  }
}

function refused(what: string, error: unknown): Fault {
  return new Fault({ what, facts: [['reason', firstLine(error)]] });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

type OrtType = 'float32' | 'uint8' | 'int8' | 'uint16' | 'int16' | 'int32' | 'int64' | 'bool' | 'float16' | 'float64' | 'uint32' | 'uint64';

const ortTypes: Readonly<Record<DType, OrtType>> = {
  FP32: 'float32', U8: 'uint8', S8: 'int8', U16: 'uint16', S16: 'int16', S32: 'int32', S64: 'int64', BOOL: 'bool', FP16: 'float16', FP64: 'float64',
  U32: 'uint32', U64: 'uint64',
};

const arrays = {
  FP32: Float32Array, U8: Uint8Array, S8: Int8Array, U16: Uint16Array, S16: Int16Array, S32: Int32Array, S64: BigInt64Array, BOOL: Uint8Array,
  FP16: Uint16Array, FP64: Float64Array, U32: Uint32Array, U64: BigUint64Array,
} as const;

/** A tensor from raw little-endian bytes. */
export function tensorOf(type: TensorType, bytes: Uint8Array): FloatTensor {
  if (bytes.byteLength !== elements(type.shape) * dtypeBytes(type.dtype)) throw new Error(`BUG: ${bytes.byteLength} bytes for ${printType(type)}`);
  const kind: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray } = arrays[type.dtype];
  return { dtype: type.dtype, shape: type.shape, data: viewAs(kind, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
}

function feed(TensorClass: Runtime['Tensor'], { dtype, shape, data }: FloatTensor): Tensor {
  // Newer engines know a Float16Array, which the runtime then insists on; the constructor takes the bits either way.
  return new TensorClass(ortTypes[dtype], data as never, shape);
}

function result(name: string, value: InferenceSession.OnnxValueMapType[string] | undefined): FloatTensor {
  const dtype = value === undefined || !('type' in value) ? undefined : (Object.keys(ortTypes) as DType[]).find((key) => ortTypes[key] === value.type);
  if (value === undefined || dtype === undefined || !('data' in value) || !ArrayBuffer.isView(value.data)) throw new Fault({ what: `output "${name}" is no tensor of numbers` });
  const { buffer, byteOffset, byteLength } = value.data;
  return tensorOf({ dtype, shape: [...value.dims] }, bytesOf(new Uint8Array(buffer, byteOffset, byteLength)));
}

interface Expected {
  readonly name: string;
  readonly names: readonly string[];
  readonly types: ReadonlyMap<string, TensorType>;
}

function checkInputs(inputs: Readonly<Record<string, FloatTensor>>, { name, names, types }: Expected): void {
  const absent = names.filter((tensor) => !Object.hasOwn(inputs, tensor));
  const unknown = Object.keys(inputs).filter((tensor) => !names.includes(tensor));
  if (absent.length + unknown.length > 0) {
    const facts = [['known', names.join(', ')] as const, ...(absent.length > 0 ? [['missing', absent.join(', ')] as const] : []), ...(unknown.length > 0 ? [['unknown', unknown.join(', ')] as const] : [])];
    throw new Fault({ what: `the inputs given are not those of "${name}"`, facts });
  }
  for (const tensor of names) {
    const [due, given] = [types.get(tensor), inputs[tensor]!];
    if (due !== undefined && printType(due) !== printType(given)) {
      throw new Fault({ what: `input "${tensor}" has the wrong type`, facts: [['needs', printType(due)], ['given', printType(given)]] });
    }
    if (given.data.length !== elements(given.shape)) throw new Fault({ what: `input "${tensor}" has ${given.data.length} numbers for ${printType(given)}` });
  }
}
