// Instructions on shapes of real networks, each in a memory of noise; and how fast they run, alone or through `simulate`.
import { CodeWriter, noAddress, type Address, type Operands } from '../src/npu/encode.ts';
import { space } from '../src/npu/isa.ts';
import { simulate, type Runnable } from '../src/npu/simulate.ts';
import { leastCpu } from './timing.ts';

export interface Case {
  readonly name: string;
  readonly work: number;
  readonly unit: 'MAC' | 'elem';
  readonly made: (ocm: Layout) => { readonly kind: string; readonly operands: Operands };
}

/** Billions a second in the kernel alone: what more instructions add to a program. */
export function rateOfKernel(one: Case): number {
  const [few, many] = [msOf(one, 1), msOf(one, 1 + repeats)];
  return (one.work * repeats) / (many - few) / 1e6;
}

/** Billions a second of a program of this one instruction and the load of its memory: decoding, checks, copies and all. */
export function rateOfProgram(one: Case): number {
  return one.work / msOf(one, 1) / 1e6;
}

const repeats = 3;

/** Least CPU time of a program that has the instruction `count` times. */
export function msOf({ made }: Case, count: number): number {
  const ocm = new Layout();
  const { kind, operands } = made(ocm);
  const program = programOf(ocm.image.byteLength, kind, operands, count);
  return leastCpu(() => simulate(program, new Uint8Array(0), [ocm.image]), { ms: 250 });
}

function programOf(bytes: number, kind: string, operands: Operands, count: number): Runnable {
  const writer = new CodeWriter();
  writer.add('load', {
    from: { space: space.input, offset: 0 }, from_plane_pitch: 0, from_row_pitch: 0, to: { space: space.ocm, offset: 0 }, to_plane_pitch: 0, to_row_pitch: 0, planes: 1, rows: 1, run: bytes,
  });
  for (let i = 0; i < count; i++) writer.add(kind, operands);
  return { code: writer.code(), ocmBytes: bytes, paramsBytes: 0, swapBytes: 0, inputs: [{ bytes }], outputs: [] };
}

/** On-chip memory and what it holds. */
export class Layout {
  image = new Uint8Array(0);
  take(bytes: number, fill: (view: DataView) => void = noise): Address {
    const offset = this.image.byteLength;
    const larger = new Uint8Array(offset + ((bytes + 63) & ~63));
    larger.set(this.image);
    fill(new DataView(larger.buffer, offset, bytes));
    this.image = larger;
    return { space: space.ocm, offset };
  }
  plane(prefix: string, rows: number, cols: number, run: number): Operands {
    return { [prefix]: this.take(rows * cols * run), [`${prefix}_row_pitch`]: cols * run, [`${prefix}_col_pitch`]: run };
  }
}

function noise(view: DataView): void {
  for (let i = 0; i < view.byteLength; i++) view.setUint8(i, (Math.imul(i, 0x9e3779b1) >>> 15) & 255);
}

const clamp: Operands = { zero: 128, lo: 0, hi: 255, table: noAddress, index_bits: 0, fraction_bits: 0, value_bits: 0 };

function table(ocm: Layout): Operands {
  const entries = ocm.take(4 * 513, (view) => {
    for (let i = 0; i <= 512; i++) view.setInt32(4 * i, i * 128, true);
  });
  return { zero: 32768, lo: 0, hi: 255, table: entries, index_bits: 9, fraction_bits: 7, value_bits: 8 };
}

export interface Conv {
  /** Rows and columns of the output. */
  readonly size: number;
  readonly from: number;
  /** Absent: depthwise. */
  readonly to?: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly inBytes?: number;
  readonly weightBytes?: number;
  readonly withTable?: boolean;
}

