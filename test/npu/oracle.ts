// Every instruction once more, written straight from docs/integer-spec.md and the table: one element at a time, numbers and BigInt only.
import type { Decoded } from '../../src/npu/decode.ts';
import { space } from '../../src/npu/isa.ts';

/** Memory by space. */
export type Memory = ReadonlyMap<number, Uint8Array>;

/** Called for every reach into memory. */
export type Touch = (reach: { readonly operand: string; readonly use: 'read' | 'write'; readonly space: number; readonly start: number; readonly end: number }) => void;

/** Executes `d` on `memory`; returns saturations. */
export function define(d: Decoded, memory: Memory, touch: Touch = () => {}): number {
  const definition = table[d.name];
  if (definition === undefined) throw new Error(`no definition of ${d.name}`);
  return definition(new Operands(d, memory, touch)) ?? 0;
}

class Operands {
  readonly f: Readonly<Record<string, number>>;
  readonly #d: Decoded;
  readonly #memory: Memory;
  readonly #touch: Touch;
  constructor(d: Decoded, memory: Memory, touch: Touch) {
    this.f = d.fields;
    this.#touch = touch;
    this.#d = d;
    this.#memory = memory;
  }
  has(name: string): boolean {
    return this.#d.addresses[name]!.space !== space.none;
  }
  #view(operand: string, use: 'read' | 'write', at: number, size: number): [DataView, number] {
    const { space: where, offset } = this.#d.addresses[operand]!;
    const bytes = this.#memory.get(where)!;
    this.#touch({ operand, use, space: where, start: offset + at, end: offset + at + size });
    return [new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset + at];
  }
  /** Unsigned number of 1, 2 or 4 bytes. */
  code(name: string, at: number, bytes: number): number {
    const [view, start] = this.#view(name, 'read', at, bytes);
    return bytes === 1 ? view.getUint8(start) : bytes === 2 ? view.getUint16(start, true) : view.getUint32(start, true);
  }
  signed(name: string, at: number, bytes: number): number {
    const [view, start] = this.#view(name, 'read', at, bytes);
    return bytes === 1 ? view.getInt8(start) : bytes === 2 ? view.getInt16(start, true) : view.getInt32(start, true);
  }
  long(name: string, at: number): bigint {
    const [view, start] = this.#view(name, 'read', at, 8);
    return view.getBigInt64(start, true);
  }
  real(name: string, at: number): number {
    const [view, start] = this.#view(name, 'read', at, 4);
    return view.getFloat32(start, true);
  }
  put(name: string, at: number, bytes: number, value: number): void {
    const [view, start] = this.#view(name, 'write', at, bytes);
    if (bytes === 1) view.setUint8(start, value);
    else if (bytes === 2) view.setUint16(start, value, true);
    else view.setUint32(start, value, true);
  }
  putLong(name: string, at: number, value: bigint): void {
    const [view, start] = this.#view(name, 'write', at, 8);
    view.setBigInt64(start, value, true);
  }
  putReal(name: string, at: number, value: number): void {
    const [view, start] = this.#view(name, 'write', at, 4);
    view.setFloat32(start, value, true);
  }
  /** Code of an input plane. */
  in(y: number, x: number, c: number, name = 'in', bytes = this.f[`${name}_bytes`]!): number {
    return this.code(name, y * this.f[`${name}_row_pitch`]! + x * this.f[`${name}_col_pitch`]! + c * bytes, bytes);
  }
  out(y: number, x: number, c: number, value: number): void {
    const bytes = this.f.out_bytes!;
    this.put('out', y * this.f.out_row_pitch! + x * this.f.out_col_pitch! + c * bytes, bytes, value);
  }
}

function clamp(v: bigint, low: bigint, high: bigint): bigint {
  return v < low ? low : v > high ? high : v;
}

function rescale(v: bigint, m: number, s: number): bigint {
  return (v * BigInt(m) + (1n << BigInt(s - 1))) >> BigInt(s);
}

