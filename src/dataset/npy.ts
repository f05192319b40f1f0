// NumPy's .npy, formats 1.0 to 3.0 (numpy.lib.format). Arrays come back little-endian and row-major, whatever the file has.
import { dtypes, elements, type DType } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';

export interface NumpyArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Raw little-endian elements, row-major. */
  readonly data: Uint8Array;
}

/** NumPy's type codes, without the byte order. */
const codes: Readonly<Record<string, DType>> = {
  f4: 'FP32', f2: 'FP16', f8: 'FP64', u1: 'U8', i1: 'S8', u2: 'U16', i2: 'S16', u4: 'U32', i4: 'S32', u8: 'U64', i8: 'S64', b1: 'BOOL',
};

const headerMost = 1 << 16;
const rankMost = 32;
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // "\x93NUMPY"

/** `name` is what a Fault calls the file: archive and entry. */
export function readNpy(bytes: Uint8Array, name: string): NumpyArray {
  const wrong = (because: string): Fault => new Fault({ what: `${name}: not a .npy file that can be read`, facts: [['because', because]] });
  const version = bytes[6] ?? 0;
  if (!magic.every((byte, i) => bytes[i] === byte)) throw wrong('it does not start with \\x93NUMPY');
  if (version < 1 || version > 3) throw wrong(`its format version is ${version}; known are 1 to 3`);
  const start = version === 1 ? 10 : 12;
  if (bytes.byteLength < start) throw wrong('it is truncated');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > headerMost) throw wrong(`its header has ${length} bytes`);
  if (start + length > bytes.byteLength) throw wrong('it is truncated');
  const header = Buffer.from(bytes.subarray(start, start + length)).toString(version === 3 ? 'utf8' : 'latin1');
  const { descr, isFortran, shape } = headerOf(header, wrong);
  if (descr === 'O') throw new Fault({ what: `${name}: Python objects in a .npy file are not built yet`, facts: [['built', 'arrays of numbers']] });
  const [, order = '', code = ''] = /^([<>=|]?)(\w+)$/.exec(descr) ?? [];
  const dtype = codes[code];
  if (dtype === undefined) throw wrong(`it holds elements of type "${descr}"`);
  const data = bytes.subarray(start + length);
  const size = elements(shape) * dtypes[dtype].bytes;
  if (data.byteLength !== size) throw wrong(`${data.byteLength} bytes follow its header, [${shape.join(',')}] of ${dtype} has ${size}`);
  const little = order === '>' ? swapBytes(data, dtypes[dtype].bytes) : data.slice();
  return { dtype, shape, data: isFortran && shape.length > 1 ? rowMajor(little, { shape, width: dtypes[dtype].bytes }) : little };
}

/** The bytes of a .npy file, format 1.0, as numpy.save writes them. */
export function writeNpy({ dtype, shape, data }: NumpyArray): Uint8Array {
  const code = Object.keys(codes).find((one) => codes[one] === dtype) ?? '';
  const descr = `${dtypes[dtype].bytes === 1 ? '|' : '<'}${code}`;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10; // data start at a multiple of 64
  const out = new Uint8Array(10 + length + data.byteLength);
  out.set([...magic, 1, 0, length & 0xff, length >> 8]);
  out.set(Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1'), 10);
  out.set(data, 10 + length);
  return out;
}

/** The header is a Python literal: a dict of descr, fortran_order and shape. */
function headerOf(text: string, wrong: (because: string) => Fault): { descr: string; isFortran: boolean; shape: readonly number[] } {
  const descr = /'descr'\s*:\s*'\|?([^']*)'/.exec(text)?.[1];
  if (descr === undefined) throw wrong(/'descr'\s*:\s*\[/.test(text) ? 'it holds records' : 'its header has no descr');
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (order === undefined || sizes === undefined || !/^\s*(\d+L?\s*,\s*)*(\d+L?\s*)?$/.test(sizes)) throw wrong('its header has no fortran_order or no shape');
  const shape = [...sizes.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  if (shape.length > rankMost || !Number.isSafeInteger(elements(shape))) throw wrong(`its shape is [${shape.join(',')}]`);
  return { descr, isFortran: order === 'True', shape };
}

function swapBytes(data: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = data[i - (i % width) + (width - 1 - (i % width))]!;
  return out;
}

/** Elements stored with the first axis innermost, brought to the last axis innermost. */
function rowMajor(data: Uint8Array, { shape, width }: { shape: readonly number[]; width: number }): Uint8Array {
  const strides: number[] = [];
  shape.reduce((stride, size, axis) => ((strides[axis] = stride), stride * size), 1);
  const out = new Uint8Array(data.length);
  const position = shape.map(() => 0);
  for (let to = 0; to < data.length; to += width) {
    const from = position.reduce((sum, at, axis) => sum + at * strides[axis]!, 0) * width;
    for (let byte = 0; byte < width; byte++) out[to + byte] = data[from + byte]!;
    for (let axis = shape.length - 1; axis >= 0 && ++position[axis]! === shape[axis]; axis--) position[axis] = 0;
  }
  return out;
}
