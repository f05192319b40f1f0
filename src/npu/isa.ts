// The instruction set of the virtual NPU: one table, from which encoding, decoding, the text form and docs/program-format.md follow.
// Everything is little-endian u32 words (signed fields are two's complement). An instruction is
//
//   word 0       opcode | words << 8                          (words: length of the whole instruction)
//   words 1..4   wait: how many instructions of conv, teng, cv, sdma must have completed before this one starts
//   words 5..    the operands, in the order of the table; an `addr` takes two words: space, byte offset
//
// Each engine runs its own instructions in order; nothing else orders anything. In an object the wait words are 0: `link` computes them
// from the addresses. Only sdma touches DDR; every other engine works on on-chip memory (ocm).

export const engines = ['conv', 'teng', 'cv', 'sdma'] as const;
export type Engine = (typeof engines)[number];

/** Address spaces. An object names its arena, its constants and its edges; a linked program names real memories. */
export const space = {
  /** Program: on-chip memory. Object: the group's arena in it. */
  ocm: 0,
  /** DDR, read-only: a group's constants (object), all parameters (program). */
  params: 1,
  /** Program only. DDR: tensors that don't fit on chip. */
  swap: 2,
  /** input + i: object: edge i of the group, wherever it resides; program: runtime input i in DDR. */
  input: 256,
  /** output + i: as input. Groups have output 0 only. */
  output: 512,
  /** No address (an operand that is not used). */
  none: 0xffffffff,
} as const;

/** Functions of FP32 (spec §8), by the names that chains call them. */
export const floatFunctionNumbers = {
  identity: 0, affine: 1, relu: 2, clip: 3, leaky_relu: 4, sigmoid: 5, silu: 6, hard_sigmoid: 7, hard_swish: 8, reciprocal: 9,
} as const;

export type FieldKind = 'u32' | 's32' | 'f32' | 'addr';

/** What an operand's memory is used for; the extent is worked out by npu/access.ts. */
export type FieldUse = 'read' | 'write' | 'update';

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly use?: FieldUse;
}

export interface Instruction {
  readonly name: string;
  readonly opcode: number;
  readonly engine: Engine;
  readonly about: string;
  readonly fields: readonly Field[];
}

const u = (...names: string[]): Field[] => names.map((name) => ({ name, kind: 'u32' as const }));
const s = (...names: string[]): Field[] => names.map((name) => ({ name, kind: 's32' as const }));
const at = (name: string, use: FieldUse): Field => ({ name, kind: 'addr', use });

// Element sizes: 1 = U8, 2 = U16, 4 = FP32 or S32. Pitches are in bytes. A plane is rows x cols x channels, channels contiguous.
// epilogue: spec §3. `zero` is the output zero (clamp) or the domain's offset (table); table.space = none means clamp.
const epilogue: Field[] = [...s('zero', 'lo', 'hi'), at('table', 'read'), ...u('index_bits', 'fraction_bits', 'value_bits')];
const inPlane = (prefix: string): Field[] => [at(prefix, 'read'), ...u(`${prefix}_row_pitch`, `${prefix}_col_pitch`)];
const outPlane: Field[] = [at('out', 'write'), ...u('out_row_pitch', 'out_col_pitch', 'out_bytes')];

