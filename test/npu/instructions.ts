// Random operands of every instruction, with the edges forced: one element, primes, many channels, pads beyond the kernel, strides beyond it,
// zeros and codes at the ends of their range, broadcasts, backward strides.
import { noAddress, type Operands } from '../../src/npu/encode.ts';
import { space } from '../../src/npu/isa.ts';
import { noTable, type Random, type Stage } from './stage.ts';

export const operandsOf: Readonly<Record<string, (stage: Stage, random: Random) => Operands>> = {
  load: (stage, random) => transfer(stage, random, 'load'),
  store: (stage, random) => transfer(stage, random, 'store'),
  conv: (stage, random) => convOperands(stage, random, false),
  dwconv: (stage, random) => convOperands(stage, random, true),
  add: (stage, random) => {
    const size = planeSize(random);
    const [a, b] = [side(stage, 'a', size), side(stage, 'b', size)];
    const most = random.pick(2 ** 21, 2 ** 30);
    const multiplier = (): number => random.pick(most, -most, random.within(0, most), -random.within(0, most));
    return { ...a, a_multiplier: multiplier(), ...b, b_multiplier: multiplier(), shift: random.pick(1, 20, 30, 31, 46, random.within(1, 46)), ...result(stage, size) };
  },
  mul: (stage, random) => {
    const size = planeSize(random);
    return { ...side(stage, 'a', size), ...side(stage, 'b', size), ...stage.factor(random.pick(38, 46, 54)), ...result(stage, size) };
  },
  rescale: (stage, random) => {
    const size = planeSize(random);
    const bytes = random.pick(1, 2);
    const levels = bytes === 1 ? 255 : 65535;
    const plane = stage.plane('in', { ...size, run: size.channels * bytes });
    return { ...plane, in_bytes: bytes, in_zero: random.within(0, levels), ...stage.factor(random.pick(22, 31, 39)), ...result(stage, size) };
  },
  matmul: (stage, random) => {
    const [aBytes, bBytes, outBytes] = [random.pick(1, 1, 2), random.pick(1, 1, 2), random.pick(1, 2)];
    const [rows, cols] = [random.pick(1, 2, 4, 5, 9), random.pick(1, 3, 8, 9, 17)];
    const depth = random.chance(40) ? 33001 : random.pick(1, 2, 3, 16, 63);
    const pitch = (size: number, bytes: number): number => size * bytes + random.pick(0, 0, 1, 5);
    const [aPitch, bPitch, outPitch] = [pitch(depth, aBytes), pitch(cols, bBytes), pitch(cols, outBytes)];
    const codes = (view: DataView): void => stage.codes(view);
    const bits = 8 * (aBytes + bBytes) + Math.ceil(Math.log2(depth)) - 8 * outBytes;
    return {
      a: stage.place(rows * aPitch, codes), a_row_pitch: aPitch, a_bytes: aBytes, a_zero: random.pick(0, aBytes === 1 ? 255 : 65535, random.within(0, 255)),
      b: stage.place(depth * bPitch, codes), b_row_pitch: bPitch, b_bytes: bBytes, b_zero: random.pick(0, bBytes === 1 ? 255 : 65535, random.within(0, 255)),
      rows, depth, cols, ...stage.factor(30 + bits), out: stage.place(rows * outPitch), out_row_pitch: outPitch, out_bytes: outBytes, ...stage.epilogue(outBytes),
    };
  },
  lut: (stage, random) => {
    const { rows, cols, channels } = planeSize(random);
    const bytes = random.pick(1, 2);
    return {
      ...stage.plane('in', { rows, cols, run: channels }), lut: stage.place(256 * bytes), ...stage.plane('out', { rows, cols, run: channels * bytes }), out_bytes: bytes, rows, cols, channels,
    };
  },
  max_pool: (stage, random) => poolPlanes(stage, random, { dilated: true }),
  avg_pool: (stage, random) => {
    const outBytes = random.pick(1, 2);
    const planes = poolPlanes(stage, random, { dilated: false, outBytes });
    const levels = planes.in_bytes === 1 ? 255 : 65535;
    return { ...planes, in_zero: random.within(0, levels), ...stage.factor(random.pick(31, 34, 42)), ...stage.epilogue(outBytes) };
  },
  mean: (stage, random) => {
    const { rows, cols, channels } = random.chance(20) ? { rows: 130, cols: 131, channels: 2 } : planeSize(random);
    const [inBytes, outBytes] = [random.pick(1, 2), random.pick(1, 2)];
    const first = random.within(0, 1);
    const last = random.within(0, 1);
    const sums = stage.place(8 * channels, (view) => {
      for (let c = 0; c < channels; c++) view.setBigInt64(8 * c, random.pick(0n, 2n ** 31n - 5n, -(2n ** 31n), 2n ** 47n, -(2n ** 50n), BigInt(random.bits())), true);
    });
    return {
      ...stage.plane('in', { rows, cols, run: channels * inBytes }), in_bytes: inBytes, rows, cols, channels, in_zero: random.within(0, inBytes === 1 ? 255 : 65535), sums, first, last,
      ...stage.factor(random.pick(31, 40, 60)), out: last === 1 || random.chance(2) ? stage.place(channels * outBytes) : noAddress, out_bytes: outBytes, ...stage.epilogue(outBytes),
    };
  },
  softmax: (stage, random) => {
    const [inBytes, outBytes] = [random.pick(1, 2), random.pick(1, 2)];
    const rows = random.pick(1, 2, 5);
    const channels = random.pick(1, 2, 10, 97, 1000);
    const entries = inBytes === 1 ? 256 : 4097;
    const table = stage.place(4 * entries, (view) => {
      const top = inBytes === 1 ? 2 ** 23 : 2 ** 30;
      for (let i = 0; i < entries; i++) view.setInt32(4 * i, i === 0 ? top : Math.floor((top * (entries - i)) / entries / (1 + i)), true);
    });
    const pitch = (bytes: number): number => channels * bytes + random.within(0, 3);
    const [inPitch, outPitch] = [pitch(inBytes), pitch(outBytes)];
    return {
      in: stage.place(rows * inPitch, (view) => stage.codes(view)), in_row_pitch: inPitch, in_bytes: inBytes, exp_table: table,
      ...(inBytes === 1 ? { multiplier: 0, shift: 0 } : stage.factor(random.pick(26, 30))),
      out: stage.place(rows * outPitch), out_row_pitch: outPitch, out_bytes: outBytes, rows, channels, levels: outBytes === 1 ? 255 : 65535,
    };
  },
  layer_norm: (stage, random) => {
    const [inBytes, outBytes] = [random.pick(1, 2), random.pick(1, 2)];
    const rows = random.pick(1, 2, 5);
    const channels = random.pick(1, 2, 3, 12, 97, 768, 4096);
    const pitch = (bytes: number): number => channels * bytes + random.within(0, 3);
    const [inPitch, outPitch] = [pitch(inBytes), pitch(outBytes)];
    const high = random.pick(0, 0, random.within(0, 255), 2 ** 29);
    return {
      in: stage.place(rows * inPitch, (view) => stage.codes(view)), in_row_pitch: inPitch, in_bytes: inBytes,
      channel_params: stage.place(16 * channels, (view) => {
        for (let c = 0; c < channels; c++) {
          const shift = random.pick(1, 20, 30, 62, random.within(1, 62));
          view.setBigInt64(16 * c, random.pick(0n, 2n ** 61n - 1n, 1n - 2n ** 61n, BigInt(random.within(-300, 300)) << BigInt(Math.min(shift, 52))), true);
          view.setInt32(16 * c + 8, random.pick(0, 2 ** 31 - 1, -(2 ** 31), random.within(-(2 ** 31), 2 ** 31 - 1)), true);
          view.setInt32(16 * c + 12, shift, true);
        }
      }),
      epsilon_low: high === 2 ** 29 ? 0 : random.pick(0, 1, random.bits()), epsilon_high: high,
      out: stage.place(rows * outPitch), out_row_pitch: outPitch, out_bytes: outBytes, rows, channels, ...stage.epilogue(outBytes),
    };
  },
  quantize: (stage, random) => {
    const { rows, cols, channels } = planeSize(random);
    const inBytes = random.pick(1, 4);
    const outBytes = random.pick(1, 2);
    const hi = outBytes === 1 ? 255 : 65535;
    const scale = Math.fround(random.pick(1, 0.5, 1 / 255, 0.0173, 3));
    const in_ = stage.plane('in', { rows, cols, run: channels * inBytes });
    const { offset } = in_.in as { offset: number };
    const at = new DataView(stage.memory.buffer);
    if (inBytes === 4) {
      for (let y = 0; y < rows; y++) for (let x = 0; x < cols; x++) for (let c = 0; c < channels; c++) {
        // Ties, huge and tiny values; never NaN.
        const value = random.pick(random.within(-600, 600) * scale * 0.5, random.bits() / 2 ** 24 - 100, 3e38, -3e38, 1e-40, -0.5 * scale);
        at.setFloat32(offset + y * (in_.in_row_pitch as number) + x * (in_.in_col_pitch as number) + 4 * c, value, true);
      }
    }
    const params = random.chance(2) ? noAddress : stage.place(8 * channels, (view) => {
      for (let c = 0; c < channels; c++) {
        view.setFloat32(8 * c, random.pick(0, 103.94, -1.5), true);
        view.setFloat32(8 * c + 4, random.pick(1, 58.395, 0.017), true);
      }
    });
    return { ...in_, in_bytes: inBytes, channel_params: params, scale, zero: random.within(0, hi), hi, ...stage.plane('out', { rows, cols, run: channels * outBytes }), out_bytes: outBytes, rows, cols, channels };
  },
  dequantize: (stage, random) => {
    const { rows, cols, channels } = planeSize(random);
    const bytes = random.pick(1, 2);
    return {
      ...stage.plane('in', { rows, cols, run: channels * bytes }), in_bytes: bytes, scale: Math.fround(random.bits() / 2 ** 33 + 1e-6), zero: random.within(0, bytes === 1 ? 255 : 65535),
      ...stage.plane('out', { rows, cols, run: channels * 4 }), out_bytes: 4, rows, cols, channels,
    };
  },
  float_binary: (stage, random) => {
    const size = planeSize(random);
    const { rows, cols, channels } = size;
    return {
      ...floatSide(stage, 'a', size), ...floatSide(stage, 'b', size), operation: random.within(0, 2), ...stage.plane('out', { rows, cols, run: channels * 4 }), out_bytes: 4, rows, cols, channels,
    };
  },
  float_function: (stage, random) => {
    const size = planeSize(random);
    const { rows, cols, channels } = size;
    const number = (): number => Math.fround(random.pick(0, 1, -0.5, 0.2, 6, random.within(-1000, 1000) / 64));
    return {
      ...floats(stage, 'in', size), in_bytes: 4, function: random.within(0, 9), a: number(), b: number(), ...stage.plane('out', { rows, cols, run: channels * 4 }), out_bytes: 4, rows, cols, channels,
    };
  },
  float_softmax: (stage, random) => {
    const [rows, channels] = [random.pick(1, 2, 5), random.pick(1, 2, 10, 97, 1000)];
    const { in: from, in_row_pitch } = floats(stage, 'in', { rows, cols: 1, channels });
    const { out, out_row_pitch } = stage.plane('out', { rows, cols: 1, run: channels * 4 });
    return { in: from!, in_row_pitch: in_row_pitch!, in_bytes: 4, out: out!, out_row_pitch: out_row_pitch!, out_bytes: 4, rows, channels };
  },
  move: (stage, random) => {
    const element = random.pick(1, 2, 4);
    const dims = Array.from({ length: 6 }, () => random.pick<number>(1, 1, 2, 3, 5));
    if (random.chance(20)) dims[5] = 500;
    // Dims in a random order of nesting on each side, some strides backwards; sources may repeat.
    const strides = (repeats: boolean): { strides: number[]; bytes: number; start: number } => {
      const order = random.chance(3) ? [5, 4, 3, 2, 1, 0] : [0, 1, 2, 3, 4, 5].map((d) => [random.bits(), d] as const).sort((a, b) => a[0] - b[0]).map(([, d]) => d);
      const list = [0, 0, 0, 0, 0, 0];
      let bytes = element;
      let start = 0;
      for (const d of order) {
        if (repeats && random.chance(6)) continue;
        const pitch = bytes + (random.chance(4) ? random.within(0, 3) : 0);
        const backwards = random.chance(6);
        list[d] = backwards ? -pitch : pitch;
        if (backwards) start += (dims[d]! - 1) * pitch;
        bytes = (dims[d]! - 1) * pitch + bytes;
      }
      return { strides: list, bytes, start };
    };
    const from = strides(true);
    const to = strides(false);
    const [source, target] = [stage.place(from.bytes), stage.place(to.bytes)];
    return {
      from: { ...source, offset: source.offset + from.start }, to: { ...target, offset: target.offset + to.start }, element_bytes: element,
      ...Object.fromEntries(dims.flatMap((dim, d) => [[`dim${d}`, dim], [`from_stride${d}`, from.strides[d]!], [`to_stride${d}`, to.strides[d]!]])),
    };
  },
};

