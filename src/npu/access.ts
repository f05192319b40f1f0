// Which bytes each instruction touches: the one table behind dependencies (link), hazards and poison (simulate) and bounds. Exact to the
// byte: a strided window that skips rows or columns yields several accesses rather than a wider one.
import type { Decoded } from './decode.ts';
import { space, type FieldUse } from './isa.ts';
import { accessOf, type Access, type Dim, type Nest } from './runs.ts';

export type { Access } from './runs.ts';

/** All memory that `instruction` touches. Constants that it looks up by value (tables) count whole. */
export function accesses(instruction: Decoded): Access[] {
  const list: Access[] = [];
  eachNest(instruction, (nest) => list.push(accessOf(nest)));
  return list;
}

/** The same, as the operands give it. */
export function eachNest(instruction: Decoded, visit: (nest: Nest) => void): void {
  table[instruction.name]?.(instruction, visit);
}

type Emit = (nest: Nest) => void;
type Rule = (instruction: Decoded, emit: Emit) => void;

const table: Readonly<Record<string, Rule>> = {
  load: transfer,
  store: transfer,
  conv(d, emit) {
    const { in_channels, out_channels, kernel_y, kernel_x, weight_bytes } = d.fields;
    window(d, emit, in_channels!);
    block(d, emit, 'weights', 'read', out_channels! * kernel_y! * kernel_x! * in_channels! * weight_bytes!);
    block(d, emit, 'channel_params', 'read', 16 * out_channels!);
    outPlane(d, emit, out_channels!);
  },
  dwconv(d, emit) {
    const { channels, kernel_y, kernel_x, weight_bytes } = d.fields;
    window(d, emit, channels!);
    block(d, emit, 'weights', 'read', kernel_y! * kernel_x! * channels! * weight_bytes!);
    block(d, emit, 'channel_params', 'read', 16 * channels!);
    outPlane(d, emit, channels!);
  },
  matmul(d, emit) {
    const { rows, depth, cols, a_bytes, b_bytes, out_bytes, a_row_pitch, b_row_pitch, out_row_pitch } = d.fields;
    nest(d, emit, { name: 'a', use: 'read', dims: [[rows!, a_row_pitch!]], run: depth! * a_bytes! });
    nest(d, emit, { name: 'b', use: 'read', dims: [[depth!, b_row_pitch!]], run: cols! * b_bytes! });
    nest(d, emit, { name: 'out', use: 'write', dims: [[rows!, out_row_pitch!]], run: cols! * out_bytes! });
    epilogueTable(d, emit);
  },
  add: eltwise,
  mul: eltwise,
  rescale: elementwise,
  lut(d, emit) {
    plane(d, emit, { name: 'in', bytes: 1 });
    block(d, emit, 'lut', 'read', 256 * d.fields.out_bytes!);
    outPlane(d, emit, d.fields.channels!);
  },
  max_pool(d, emit) {
    window(d, emit, d.fields.channels!);
    outPlane(d, emit, d.fields.channels!);
  },
  avg_pool(d, emit) {
    window(d, emit, d.fields.channels!);
    outPlane(d, emit, d.fields.channels!);
  },
  mean(d, emit) {
    const { channels, first, last, out_bytes } = d.fields;
    plane(d, emit, { name: 'in', bytes: d.fields.in_bytes! });
    block(d, emit, 'sums', first === 1 ? 'write' : 'update', 8 * channels!);
    if (last !== 1) return;
    block(d, emit, 'out', 'write', channels! * out_bytes!);
    epilogueTable(d, emit);
  },
  softmax(d, emit) {
    softmaxRows(d, emit);
    block(d, emit, 'exp_table', 'read', 4 * (d.fields.in_bytes === 1 ? 256 : 4097));
  },
  layer_norm(d, emit) {
    const { rows, channels, in_bytes, out_bytes, in_row_pitch, out_row_pitch } = d.fields;
    nest(d, emit, { name: 'in', use: 'read', dims: [[rows!, in_row_pitch!]], run: channels! * in_bytes! });
    block(d, emit, 'channel_params', 'read', 16 * channels!);
    nest(d, emit, { name: 'out', use: 'write', dims: [[rows!, out_row_pitch!]], run: channels! * out_bytes! });
    epilogueTable(d, emit);
  },
  quantize(d, emit) {
    plane(d, emit, { name: 'in', bytes: d.fields.in_bytes! });
    block(d, emit, 'channel_params', 'read', 8 * d.fields.channels!);
    outPlane(d, emit, d.fields.channels!);
  },
  dequantize: elementwise,
  float_binary: eltwise,
  float_function: elementwise,
  float_softmax: softmaxRows,
  move(d, emit) {
    const f = d.fields;
    const from: Dim[] = [[f.dim0!, f.from_stride0!], [f.dim1!, f.from_stride1!], [f.dim2!, f.from_stride2!], [f.dim3!, f.from_stride3!], [f.dim4!, f.from_stride4!], [f.dim5!, f.from_stride5!]];
    const to: Dim[] = [[f.dim0!, f.to_stride0!], [f.dim1!, f.to_stride1!], [f.dim2!, f.to_stride2!], [f.dim3!, f.to_stride3!], [f.dim4!, f.to_stride4!], [f.dim5!, f.to_stride5!]];
    nest(d, emit, { name: 'from', use: 'read', dims: from, run: f.element_bytes! });
    nest(d, emit, { name: 'to', use: 'write', dims: to, run: f.element_bytes! });
  },
};

