// Samples that are tensors already (.npy, .bin): type and shape must be those of the model's input, and every float finite.
import { viewAs } from '../base/bytes.ts';
import { dtypes, elements, type DType } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import { readNpy } from './npy.ts';

/** What the model's input takes, and what Faults call input and file. */
export interface Wanted {
  readonly tensor: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Archive and entry, or file. */
  readonly name: string;
}

/** Raw little-endian elements, row-major, of a .npy file. */
export function numpyTensor(bytes: Uint8Array, wanted: Wanted): Uint8Array {
  const { dtype, shape, data } = readNpy(bytes, wanted.name);
  const same = dtype === wanted.dtype && shape.length === wanted.shape.length && shape.every((size, i) => size === wanted.shape[i]);
  if (!same) {
    throw new Fault({
      what: `${wanted.name}: not what input ${wanted.tensor} takes`,
      facts: [['holds', `${dtype} [${shape.join(',')}]`], ['input takes', `${wanted.dtype} [${wanted.shape.join(',')}]`]],
    });
  }
  return finite(data, wanted);
}

/** The same of a .bin file, which says nothing of itself but its size. */
export function binaryTensor(bytes: Uint8Array, wanted: Wanted): Uint8Array {
  const size = elements(wanted.shape) * dtypes[wanted.dtype].bytes;
  if (bytes.byteLength !== size) {
    throw new Fault({
      what: `${wanted.name}: not what input ${wanted.tensor} takes`,
      facts: [['holds', `${bytes.byteLength} bytes`], ['input takes', `${wanted.dtype} [${wanted.shape.join(',')}]: ${size} bytes`]],
    });
  }
  return finite(bytes.slice(), wanted);
}

/** The file name of a tensor, without extension: every character outside A-Z a-z 0-9 _ - becomes _. */
export function fileStem(tensor: string): string {
  return tensor.replace(/[^A-Za-z0-9_-]/g, '_');
}

/** How to see elements so that "not finite" is plain: an exponent of all ones. */
const exponents: Partial<Record<DType, (data: Uint8Array, i: number) => boolean>> = {
  FP32: (data, i) => (data[4 * i + 3]! & 0x7f) === 0x7f && (data[4 * i + 2]! & 0x80) !== 0,
  FP16: (data, i) => (data[2 * i + 1]! & 0x7c) === 0x7c,
  FP64: (data, i) => (data[8 * i + 7]! & 0x7f) === 0x7f && (data[8 * i + 6]! & 0xf0) === 0xf0,
};

function finite(data: Uint8Array, { name, dtype, shape }: Wanted): Uint8Array {
  const isNotFinite = exponents[dtype];
  const count = isNotFinite === undefined ? 0 : elements(shape);
  for (let i = 0; i < count; i++) {
    if (isNotFinite?.(data, i)) {
      throw new Fault({ what: `${name}: ${spelt(data, { i, dtype })} at [${position(i, shape).join(',')}]`, facts: [['allowed', 'finite numbers only']] });
    }
  }
  return data;
}

function spelt(data: Uint8Array, { i, dtype }: { i: number; dtype: DType }): string {
  const bytes = data.slice(i * dtypes[dtype].bytes, (i + 1) * dtypes[dtype].bytes);
  if (dtype === 'FP32') return String(viewAs(Float32Array, bytes)[0]);
  if (dtype === 'FP64') return String(viewAs(Float64Array, bytes)[0]);
  const isNaN16 = (bytes[0]! | (bytes[1]! & 3)) !== 0;
  return isNaN16 ? 'NaN' : (bytes[1]! & 0x80) === 0 ? 'Infinity' : '-Infinity';
}

function position(flat: number, shape: readonly number[]): number[] {
  const at: number[] = [];
  for (const size of [...shape].reverse()) {
    at.unshift(flat % size);
    flat = Math.floor(flat / size);
  }
  return at;
}