const sizes = [1, 2, 3, 5, 7, 8, 11, 13, 16, 17, 24, 31];

interface WindowChoice {
  readonly fields: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly cols: number;
  readonly outRows: number;
  readonly outCols: number;
  readonly taps: number;
}

/** Kernels, strides, dilations and pads of every proportion: pads beyond the kernel, strides beyond it, windows half outside. */

function windowOf(random: Random, { dilated }: { dilated: boolean }): WindowChoice {
  const kernelY = random.pick(1, 1, 2, 3, 5);
  const kernelX = random.pick(1, 1, 2, 3, 3, 5);
  const rows = random.pick(1, 2, 5, 9);
  const cols = random.pick(1, 3, 8, 13);
  const outRows = random.pick(1, 2, 4, 7);
  const outCols = random.pick(1, 3, 4, 9);
  const fields = {
    kernel_y: kernelY, kernel_x: kernelX, stride_y: random.pick(1, 1, 2, 3, 7), stride_x: random.pick(1, 1, 2, 3, 7),
    ...(dilated && { dilation_y: random.pick(1, 1, 2, 3), dilation_x: random.pick(1, 1, 2, 3) }),
    pad_top: random.pick(0, 1, kernelY, kernelY + 3, -1), pad_left: random.pick(0, 1, kernelX, kernelX + 3, -1),
  };
  return { fields, rows, cols, outRows, outCols, taps: kernelY * kernelX };
}