function transfer(d: Decoded, emit: Emit): void {
  const { planes, rows, run, from_plane_pitch, from_row_pitch, to_plane_pitch, to_row_pitch } = d.fields;
  nest(d, emit, { name: 'from', use: 'read', dims: [[planes!, from_plane_pitch!], [rows!, from_row_pitch!]], run: run! });
  nest(d, emit, { name: 'to', use: 'write', dims: [[planes!, to_plane_pitch!], [rows!, to_row_pitch!]], run: run! });
}

function softmaxRows(d: Decoded, emit: Emit): void {
  const { rows, channels, in_bytes, out_bytes, in_row_pitch, out_row_pitch } = d.fields;
  nest(d, emit, { name: 'in', use: 'read', dims: [[rows!, in_row_pitch!]], run: channels! * in_bytes! });
  nest(d, emit, { name: 'out', use: 'write', dims: [[rows!, out_row_pitch!]], run: channels! * out_bytes! });
}

function elementwise(d: Decoded, emit: Emit): void {
  plane(d, emit, { name: 'in', bytes: d.fields.in_bytes! });
  outPlane(d, emit, d.fields.channels!);
}

function eltwise(d: Decoded, emit: Emit): void {
  plane(d, emit, { name: 'a', bytes: d.fields.a_bytes!, step: d.fields.a_channel_step! });
  plane(d, emit, { name: 'b', bytes: d.fields.b_bytes!, step: d.fields.b_channel_step! });
  outPlane(d, emit, d.fields.channels!);
}

/** An input plane of rows x cols x channels; `step` 0 reads one channel only. */
function plane(d: Decoded, emit: Emit, { name, bytes, step = 1 }: { name: string; bytes: number; step?: number }): void {
  const { rows, cols, channels } = d.fields;
  const pitch = pitches[name]!;
  const dims: Dim[] = [[rows!, d.fields[pitch.row]!], [cols!, d.fields[pitch.col]!]];
  nest(d, emit, { name, use: 'read', dims, run: (step === 0 ? 1 : channels!) * bytes });
}

const pitches = Object.fromEntries(['in', 'a', 'b'].map((name) => [name, { row: `${name}_row_pitch`, col: `${name}_col_pitch` }]));

