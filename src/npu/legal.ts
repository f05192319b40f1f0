// What the fields of a linked program's instruction must satisfy, beyond its form: kernels rely on it. (Not of an object's: the values that
// link puts in are still 0 there.)
//
//   sizes, strides                 1 … 2^24 - 1            kernels, dilations   1 … 4096          pads   ±2^24
//   a window's reach               below 2^28
//   *_bytes                        the element sizes that the instruction knows
//   *zero                          a code of its type; the domain's offset where a table follows
//   lo, hi                         0 <= lo <= hi <= levels of out_bytes
//   multiplier, shift              0 or 2^30 … 2^31 - 1, from 0 at shift 62; 17 … 62 (add: ±2^30; 1 … 46)
//   table                          none: no bits; else index 1 … 16, fraction 1 … 16 (together at most 28), value 0 … 16
//   flags                          0 or 1
//   channels of layer_norm         1 … 4096
//   epsilon_high                   0 … 2^29
//   function, operation            a number of spec §8; 0 … 2
//   fields without effect          0 (multiplier and shift of a softmax over U8; the epilogue of a conv that writes FP32)
import { faultAt, type Decoded } from './decode.ts';
import { forms, type Form, type Slot } from './encode.ts';
import { floatFunctionNumbers, space } from './isa.ts';

/** Throws a Fault where the instruction breaks a rule. */
export function checkLegal(d: Decoded): void {
  for (const check of checks.get(d.name)!) check(d);
}

type Check = (d: Decoded) => void;

/** Ranges that follow from a field's name alone. */
const ranges: readonly (readonly [RegExp, number, number])[] = [
  [/^(in_|out_)?(rows|cols|channels)$|^(planes|run|depth|dim\d)$|^stride_[yx]$/, 1, 2 ** 24 - 1],
  [/^(kernel|dilation)_[yx]$/, 1, 4096],
  [/^pad_(top|left)$/, -(2 ** 24), 2 ** 24],
  [/^(first|last|[ab]_channel_step)$/, 0, 1],
  [/^[ab]_multiplier$/, -(2 ** 30), 2 ** 30],
  [/^function$/, 0, floatFunctionNumbers.reciprocal],
  [/^operation$/, 0, 2],
];

const codeWidths = [1, 2];
const widths: Readonly<Record<string, readonly number[]>> = {
  'quantize in_bytes': [1, 4], 'dequantize out_bytes': [4], 'move element_bytes': [1, 2, 4],
  'conv out_bytes': [1, 2, 4], 'dwconv out_bytes': [1, 2, 4],
  'float_binary a_bytes': [4], 'float_binary b_bytes': [4], 'float_binary out_bytes': [4], 'float_function in_bytes': [4], 'float_function out_bytes': [4],
  'float_softmax in_bytes': [4], 'float_softmax out_bytes': [4],
};

const own: Readonly<Record<string, readonly Check[]>> = {
  conv: [reach, zero('in_zero', 'in_bytes'), epilogue],
  dwconv: [reach, zero('in_zero', 'in_bytes'), epilogue],
  matmul: [zero('a_zero', 'a_bytes'), zero('b_zero', 'b_bytes'), factor, epilogue],
  add: [zero('a_zero', 'a_bytes'), zero('b_zero', 'b_bytes'), (d) => within(d, 'shift', 1, 46), epilogue],
  mul: [zero('a_zero', 'a_bytes'), zero('b_zero', 'b_bytes'), factor, epilogue],
  rescale: [zero('in_zero', 'in_bytes'), factor, epilogue],
  max_pool: [reach, sameWidth],
  avg_pool: [reach, zero('in_zero', 'in_bytes'), factor, epilogue],
  mean: [zero('in_zero', 'in_bytes'), factor, meanOutput, epilogue],
  softmax: [softmaxFields],
  layer_norm: [(d) => within(d, 'channels', 1, 4096), (d) => within(d, 'epsilon_high', 0, 2 ** 29), epilogue],
  quantize: [(d) => within(d, 'hi', 0, levels(d, 'out_bytes')), (d) => within(d, 'zero', 0, d.fields.hi!), scale],
  dequantize: [zero('zero', 'in_bytes'), scale],
};