function convOperands(stage: Stage, random: Random, depthwise: boolean): Operands {
  const window = windowOf(random, { dilated: true });
  const inBytes = random.pick(1, 1, 2);
  const weightBytes = random.pick(1, 1, 2);
  const outBytes = random.pick(1, 1, 2, 4);
  const inputs = random.pick(...sizes);
  const outputs = depthwise ? inputs : random.pick(...sizes);
  const terms = window.taps * (depthwise ? 1 : inputs);
  const style = random.within(0, 3);
  const weights = stage.place(terms * outputs * weightBytes, (view) => {
    for (let i = 0; i < view.byteLength; i += weightBytes) {
      const most = weightBytes === 1 ? 127 : 32767;
      const value = style === 0 ? most : style === 1 ? -most - 1 : style === 2 ? random.pick(most, -most - 1) : random.within(-most, most);
      if (weightBytes === 1) view.setInt8(i, value);
      else view.setInt16(i, value, true);
    }
  });
  // Accumulators of about sqrt(terms) * code * weight, brought near the output's range; or anything.
  const near = 31 + (inBytes + weightBytes - outBytes) * 8 - 4 + Math.ceil(Math.log2(terms) / 2) + (random.chance(3) ? random.within(0, 6) : 0);
  const table = outBytes === 4 ? { zero: 0, lo: 0, hi: 0, ...noTable } : stage.epilogue(outBytes);
  const far = table.index_bits === 0 ? 0 : -6;
  const channelParams = stage.place(16 * outputs, (view) => {
    for (let n = 0; n < outputs; n++) {
      const { multiplier, shift } = stage.factor(near + far);
      const bias = random.chance(10) ? random.pick(2n ** 31n - 1n, -(2n ** 31n), 2n ** 40n, 2n ** 47n - 1n, -(2n ** 47n)) : BigInt(random.within(-100000, 100000));
      view.setBigInt64(16 * n, bias, true);
      if (outBytes === 4) view.setFloat32(16 * n + 8, random.pick(0.0123, 1e-9, 3e37), true);
      else view.setInt32(16 * n + 8, multiplier, true);
      view.setInt32(16 * n + 12, outBytes === 4 ? 0 : shift, true);
    }
  });
  const levels = inBytes === 1 ? 255 : 65535;
  return {
    ...stage.plane('in', { rows: window.rows, cols: window.cols, run: inputs * inBytes }), in_bytes: inBytes, in_rows: window.rows, in_cols: window.cols,
    ...(depthwise ? { channels: inputs } : { in_channels: inputs, out_channels: outputs }),
    in_zero: random.pick(0, levels, random.within(0, levels)), weights, weight_bytes: weightBytes, ...window.fields, channel_params: channelParams,
    ...stage.plane('out', { rows: window.outRows, cols: window.outCols, run: outputs * outBytes }), out_bytes: outBytes, out_rows: window.outRows, out_cols: window.outCols, ...table,
  };
}