function epilogue(o: Operands, r: bigint): number {
  const { zero, lo, hi, index_bits, fraction_bits, value_bits } = o.f;
  if (!o.has('table')) return Number(clamp(r + BigInt(zero!), BigInt(lo!), BigInt(hi!)));
  const [I, F, V] = [index_bits!, fraction_bits!, value_bits!];
  const x = Number(clamp(r + BigInt(zero!), 0n, (1n << BigInt(I + F)) - 1n));
  const i = x >> F;
  const g = BigInt(x & (2 ** F - 1));
  const [here, next] = [BigInt(o.signed('table', 4 * i, 4)), BigInt(o.signed('table', 4 * i + 4, 4))];
  const y = (here * (1n << BigInt(F)) + (next - here) * g + (1n << BigInt(F + V - 1))) >> BigInt(F + V);
  return Number(clamp(y, BigInt(lo!), BigInt(hi!)));
}

function saturate(v: bigint, bits: number): [bigint, number] {
  const limit = 1n << BigInt(bits - 1);
  const held = clamp(v, -limit, limit - 1n);
  return [held, held === v ? 0 : 1];
}

function each(counts: readonly number[], visit: (...at: number[]) => void): void {
  if (counts.some((count) => count === 0)) return;
  const at = counts.map(() => 0);
  for (;;) {
    visit(...at);
    let d = counts.length - 1;
    while (d >= 0 && ++at[d]! === counts[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

function conv(o: Operands, weightOf: (n: number, i: number, j: number, c: number) => number, { inputs, outputs, depthwise }: { inputs: number; outputs: number; depthwise: boolean }): number {
  const { f } = o;
  const bits = f.in_bytes === 1 && f.weight_bytes === 1 ? 32 : 48;
  let saturations = 0;
  each([f.out_rows!, f.out_cols!, outputs], (y, x, n) => {
    let sum = 0; // below 2^53: terms below 2^31, under a million of them
    for (let i = 0; i < f.kernel_y!; i++) {
      const row = y! * f.stride_y! + i * f.dilation_y! - f.pad_top!;
      if (row < 0 || row >= f.in_rows!) continue;
      for (let j = 0; j < f.kernel_x!; j++) {
        const col = x! * f.stride_x! + j * f.dilation_x! - f.pad_left!;
        if (col < 0 || col >= f.in_cols!) continue;
        if (depthwise) sum += (o.in(row, col, n!) - f.in_zero!) * weightOf(n!, i, j, 0);
        else for (let c = 0; c < inputs; c++) sum += (o.in(row, col, c) - f.in_zero!) * weightOf(n!, i, j, c);
      }
    }
    const [acc, saturated] = saturate(BigInt(sum) + o.long('channel_params', 16 * n!), bits);
    saturations += saturated;
    if (f.out_bytes === 4) return putFloat(o, [y!, x!, n!], f32(Number(acc)) * o.real('channel_params', 16 * n! + 8));
    o.out(y!, x!, n!, epilogue(o, rescale(acc, o.signed('channel_params', 16 * n! + 8, 4), o.signed('channel_params', 16 * n! + 12, 4))));
  });
  return saturations;
}

function eltwise(o: Operands, result: (a: bigint, b: bigint) => bigint): void {
  const { f } = o;
  each([f.rows!, f.cols!, f.channels!], (y, x, c) => {
    const a = o.in(y!, x!, c! * f.a_channel_step!, 'a') - f.a_zero!;
    const b = o.in(y!, x!, c! * f.b_channel_step!, 'b') - f.b_zero!;
    o.out(y!, x!, c!, epilogue(o, result(BigInt(a), BigInt(b))));
  });
}

function windowCodes(o: Operands, y: number, x: number, c: number): number[] {
  const { f } = o;
  const codes: number[] = [];
  each([f.kernel_y!, f.kernel_x!], (i, j) => {
    const row = y * f.stride_y! + i! * (f.dilation_y ?? 1) - f.pad_top!;
    const col = x * f.stride_x! + j! * (f.dilation_x ?? 1) - f.pad_left!;
    if (row >= 0 && row < f.in_rows! && col >= 0 && col < f.in_cols!) codes.push(o.in(row, col, c));
  });
  return codes;
}

function transfer(o: Operands): void {
  const { f } = o;
  each([f.planes!, f.rows!, f.run!], (p, y, i) => {
    o.put('to', p! * f.to_plane_pitch! + y! * f.to_row_pitch! + i!, 1, o.code('from', p! * f.from_plane_pitch! + y! * f.from_row_pitch! + i!, 1));
  });
}

/** Nearest integer, ties to even. */
function rint(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

const f32 = Math.fround;

/** No number becomes 0. */
function putFloat(o: Operands, [y, x, c]: readonly [number, number, number], value: number): void {
  const single = f32(value);
  o.putReal('out', y * o.f.out_row_pitch! + x * o.f.out_col_pitch! + 4 * c, Number.isNaN(single) ? 0 : single);
}

function clip(x: number, a: number, b: number): number {
  return x < a ? a : x > b ? b : x;
}

function exp(x: number): number {
  const z = clip(x, -100, 100);
  if (Number.isNaN(z)) return z;
  const k = rint(z * 1.4426950408889634);
  const r = z - k * 0.693145751953125 - k * 0.0000014286068203094173;
  const c = [1, 1];
  for (let i = 2; i <= 10; i++) c.push(1 / Number([...Array(i).keys()].reduce((product, n) => product * BigInt(n + 1), 1n)));
  let p = c[10]!;
  for (let i = 9; i >= 0; i--) p = p * r + c[i]!;
  return p * 2 ** k;
}

const sigmoid = (x: number): number => f32(1 / (1 + exp(-x)));

/** By number. */
const functions: readonly ((x: number, a: number, b: number) => number)[] = [
  (x) => x,
  (x, a, b) => f32(f32(a * x) + b),
  (x) => (x > 0 ? x : 0),
  clip,
  (x, a) => (x >= 0 ? x : f32(a * x)),
  sigmoid,
  (x) => f32(x * sigmoid(x)),
  (x, a, b) => clip(f32(f32(a * x) + b), 0, 1),
  (x) => f32(f32(x * clip(f32(x + 3), 0, 6)) / 6),
  (x, a) => f32(a / x),
];

function floorDivide(a: bigint, b: bigint): bigint {
  const rest = ((a % b) + b) % b;
  return (a - rest) / b;
}

/** floor of the square root, bit by bit. */
function wholeRoot(square: bigint): bigint {
  let root = 0n;
  for (let bit = 1n << 31n; bit > 0n; bit >>= 1n) if ((root + bit) ** 2n <= square) root += bit;
  return root;
}

const table: Readonly<Record<string, (o: Operands) => number | void>> = {
  load: transfer,
  store: transfer,
  conv: (o) => {
    const { kernel_y, kernel_x, in_channels, out_channels, weight_bytes } = o.f;
    const weightOf = (n: number, i: number, j: number, c: number): number => o.signed('weights', (((n * kernel_y! + i) * kernel_x! + j) * in_channels! + c) * weight_bytes!, weight_bytes!);
    return conv(o, weightOf, { inputs: in_channels!, outputs: out_channels!, depthwise: false });
  },
  matmul: (o) => {
    const { f } = o;
    let saturations = 0;
    each([f.rows!, f.cols!], (y, x) => {
      let sum = 0;
      for (let k = 0; k < f.depth!; k++) {
        const a = o.code('a', y! * f.a_row_pitch! + k * f.a_bytes!, f.a_bytes!) - f.a_zero!;
        sum += a * (o.code('b', k * f.b_row_pitch! + x! * f.b_bytes!, f.b_bytes!) - f.b_zero!);
      }
      const [acc, saturated] = saturate(BigInt(sum), f.a_bytes === 1 && f.b_bytes === 1 ? 32 : 48);
      saturations += saturated;
      o.put('out', y! * f.out_row_pitch! + x! * f.out_bytes!, f.out_bytes!, epilogue(o, rescale(acc, f.multiplier!, f.shift!)));
    });
    return saturations;
  },
  dwconv: (o) => {
    const { kernel_x, channels, weight_bytes } = o.f;
    const weightOf = (n: number, i: number, j: number): number => o.signed('weights', ((i * kernel_x! + j) * channels! + n) * weight_bytes!, weight_bytes!);
    return conv(o, weightOf, { inputs: 1, outputs: channels!, depthwise: true });
  },
  add: (o) => {
    const { a_multiplier, b_multiplier, shift } = o.f;
    eltwise(o, (a, b) => (a * BigInt(a_multiplier!) + b * BigInt(b_multiplier!) + (1n << BigInt(shift! - 1))) >> BigInt(shift!));
  },
  mul: (o) => eltwise(o, (a, b) => rescale(a * b, o.f.multiplier!, o.f.shift!)),
  rescale: (o) => {
    const { f } = o;
    each([f.rows!, f.cols!, f.channels!], (y, x, c) => o.out(y!, x!, c!, epilogue(o, rescale(BigInt(o.in(y!, x!, c!) - f.in_zero!), f.multiplier!, f.shift!))));
  },
  lut: (o) => {
    const { f } = o;
    each([f.rows!, f.cols!, f.channels!], (y, x, c) => o.out(y!, x!, c!, o.code('lut', o.in(y!, x!, c!, 'in', 1) * f.out_bytes!, f.out_bytes!)));
  },
  max_pool: (o) => {
    const { f } = o;
    each([f.out_rows!, f.out_cols!, f.channels!], (y, x, c) => o.out(y!, x!, c!, Math.max(0, ...windowCodes(o, y!, x!, c!))));
  },
  avg_pool: (o) => {
    const { f } = o;
    let saturations = 0;
    each([f.out_rows!, f.out_cols!, f.channels!], (y, x, c) => {
      const sum = windowCodes(o, y!, x!, c!).reduce((total, code) => total + code - f.in_zero!, 0);
      const [acc, saturated] = saturate(BigInt(sum), f.in_bytes === 1 ? 32 : 48);
      saturations += saturated;
      o.out(y!, x!, c!, epilogue(o, rescale(acc, f.multiplier!, f.shift!)));
    });
    return saturations;
  },
  mean: (o) => {
    const { f } = o;
    let saturations = 0;
    for (let c = 0; c < f.channels!; c++) {
      let sum = f.first === 1 ? 0n : o.long('sums', 8 * c);
      each([f.rows!, f.cols!], (y, x) => (sum += BigInt(o.in(y!, x!, c) - f.in_zero!)));
      sum = BigInt.asIntN(64, sum); // only noise in `sums` comes that far
      o.putLong('sums', 8 * c, sum);
      if (f.last !== 1) continue;
      const [acc, saturated] = saturate(sum, f.in_bytes === 1 ? 32 : 48);
      saturations += saturated;
      o.put('out', c * f.out_bytes!, f.out_bytes!, epilogue(o, rescale(acc, f.multiplier!, f.shift!)));
    }
    return saturations;
  },
  softmax: (o) => {
    const { f } = o;
    const bytes = f.in_bytes!;
    for (let y = 0; y < f.rows!; y++) {
      const codes = Array.from({ length: f.channels! }, (_, c) => o.code('in', y * f.in_row_pitch! + c * bytes, bytes));
      const most = Math.max(...codes);
      const e = codes.map((code) => {
        if (bytes === 1) return BigInt(o.code('exp_table', 4 * (most - code), 4));
        const x = Number(clamp(rescale(BigInt(most - code), f.multiplier!, f.shift!), 0n, 2n ** 20n - 1n));
        const [here, next] = [BigInt(o.code('exp_table', 4 * (x >> 8), 4)), BigInt(o.code('exp_table', 4 * (x >> 8) + 4, 4))];
        return (here * 256n + (next - here) * BigInt(x & 255) + 128n) >> 8n;
      });
      const s = e.reduce((sum, value) => sum + value, 0n);
      e.forEach((value, c) => o.put('out', y * f.out_row_pitch! + c * f.out_bytes!, f.out_bytes!, s === 0n ? 0 : Number((2n * value * BigInt(f.levels!) + s) / (2n * s))));
    }
  },
  layer_norm: (o) => {
    const { f } = o;
    const [n, bytes] = [f.channels!, f.in_bytes!];
    for (let y = 0; y < f.rows!; y++) {
      const codes = Array.from({ length: n }, (_, c) => BigInt(o.code('in', y * f.in_row_pitch! + c * bytes, bytes)));
      const s = codes.reduce((sum, a) => sum + a, 0n);
      const v = BigInt(n) * codes.reduce((sum, a) => sum + a * a, 0n) - s * s;
      const d = clamp(256n * v + (BigInt(f.epsilon_high!) << 32n) + BigInt(f.epsilon_low!), 1n, 2n ** 62n - 1n);
      let e = 40n;
      while (d * 4n ** e >= 2n ** 62n) e--;
      const w = wholeRoot(d * 4n ** e);
      codes.forEach((a, c) => {
        const t = floorDivide((BigInt(n) * a - s) * 2n ** (27n + e) + w, 2n * w);
        const shift = BigInt(o.signed('channel_params', 16 * c + 12, 4));
        const r = (t * BigInt(o.signed('channel_params', 16 * c + 8, 4)) + o.long('channel_params', 16 * c) + 2n ** (shift - 1n)) >> shift;
        o.put('out', y * f.out_row_pitch! + c * f.out_bytes!, f.out_bytes!, epilogue(o, r));
      });
    }
  },
  quantize: (o) => {
    const { f } = o;
    each([f.rows!, f.cols!, f.channels!], (y, x, c) => {
      const at = y! * f.in_row_pitch! + x! * f.in_col_pitch! + c! * f.in_bytes!;
      let value = f.in_bytes === 1 ? o.code('in', at, 1) : o.real('in', at);
      if (o.has('channel_params')) value = Math.fround(Math.fround(value - o.real('channel_params', 8 * c!)) / o.real('channel_params', 8 * c! + 4));
      const steps = rint(Math.fround(value / f.scale!));
      o.out(y!, x!, c!, Number.isNaN(steps) ? f.zero! : Math.min(Math.max(steps + f.zero!, 0), f.hi!));
    });
  },
  dequantize: (o) => {
    const { f } = o;
    each([f.rows!, f.cols!, f.channels!], (y, x, c) => {
      o.putReal('out', y! * f.out_row_pitch! + x! * f.out_col_pitch! + 4 * c!, Math.fround(Math.fround(o.in(y!, x!, c!) - f.zero!) * f.scale!));
    });
  },
  float_binary: (o) => {
    const { f } = o;
    each([f.rows!, f.cols!, f.channels!], (y, x, c) => {
      const side = (name: string): number => o.real(name, y! * f[`${name}_row_pitch`]! + x! * f[`${name}_col_pitch`]! + 4 * c! * f[`${name}_channel_step`]!);
      const [a, b] = [side('a'), side('b')];
      putFloat(o, [y!, x!, c!], f.operation === 0 ? a + b : f.operation === 1 ? a - b : a * b);
    });
  },
  float_function: (o) => {
    const { f } = o;
    each([f.rows!, f.cols!, f.channels!], (y, x, c) => {
      putFloat(o, [y!, x!, c!], functions[f.function!]!(o.real('in', y! * f.in_row_pitch! + x! * f.in_col_pitch! + 4 * c!), f.a!, f.b!));
    });
  },
  float_softmax: (o) => {
    const { f } = o;
    for (let y = 0; y < f.rows!; y++) {
      const xs = Array.from({ length: f.channels! }, (_, c) => o.real('in', y * f.in_row_pitch! + 4 * c));
      const most = xs.reduce((m, x) => (x > m ? x : m));
      const es = xs.map((x) => exp(x - most));
      const sum = es.reduce((total, e) => total + e, 0);
      es.forEach((e, c) => {
        const value = f32(e / sum);
        o.putReal('out', y * f.out_row_pitch! + 4 * c, Number.isNaN(value) ? 0 : value);
      });
    }
  },
  move: (o) => {
    const { f } = o;
    each([0, 1, 2, 3, 4, 5].map((d) => f[`dim${d}`]!), (...at) => {
      const along = (side: string): number => at.reduce((sum, i, d) => sum + i * f[`${side}_stride${d}`]!, 0);
      o.put('to', along('to'), f.element_bytes!, o.code('from', along('from'), f.element_bytes!));
    });
  },
};