const checks = new Map(forms.map((form) => {
  const { name } = form.instruction;
  return [name, [...form.slots.flatMap((slot) => slotChecks(form, slot)), ...(own[name] ?? [])]];
}));

function slotChecks(form: Form, { name }: Slot): Check[] {
  if (name.endsWith('_bytes')) return [oneOf(name, widths[`${form.instruction.name} ${name}`] ?? codeWidths)];
  return ranges.filter(([pattern]) => pattern.test(name)).map(([, low, high]) => (d: Decoded) => within(d, name, low, high));
}

function oneOf(name: string, known: readonly number[]): Check {
  return (d) => {
    if (!known.includes(d.fields[name]!)) throw faultAt(d, `${name} is ${d.fields[name]}`, [['known', known.join(', ')]]);
  };
}

function within(d: Decoded, name: string, low: number, high: number): void {
  const value = d.fields[name]!;
  if (value < low || value > high) throw faultAt(d, `${name} is ${value}`, [['known', low === high ? String(low) : `${low} … ${high}`]]);
}

function levels(d: Decoded, bytes: string): number {
  return d.fields[bytes] === 1 ? 255 : 65535;
}

function zero(name: string, bytes: string): Check {
  return (d) => within(d, name, 0, levels(d, bytes));
}

/** Kernels hold positions in s32. */
function reach(d: Decoded): void {
  const { out_rows, out_cols, kernel_y, kernel_x, stride_y, stride_x, dilation_y = 1, dilation_x = 1 } = d.fields;
  const high = (out_rows! - 1) * stride_y! + (kernel_y! - 1) * dilation_y;
  const wide = (out_cols! - 1) * stride_x! + (kernel_x! - 1) * dilation_x;
  if (Math.max(high, wide) >= 2 ** 28) throw faultAt(d, `its windows reach ${Math.max(high, wide)} positions far`, [['known', 'below 268435456']]);
}

function factor(d: Decoded): void {
  const { multiplier: value, shift } = d.fields;
  within(d, 'shift', 17, 62);
  if (value! < (shift === 62 ? 0 : 2 ** 30) && value !== 0) throw faultAt(d, `multiplier is ${value} at shift ${shift}`, [['known', '0, 1073741824 … 2147483647; at shift 62 all from 0']]);
}

function epilogue(d: Decoded): void {
  const { index_bits, fraction_bits, out_bytes } = d.fields;
  if (out_bytes === 4) {
    if (d.addresses.table!.space !== space.none) throw faultAt(d, 'a table, but out is FP32');
    for (const name of ['zero', 'lo', 'hi', 'index_bits', 'fraction_bits', 'value_bits']) within(d, name, 0, 0);
    return;
  }
  within(d, 'hi', 0, levels(d, 'out_bytes'));
  within(d, 'lo', 0, d.fields.hi!);
  if (d.addresses.table!.space === space.none) {
    for (const bits of ['index_bits', 'fraction_bits', 'value_bits']) within(d, bits, 0, 0);
    within(d, 'zero', 0, levels(d, 'out_bytes'));
    return;
  }
  within(d, 'index_bits', 1, 16);
  within(d, 'fraction_bits', 1, Math.min(16, 28 - index_bits!));
  within(d, 'value_bits', 0, 16);
  // The domain's ends as rescaled values, -zero and 2^(I+F) - 1 - zero, fit s32.
  within(d, 'zero', 2 ** (index_bits! + fraction_bits!) - 2 ** 31, 2 ** 31 - 1);
}

function sameWidth(d: Decoded): void {
  within(d, 'out_bytes', d.fields.in_bytes!, d.fields.in_bytes!);
}

function meanOutput(d: Decoded): void {
  if (d.fields.last === 1 && d.addresses.out!.space === space.none) throw faultAt(d, 'last, but out has no address');
}

function softmaxFields(d: Decoded): void {
  within(d, 'levels', levels(d, 'out_bytes'), levels(d, 'out_bytes'));
  if (d.fields.in_bytes === 2) return factor(d);
  within(d, 'multiplier', 0, 0);
  within(d, 'shift', 0, 0);
}

function scale(d: Decoded): void {
  const value = d.fields.scale!;
  if (!(value > 0 && value < Infinity)) throw faultAt(d, `scale is ${value}`, [['known', 'a positive number']]);
}