/** The output plane, and the epilogue's table where there is one. */
function outPlane(d: Decoded, emit: Emit, channels: number): void {
  const { rows, cols, out_rows, out_cols, out_row_pitch, out_col_pitch, out_bytes } = d.fields;
  const dims: Dim[] = [[out_rows ?? rows!, out_row_pitch!], [out_cols ?? cols!, out_col_pitch!]];
  nest(d, emit, { name: 'out', use: 'write', dims, run: channels * out_bytes! });
  epilogueTable(d, emit);
}

function epilogueTable(d: Decoded, emit: Emit): void {
  if (d.addresses.table !== undefined) block(d, emit, 'table', 'read', 4 * (2 ** d.fields.index_bits! + 1));
}

function block(d: Decoded, emit: Emit, name: string, use: FieldUse, run: number): void {
  nest(d, emit, { name, use, dims: [], run });
}

function nest(d: Decoded, emit: Emit, { name, use, dims, run }: { name: string; use: FieldUse; dims: readonly Dim[]; run: number }): void {
  const address = d.addresses[name]!;
  if (address.space !== space.none) emit({ operand: name, use, space: address.space, offset: address.offset, dims, run });
}

/** The part of an input plane that a sliding window reads. */
function window(d: Decoded, emit: Emit, channels: number): void {
  const { fields, addresses } = d;
  const rows = touched({ out: fields.out_rows!, kernel: fields.kernel_y!, stride: fields.stride_y!, dilation: fields.dilation_y ?? 1, pad: fields.pad_top!, size: fields.in_rows! });
  const cols = touched({ out: fields.out_cols!, kernel: fields.kernel_x!, stride: fields.stride_x!, dilation: fields.dilation_x ?? 1, pad: fields.pad_left!, size: fields.in_cols! });
  const { space: where, offset } = addresses.in!;
  const { in_row_pitch: rowPitch, in_col_pitch: colPitch } = fields;
  for (const row of rows) {
    for (const col of cols) {
      const dims: Dim[] = [[row.count, row.step * rowPitch!], [col.count, col.step * colPitch!]];
      const start = offset + row.first * rowPitch! + col.first * colPitch!;
      emit({ operand: 'in', use: 'read', space: where, offset: start, dims, run: channels * fields.in_bytes! });
    }
  }
}

interface Positions {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

interface Slide {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  readonly size: number;
}

/** The positions y * stride + i * dilation - pad inside of 0..size - 1, as arithmetic sequences without common members. */
function touched({ out, kernel, stride, dilation, pad, size }: Slide): Positions[] {
  const last = (out - 1) * stride + (kernel - 1) * dilation - pad;
  if (kernel === 1) return clipped({ first: -pad, last, step: stride, size });
  if (out === 1) return clipped({ first: -pad, last, step: dilation, size });
  const gapless = (dilation === 1 && stride <= kernel) || (stride === 1 && dilation <= out);
  if (gapless) return clipped({ first: -pad, last, step: 1, size });
  const hit = new Uint8Array(size);
  for (let y = 0; y < out; y++) {
    for (let i = 0; i < kernel; i++) {
      const position = y * stride + i * dilation - pad;
      if (position >= 0 && position < size) hit[position] = 1;
    }
  }
  return sequences(hit);
}

function clipped({ first, last, step, size }: { first: number; last: number; step: number; size: number }): Positions[] {
  const from = first < 0 ? first + Math.ceil(-first / step) * step : first;
  const to = Math.min(last, size - 1);
  return to < from ? [] : [{ first: from, count: Math.floor((to - from) / step) + 1, step }];
}

function sequences(hit: Uint8Array): Positions[] {
  const found: Positions[] = [];
  for (let first = hit.indexOf(1); first >= 0; ) {
    const gap = hit.indexOf(0, first);
    const end = gap < 0 ? hit.length : gap;
    found.push({ first, count: end - first, step: 1 });
    first = hit.indexOf(1, end);
  }
  return found;
}