function planeSize(random: Random): { rows: number; cols: number; channels: number } {
  const channels = random.chance(25) ? 4099 : random.pick(...sizes);
  return channels > 100 ? { rows: 1, cols: random.pick(1, 2), channels } : { rows: random.pick(1, 2, 5), cols: random.pick(1, 3, 8), channels };
}

/** An operand of add or mul: whole, or broadcast along rows, columns or channels. */

function side(stage: Stage, prefix: string, { rows, cols, channels }: { rows: number; cols: number; channels: number }): Operands {
  const { random } = stage;
  const bytes = random.pick(1, 1, 2);
  const levels = bytes === 1 ? 255 : 65535;
  const [r, c, s] = [random.chance(4) ? 0 : 1, random.chance(4) ? 0 : 1, random.chance(4) ? 0 : 1];
  const plane = stage.plane(prefix, { rows: r === 0 ? 1 : rows, cols: c === 0 ? 1 : cols, run: bytes * (s === 0 ? 1 : channels) });
  return {
    ...plane, ...(r === 0 && { [`${prefix}_row_pitch`]: 0 }), ...(c === 0 && { [`${prefix}_col_pitch`]: 0 }),
    [`${prefix}_bytes`]: bytes, [`${prefix}_channel_step`]: s, [`${prefix}_zero`]: random.pick(0, levels, random.within(0, levels)),
  };
}

