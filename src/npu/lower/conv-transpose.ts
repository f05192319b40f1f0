// conv_transpose as stride x stride convolutions: output rows of one residue class all see the same kernel rows, so each class is a plain
// convolution whose results are written stride positions apart.
import type { GroupStructure, Params } from '../../ops/group.ts';
import type { Target } from '../../targets/target.ts';
import { arrayCycles, type ArrayWork } from '../cost.ts';
import { at, scalar, templateOf, type Address, type Operands } from '../emit.ts';
import { numberList } from './attributes.ts';
import { channelParamBytes, packChannelParams } from './channel-params.ts';
import { emitFloat, floatTailOf, isFloat, tailScratch } from './float.ts';
import type { ConstantSpec, Lowering } from './lowering.ts';
import { arrayBytes, arrayOf, enteredBytes, entryOf, epilogue, resultOf, tableAt, tableConstant } from './operands.ts';
import { planeOf, type Box, type Operand, type Size } from './plane.ts';
import { tiledPlanner, type Site, type Tiled } from './tiled.ts';

export const convTranspose: Lowering = {
  kind: 'conv_transpose',
  constants: constantsOf,
  pack(name, structure, params) {
    if (name === 'channel_params') return packChannelParams(params, shapeOf(structure).out);
    const phase = phasesOf(structure).find((one) => one.name === name);
    return phase === undefined ? arrayBytes(params, name, 4 * arrayOf(params, name).length) : packWeight(structure, params, phase);
  },
  macs(structure) {
    const { out, into, kernel } = shapeOf(structure);
    const { batch, rows, cols } = planeOf(structure.inputs[0]!);
    return batch * rows * cols * out * into * kernel[0] * kernel[1];
  },
  planner: (structure, target) => tiledPlanner(tile(structure), target),
  tiled: tile,
};

interface Shape {
  readonly out: number;
  readonly into: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number];
  readonly weightBytes: number;
}

/** Along one axis: the output positions p with (p + pad) mod stride = rest, and the kernel taps rest, rest + stride, … that they see. */
interface Residue {
  readonly rest: number;
  readonly taps: number;
}

interface Phase {
  readonly name: string;
  readonly y: Residue;
  readonly x: Residue;
}

function shapeOf(structure: GroupStructure): Shape {
  const weight = structure.constants['weight'];
  if (weight === undefined) throw new Error('BUG: conv_transpose without a weight');
  const [out, into, ky, kx] = weight.shape;
  const [sy, sx] = numberList(structure, 'strides', [1, 1]);
  const [top, left] = numberList(structure, 'pads', [0, 0, 0, 0]);
  return { out: out!, into: into!, kernel: [ky!, kx!], strides: [sy!, sx!], pads: [top!, left!], weightBytes: weight.dtype === 'S8' ? 1 : 2 };
}

/** Classes that see no tap (a stride longer than the kernel) get one tap of weight 0, so that their positions are written too. */
function phasesOf(structure: GroupStructure): Phase[] {
  const { kernel, strides } = shapeOf(structure);
  const residues = (axis: 0 | 1): Residue[] =>
    Array.from({ length: strides[axis] }, (_, rest) => ({ rest, taps: Math.max(1, Math.ceil((kernel[axis] - rest) / strides[axis])) }));
  return residues(0).flatMap((y) => residues(1).map((x) => ({ name: `weight_${y.rest}_${x.rest}`, y, x })));
}

function constantsOf(structure: GroupStructure): readonly ConstantSpec[] {
  const { out, into, weightBytes } = shapeOf(structure);
  return [
    ...phasesOf(structure).map(({ name, y, x }) => {
      const perChannel = y.taps * x.taps * into * weightBytes;
      return { name, bytes: out * perChannel, slices: { rows: 1, perChannel } };
    }),
    { name: 'channel_params', bytes: out * channelParamBytes, slices: { rows: 1, perChannel: channelParamBytes } },
    ...tableConstant(structure),
  ];
}

/** [o][i'][j'][c] of one class. Taps come last first: a later input row meets an earlier tap. */
function packWeight(structure: GroupStructure, params: Params, { y, x }: Phase): Uint8Array {
  const { out, into, kernel, strides, weightBytes } = shapeOf(structure);
  const codes = arrayOf(params, 'weight');
  const packed = weightBytes === 1 ? new Int8Array(out * y.taps * x.taps * into) : new Int16Array(out * y.taps * x.taps * into);
  let next = 0;
  for (let o = 0; o < out; o++) {
    for (let i = y.taps - 1; i >= 0; i--) {
      for (let j = x.taps - 1; j >= 0; j--) {
        const [row, col] = [y.rest + i * strides[0], x.rest + j * strides[1]];
        for (let c = 0; c < into; c++) packed[next++] = row < kernel[0] && col < kernel[1] ? Number(codes[((o * into + c) * kernel[0] + row) * kernel[1] + col]) : 0;
      }
    }
  }
  return new Uint8Array(packed.buffer);
}

/** Output positions of one class inside of [start, start + count): the first, how many, and the input position that its first window starts at. */
interface Run {
  readonly first: number;
  readonly count: number;
  readonly from: number;
}