export const instructions: readonly Instruction[] = [
  {
    name: 'load', opcode: 0x01, engine: 'sdma',
    about: 'DDR to on-chip: planes x rows runs of `run` bytes.',
    fields: [at('from', 'read'), ...u('from_plane_pitch', 'from_row_pitch'), at('to', 'write'), ...u('to_plane_pitch', 'to_row_pitch', 'planes', 'rows', 'run')],
  },
  {
    name: 'store', opcode: 0x02, engine: 'sdma',
    about: 'On-chip to DDR: planes x rows runs of `run` bytes.',
    fields: [at('from', 'read'), ...u('from_plane_pitch', 'from_row_pitch'), at('to', 'write'), ...u('to_plane_pitch', 'to_row_pitch', 'planes', 'rows', 'run')],
  },
  {
    name: 'conv', opcode: 0x10, engine: 'conv',
    about:
      'Convolution of one tile. Input position (y * stride_y + i * dilation_y - pad_top, …) outside of in_rows x in_cols reads as in_zero. ' +
      'weights: S8 (or S16) [out_channels][kernel_y][kernel_x][in_channels]. channel_params: 16 bytes a channel: s64 bias, s32 multiplier, s32 shift; ' +
      'where out_bytes is 4 (FP32, spec §8): s64 bias, f32 unit, 0, and no epilogue.',
    fields: [
      ...inPlane('in'), ...u('in_bytes', 'in_rows', 'in_cols', 'in_channels'), ...s('in_zero'),
      at('weights', 'read'), ...u('weight_bytes', 'kernel_y', 'kernel_x', 'stride_y', 'stride_x', 'dilation_y', 'dilation_x'), ...s('pad_top', 'pad_left'),
      at('channel_params', 'read'), ...outPlane, ...u('out_rows', 'out_cols', 'out_channels'), ...epilogue,
    ],
  },
  {
    name: 'dwconv', opcode: 0x11, engine: 'conv',
    about: 'Depthwise convolution: as conv, out_channels = in_channels = channels, weights [kernel_y][kernel_x][channels].',
    fields: [
      ...inPlane('in'), ...u('in_bytes', 'in_rows', 'in_cols', 'channels'), ...s('in_zero'),
      at('weights', 'read'), ...u('weight_bytes', 'kernel_y', 'kernel_x', 'stride_y', 'stride_x', 'dilation_y', 'dilation_x'), ...s('pad_top', 'pad_left'),
      at('channel_params', 'read'), ...outPlane, ...u('out_rows', 'out_cols'), ...epilogue,
    ],
  },
  {
    name: 'matmul', opcode: 0x12, engine: 'conv',
    about: 'Product of two matrices of codes: out[rows][cols] = epilogue(rescale(sum over depth of (a - a_zero) * (b - b_zero))), a [rows][depth], b [depth][cols].',
    fields: [
      at('a', 'read'), ...u('a_row_pitch', 'a_bytes'), ...s('a_zero'), at('b', 'read'), ...u('b_row_pitch', 'b_bytes'), ...s('b_zero'),
      ...u('rows', 'depth', 'cols'), ...s('multiplier'), ...u('shift'), at('out', 'write'), ...u('out_row_pitch', 'out_bytes'), ...epilogue,
    ],
  },
  {
    name: 'add', opcode: 0x20, engine: 'teng',
    about: 'eltwise add (spec §5); pitches of 0 broadcast; a_channel_step, b_channel_step: 1, or 0 to broadcast one channel.',
    fields: [
      ...inPlane('a'), ...u('a_bytes', 'a_channel_step'), ...s('a_zero', 'a_multiplier'), ...inPlane('b'), ...u('b_bytes', 'b_channel_step'), ...s('b_zero', 'b_multiplier'),
      ...u('shift'), ...outPlane, ...u('rows', 'cols', 'channels'), ...epilogue,
    ],
  },
  {
    name: 'mul', opcode: 0x21, engine: 'teng',
    about: 'eltwise mul (spec §5); broadcasting as add.',
    fields: [
      ...inPlane('a'), ...u('a_bytes', 'a_channel_step'), ...s('a_zero'), ...inPlane('b'), ...u('b_bytes', 'b_channel_step'), ...s('b_zero'),
      ...s('multiplier'), ...u('shift'), ...outPlane, ...u('rows', 'cols', 'channels'), ...epilogue,
    ],
  },
  {
    name: 'rescale', opcode: 0x22, engine: 'teng',
    about: 'out = epilogue(rescale(in - in_zero, multiplier, shift)): entry requantisation, and unary on U16.',
    fields: [...inPlane('in'), ...u('in_bytes'), ...s('in_zero', 'multiplier'), ...u('shift'), ...outPlane, ...u('rows', 'cols', 'channels'), ...epilogue],
  },
  {
    name: 'lut', opcode: 0x23, engine: 'teng',
    about: 'out = table[in]: U8 codes through 256 entries of out_bytes each.',
    fields: [...inPlane('in'), at('lut', 'read'), ...outPlane, ...u('rows', 'cols', 'channels')],
  },
  {
    name: 'max_pool', opcode: 0x24, engine: 'teng',
    about: 'Maximum over the part of the window inside of in_rows x in_cols.',
    fields: [
      ...inPlane('in'), ...u('in_bytes', 'in_rows', 'in_cols', 'channels', 'kernel_y', 'kernel_x', 'stride_y', 'stride_x', 'dilation_y', 'dilation_x'), ...s('pad_top', 'pad_left'),
      ...outPlane, ...u('out_rows', 'out_cols'),
    ],
  },
  {
    name: 'avg_pool', opcode: 0x25, engine: 'teng',
    about: 'Sum over the window of (in - in_zero), positions outside adding 0; then rescale and epilogue.',
    fields: [
      ...inPlane('in'), ...u('in_bytes', 'in_rows', 'in_cols', 'channels'), ...s('in_zero'), ...u('kernel_y', 'kernel_x', 'stride_y', 'stride_x'), ...s('pad_top', 'pad_left'),
      ...s('multiplier'), ...u('shift'), ...outPlane, ...u('out_rows', 'out_cols'), ...epilogue,
    ],
  },
  {
    name: 'mean', opcode: 0x26, engine: 'teng',
    about: 'Adds the sums of (in - in_zero) over rows x cols to `sums` (s64 a channel, which wraps), which `first` clears beforehand; `last` rescales them into out.',
    fields: [
      ...inPlane('in'), ...u('in_bytes', 'rows', 'cols', 'channels'), ...s('in_zero'), at('sums', 'update'), ...u('first', 'last'),
      ...s('multiplier'), ...u('shift'), at('out', 'write'), ...u('out_bytes'), ...epilogue,
    ],
  },
  {
    name: 'softmax', opcode: 0x27, engine: 'teng',
    about: 'Softmax over `channels` contiguous codes, for each of rows (spec §5). exp_table: u32 entries.',
    fields: [
      at('in', 'read'), ...u('in_row_pitch', 'in_bytes'), at('exp_table', 'read'), ...s('multiplier'), ...u('shift'), at('out', 'write'), ...u('out_row_pitch', 'out_bytes', 'rows', 'channels', 'levels'),
    ],
  },
  {
    name: 'quantize', opcode: 0x28, engine: 'teng',
    about: 'U8 or FP32 to codes, in f32: channel_params: f32 mean, f32 std a channel (space none: neither).',
    fields: [...inPlane('in'), ...u('in_bytes'), at('channel_params', 'read'), { name: 'scale', kind: 'f32' }, ...s('zero', 'hi'), ...outPlane, ...u('rows', 'cols', 'channels')],
  },
  {
    name: 'dequantize', opcode: 0x29, engine: 'teng',
    about: 'Codes to FP32: f32(f32(in - zero) * scale).',
    fields: [...inPlane('in'), ...u('in_bytes'), { name: 'scale', kind: 'f32' }, ...s('zero'), ...outPlane, ...u('rows', 'cols', 'channels')],
  },
  {
    name: 'float_binary', opcode: 0x2a, engine: 'teng',
    about: 'FP32 (spec §8): operation 0 add, 1 sub, 2 mul; broadcasting as add.',
    fields: [...inPlane('a'), ...u('a_bytes', 'a_channel_step'), ...inPlane('b'), ...u('b_bytes', 'b_channel_step', 'operation'), ...outPlane, ...u('rows', 'cols', 'channels')],
  },
  {
    name: 'float_function', opcode: 0x2b, engine: 'teng',
    about: 'FP32: a function of spec §8 by its number, with arguments a and b.',
    fields: [...inPlane('in'), ...u('in_bytes', 'function'), { name: 'a', kind: 'f32' }, { name: 'b', kind: 'f32' }, ...outPlane, ...u('rows', 'cols', 'channels')],
  },
  {
    name: 'float_softmax', opcode: 0x2c, engine: 'teng',
    about: 'FP32: softmax over `channels` contiguous numbers, for each of rows (spec §8).',
    fields: [at('in', 'read'), ...u('in_row_pitch', 'in_bytes'), at('out', 'write'), ...u('out_row_pitch', 'out_bytes', 'rows', 'channels')],
  },
  {
    name: 'layer_norm', opcode: 0x2d, engine: 'teng',
    about: 'Normalises `channels` contiguous codes, for each of rows (spec §5). channel_params: 16 bytes a channel: s64 bias, s32 multiplier, s32 shift.',
    fields: [
      at('in', 'read'), ...u('in_row_pitch', 'in_bytes'), at('channel_params', 'read'), ...u('epsilon_low', 'epsilon_high'), at('out', 'write'), ...u('out_row_pitch', 'out_bytes', 'rows', 'channels'),
      ...epilogue,
    ],
  },
  {
    name: 'move', opcode: 0x30, engine: 'cv',
    about: 'Strided copy of elements of `element_bytes`, six nested dims, outermost first; strides in bytes, may be 0 (repeat).',
    fields: [
      at('from', 'read'), at('to', 'write'), ...u('element_bytes'),
      ...[0, 1, 2, 3, 4, 5].flatMap((d) => [...u(`dim${d}`), ...s(`from_stride${d}`, `to_stride${d}`)]),
    ],
  },
];