/** Numbers of a network, around 0; or any bits at all, infinities and what is no number among them. */
function floats(stage: Stage, prefix: string, { rows, cols, channels }: { rows: number; cols: number; channels: number }): Operands {
  const { random } = stage;
  const plane = stage.plane(prefix, { rows, cols, run: 4 * channels });
  if (random.chance(3)) return plane;
  const { offset } = plane[prefix] as { offset: number };
  const view = new DataView(stage.memory.buffer, stage.memory.byteOffset);
  const [rowPitch, colPitch] = [plane[`${prefix}_row_pitch`] as number, plane[`${prefix}_col_pitch`] as number];
  const size = random.pick(1, 8, 100);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x++) {
      for (let c = 0; c < channels; c++) view.setFloat32(offset + y * rowPitch + x * colPitch + 4 * c, random.chance(9) ? 0 : (random.bits() / 2 ** 31 - 1) * size, true);
    }
  }
  return plane;
}

/** An operand of float_binary: whole, or broadcast along rows, columns or channels. */
function floatSide(stage: Stage, prefix: string, { rows, cols, channels }: { rows: number; cols: number; channels: number }): Operands {
  const { random } = stage;
  const [r, c, s] = [random.chance(4) ? 0 : 1, random.chance(4) ? 0 : 1, random.chance(4) ? 0 : 1];
  const plane = floats(stage, prefix, { rows: r === 0 ? 1 : rows, cols: c === 0 ? 1 : cols, channels: s === 0 ? 1 : channels });
  return { ...plane, ...(r === 0 && { [`${prefix}_row_pitch`]: 0 }), ...(c === 0 && { [`${prefix}_col_pitch`]: 0 }), [`${prefix}_bytes`]: 4, [`${prefix}_channel_step`]: s };
}

/** An output plane with its epilogue. */

function result(stage: Stage, { rows, cols, channels }: { rows: number; cols: number; channels: number }): Operands {
  const bytes = stage.random.pick(1, 1, 2);
  return { ...stage.plane('out', { rows, cols, run: channels * bytes }), out_bytes: bytes, rows, cols, channels, ...stage.epilogue(bytes) };
}

function poolPlanes(stage: Stage, random: Random, { dilated, outBytes }: { dilated: boolean; outBytes?: number }): Operands {
  const window = windowOf(random, { dilated });
  const channels = random.chance(25) ? 4099 : random.pick(...sizes);
  const inBytes = random.pick(1, 2);
  return {
    ...stage.plane('in', { rows: window.rows, cols: window.cols, run: channels * inBytes }), in_bytes: inBytes, in_rows: window.rows, in_cols: window.cols, channels, ...window.fields,
    ...stage.plane('out', { rows: window.outRows, cols: window.outCols, run: channels * (outBytes ?? inBytes) }), out_bytes: outBytes ?? inBytes, out_rows: window.outRows, out_cols: window.outCols,
  };
}

function transfer(stage: Stage, random: Random, name: 'load' | 'store'): Operands {
  const [planes, rows, run] = [random.pick(1, 2, 3), random.pick(1, 2, 7), random.pick(1, 3, 16, 63, 300)];
  const nest = (): { row: number; plane: number; bytes: number } => {
    const row = run + random.within(0, 4);
    const plane = rows * row + random.within(0, 9);
    return { row, plane, bytes: (planes - 1) * plane + (rows - 1) * row + run };
  };
  const [from, to] = [nest(), nest()];
  const [source, target] = [stage.place(from.bytes), stage.place(to.bytes)];
  return {
    from: name === 'load' ? { ...source, space: space.input } : source, from_plane_pitch: from.plane, from_row_pitch: from.row,
    to: name === 'store' ? { ...target, space: space.output + 1 } : target, to_plane_pitch: to.plane, to_row_pitch: to.row, planes, rows, run,
  };
}