function runOf({ rest, taps }: Residue, { start, count, stride, pad }: { start: number; count: number; stride: number; pad: number }): Run {
  const first = start + ((((rest - start - pad) % stride) + stride) % stride);
  // Output position p sees tap rest + t * stride at input (p + pad - rest) / stride - t.
  return { first, count: Math.max(0, Math.ceil((start + count - first) / stride)), from: (first + pad - rest) / stride - (taps - 1) };
}

function runsOf({ strides, pads }: Shape, phase: Phase, tile: Box): { y: Run; x: Run } {
  return {
    y: runOf(phase.y, { start: tile.y, count: tile.rows, stride: strides[0], pad: pads[0] }),
    x: runOf(phase.x, { start: tile.x, count: tile.cols, stride: strides[1], pad: pads[1] }),
  };
}

function tile(structure: GroupStructure): Tiled {
  const shape = shapeOf(structure);
  const { kernel, strides, pads, into, out, weightBytes } = shape;
  const phases = phasesOf(structure).map((phase) => ({ ...phase, template: templateOf('conv', fixedOperands(structure, phase)) }));
  const tail = isFloat(structure) ? floatTailOf(structure) : undefined;
  const wide = weightBytes > 1 || enteredBytes(structure, 0) > 1;
  const input = planeOf(structure.inputs[0]!);
  const output = planeOf(structure.output);
  const limits = [input.rows, input.cols] as const;
  // Inputs that any position of a stretch of outputs sees, cut to the plane and never empty.
  const span = (axis: 0 | 1, start: number, count: number): [number, number] => {
    const first = Math.ceil((start + pads[axis] - kernel[axis] + 1) / strides[axis]);
    const last = Math.floor((start + count - 1 + pads[axis]) / strides[axis]);
    const from = Math.min(Math.max(first, 0), limits[axis] - 1);
    return [from, Math.max(Math.min(last, limits[axis] - 1), from) - from + 1];
  };
  const most = (axis: 0 | 1, count: number): number => Math.min(limits[axis], Math.floor((count - 1 + kernel[axis] - 1) / strides[axis]) + 1);
  return {
    domain: { batch: output.batch, rows: output.rows, cols: output.cols, channels: out },
    grain: { rows: strides[0], cols: strides[1], channels: 8 },
    inputs: [{
      plane: input,
      ...entryOf(structure, 0),
      need(tile) {
        const [y, rows] = span(0, tile.y, tile.rows);
        const [x, cols] = span(1, tile.x, tile.cols);
        return { n: tile.n, y, x, c: 0, rows, cols, channels: into };
      },
      reach: (tile) => ({ rows: most(0, tile.rows), cols: most(1, tile.cols), channels: into }),
    }],
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: constantsOf(structure),
    work: (tile, target) => ({ engine: 'conv', cycles: workOf(shape, phases, { tile, target, wide, ...resultOf(structure) }) }),
    ...(tail !== undefined && { scratch: (tile: Size) => tailScratch(tail, tile, true) }),
    compute(site) {
      const table = tableAt(structure, site);
      const head = (output: Operand): void => phases.forEach((phase) => computePhase(shape, phase, { site: { ...site, output }, table }));
      if (tail === undefined) head(site.output!);
      else emitFloat(tail, site, head);
    },
  };
}

function workOf({ strides, into }: Shape, phases: readonly Phase[], { tile, target, ...work }: Pick<ArrayWork, 'wide' | 'resultBytes' | 'table'> & { tile: Size; target: Target }): number {
  const positions = Math.ceil(tile.rows / strides[0]) * Math.ceil(tile.cols / strides[1]);
  return phases.reduce((sum, { y, x }) => sum + arrayCycles(target, { positions, outChannels: tile.channels, inChannels: into, taps: y.taps * x.taps, ...work }), 0);
}

function fixedOperands(structure: GroupStructure, { y, x }: Phase): Operands {
  const { into, weightBytes } = shapeOf(structure);
  return {
    in_channels: into, in_zero: scalar('in_zero'), weight_bytes: weightBytes, kernel_y: y.taps, kernel_x: x.taps,
    stride_y: 1, stride_x: 1, dilation_y: 1, dilation_x: 1, ...epilogue(structure),
  };
}

function computePhase(shape: Shape, phase: Phase & { readonly template: Operands }, { site, table }: { site: Site; table: Address }): void {
  const { y, x } = runsOf(shape, phase, site.tile);
  if (y.count === 0 || x.count === 0) return;
  const input = site.inputs[0]!;
  const output = site.output!;
  const offset = (y.first - site.tile.y) * output.rowPitch + (x.first - site.tile.x) * output.colPitch;
  site.emitter.emit('conv', {
    ...phase.template,
    in: input.at, in_row_pitch: input.rowPitch, in_col_pitch: input.colPitch, in_bytes: input.bytes, in_rows: input.rows, in_cols: input.cols,
    weights: site.constant(phase.name), channel_params: site.constant('channel_params'), pad_top: input.box.y - y.from, pad_left: input.box.x - x.from,
    out: at(output.at, offset), out_row_pitch: shape.strides[0] * output.rowPitch, out_col_pitch: shape.strides[1] * output.colPitch, out_bytes: output.bytes,
    out_rows: y.count, out_cols: x.count, out_channels: site.tile.channels, table,
  });
}