export function conv(note: string, { size, from, to, kernel, stride = 1, inBytes = 1, weightBytes = 1, withTable = false }: Conv): Case {
  const outputs = to ?? from;
  const terms = kernel * kernel * (to === undefined ? 1 : from);
  const label = to === undefined ? `dw ${kernel}x${kernel} ${from}` : `${kernel}x${kernel} ${from}->${to}`;
  const made = (ocm: Layout): { kind: string; operands: Operands } => {
    const side = size * stride;
    const epilogue = withTable ? table(ocm) : clamp;
    const channelParams = ocm.take(16 * outputs, (view) => {
      for (let n = 0; n < outputs; n++) {
        view.setInt32(16 * n + 8, 2 ** 30 + n * 12345, true);
        view.setInt32(16 * n + 12, 40 + (n % 3), true);
      }
    });
    const operands = {
      ...ocm.plane('in', side, side, from * inBytes), in_bytes: inBytes, in_rows: side, in_cols: side, in_zero: 120, weights: ocm.take(terms * outputs * weightBytes), weight_bytes: weightBytes,
      ...(to === undefined ? { channels: from } : { in_channels: from, out_channels: to }),
      kernel_y: kernel, kernel_x: kernel, stride_y: stride, stride_x: stride, dilation_y: 1, dilation_x: 1, pad_top: kernel >> 1, pad_left: kernel >> 1, channel_params: channelParams,
      ...ocm.plane('out', size, size, outputs), out_bytes: 1, out_rows: size, out_cols: size, ...epilogue,
    };
    return { kind: to === undefined ? 'dwconv' : 'conv', operands };
  };
  return { name: `${label}${stride > 1 ? ` s${stride}` : ''} at ${size}x${size}${note}`, work: size * size * terms * outputs, unit: 'MAC', made };
}

export interface Size {
  readonly rows: number;
  readonly cols: number;
  readonly channels: number;
}

export function eltwise(kind: string, size: Size, { note = '', shared = false, withTable = false }: { note?: string; shared?: boolean; withTable?: boolean }): Case {
  const { rows, cols, channels } = size;
  const made = (ocm: Layout): { kind: string; operands: Operands } => ({
    kind,
    operands: {
      ...ocm.plane('a', rows, cols, channels), a_bytes: 1, a_channel_step: 1, a_zero: 100,
      ...ocm.plane('b', rows, cols, channels), ...(shared && { b_row_pitch: 0, b_col_pitch: 0 }), b_bytes: 1, b_channel_step: 1, b_zero: 90,
      ...(kind === 'add' ? { a_multiplier: 2 ** 20, b_multiplier: 2 ** 20 + 5, shift: 21 } : { multiplier: 2 ** 30 + 99, shift: 38 }),
      ...ocm.plane('out', rows, cols, channels), out_bytes: 1, ...size, ...(withTable ? table(ocm) : clamp),
    },
  });
  return { name: `${kind} ${channels} at ${rows}x${cols}${note}`, work: rows * cols * channels, unit: 'elem', made };
}

export function rescale(size: Size): Case['made'] {
  const { rows, cols, channels } = size;
  return (ocm) => ({
    kind: 'rescale',
    operands: { ...ocm.plane('in', rows, cols, channels), in_bytes: 1, in_zero: 100, multiplier: 2 ** 30 + 7, shift: 31, ...ocm.plane('out', rows, cols, channels), out_bytes: 1, ...size, ...clamp },
  });
}

export function lut({ rows, cols, channels }: Size): Case['made'] {
  return (ocm) => ({
    kind: 'lut',
    operands: { ...ocm.plane('in', rows, cols, channels), lut: ocm.take(256), ...ocm.plane('out', rows, cols, channels), out_bytes: 1, rows, cols, channels },
  });
}

export function transpose(channels: number, size: number): Case['made'] {
  const plane = size * size;
  const dims: Operands = Object.fromEntries([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [plane, 1, channels], [channels, plane, 1]].flatMap(([dim, from, to], d) => [[`dim${d}`, dim!], [`from_stride${d}`, from!], [`to_stride${d}`, to!]]));
  return (ocm) => ({ kind: 'move', operands: { from: ocm.take(plane * channels), to: ocm.take(plane * channels), element_bytes: 1, ...dims } });
}

export function resize(channels: number, size: number): Case['made'] {
  const row = size * channels;
  const dims: Operands = Object.fromEntries([[1, 0, 0], [size, row, 4 * row], [2, 0, 2 * row], [size, channels, 2 * channels], [2, 0, channels], [channels, 1, 1]].flatMap(([dim, from, to], d) => [[`dim${d}`, dim!], [`from_stride${d}`, from!], [`to_stride${d}`, to!]]));
  return (ocm) => ({ kind: 'move', operands: { from: ocm.take(size * row), to: ocm.take(4 * size * row), element_bytes: 1, ...dims } });
}
