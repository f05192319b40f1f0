// conv: dense, grouped and depthwise convolution; Gemm and MatMul are 1x1 convolutions over rows.
import { planeOf, type Operand, type Size } from './plane.ts';
import type { GroupStructure, Params } from '../../ops/group.ts';
import type { Target } from '../../targets/target.ts';
import { arrayCycles, type ArrayWork } from '../cost.ts';
import { at, scalar, templateOf, type Operands } from '../emit.ts';
import { numberOf } from './attributes.ts';
import { channelParamBytes, packChannelParams } from './channel-params.ts';
import { emitFloat, floatTailOf, isFloat, tailScratch } from './float.ts';
import type { ConstantSpec, Lowering } from './lowering.ts';
import { arrayBytes, arrayOf, enteredBytes, entryOf, epilogue, resultOf, tableAt, tableConstant } from './operands.ts';
import { tiledPlanner, type Site, type Tiled } from './tiled.ts';
import { padsOf, reachOf, seen, wholeOf, windowOf, type Window } from './window.ts';

export const conv: Lowering = {
  kind: 'conv',
  constants: constantsOf,
  pack(name, structure, params) {
    if (name === 'weight') return packWeight(structure, params);
    if (name === 'channel_params') return packChannelParams(params, weightOf(structure).out);
    return arrayBytes(params, name, 4 * arrayOf(params, name).length);
  },
  macs(structure) {
    const { out, inPerGroup, taps } = weightOf(structure);
    const plane = planeOf(structure.output);
    return plane.batch * plane.rows * plane.cols * out * inPerGroup * taps;
  },
  planner: (structure, target) => tiledPlanner(tile(structure), target),
  tiled: tile,
};

interface Weight {
  readonly out: number;
  readonly inPerGroup: number;
  readonly taps: number;
  readonly bytes: number;
  readonly group: number;
  /** One input channel for each output channel. */
  readonly depthwise: boolean;
}

function weightOf(structure: GroupStructure): Weight {
  const weight = structure.constants['weight'];
  if (weight === undefined) throw new Error('BUG: conv without a weight');
  const [out, inPerGroup, ...kernel] = weight.shape;
  const group = numberOf(structure, 'group', 1);
  return {
    out: out!, inPerGroup: inPerGroup!, taps: kernel.reduce((a, b) => a * b, 1), bytes: weight.dtype === 'S8' ? 1 : 2,
    group, depthwise: group > 1 && group === out && inPerGroup === 1,
  };
}

function constantsOf(structure: GroupStructure): readonly ConstantSpec[] {
  const { out, inPerGroup, taps, bytes, depthwise } = weightOf(structure);
  const perChannel = inPerGroup * taps * bytes;
  return [
    { name: 'weight', bytes: out * perChannel, slices: depthwise ? { rows: taps, perChannel: bytes } : { rows: 1, perChannel } },
    { name: 'channel_params', bytes: out * channelParamBytes, slices: { rows: 1, perChannel: channelParamBytes } },
    ...tableConstant(structure),
  ];
}

/** [o][c][i][j] of the params record as the instructions want it: [o][i][j][c], or [i][j][c] for depthwise. */
function packWeight(structure: GroupStructure, params: Params): Uint8Array {
  const { out, inPerGroup, taps, bytes, depthwise } = weightOf(structure);
  const codes = arrayOf(params, 'weight');
  const packed = bytes === 1 ? new Int8Array(codes.length) : new Int16Array(codes.length);
  for (let o = 0; o < out; o++) {
    for (let c = 0; c < inPerGroup; c++) {
      for (let tap = 0; tap < taps; tap++) {
        packed[depthwise ? tap * out + o : (o * taps + tap) * inPerGroup + c] = Number(codes[(o * inPerGroup + c) * taps + tap]);
      }
    }
  }
  return new Uint8Array(packed.buffer);
}

function tile(structure: GroupStructure): Tiled {
  const weight = weightOf(structure);
  const window = windowOf(structure);
  const input = planeOf(structure.inputs[0]!);
  const output = planeOf(structure.output);
  const outPerGroup = weight.out / weight.group;
  const wide = weight.bytes > 1 || enteredBytes(structure, 0) > 1;
  const tail = isFloat(structure) ? floatTailOf(structure) : undefined;
  const parts: Parts = { structure, weight, window, template: templateOf(weight.depthwise ? 'dwconv' : 'conv', fixedOperands(structure, weight, window)) };
  // Input channels of a range of output channels: those of the groups it touches.
  const channels = (c: number, count: number): { c: number; channels: number } => {
    const first = Math.floor(c / outPerGroup);
    const last = Math.floor((c + count - 1) / outPerGroup);
    return { c: first * weight.inPerGroup, channels: (last - first + 1) * weight.inPerGroup };
  };
  return {
    domain: wholeOf(output),
    // Dense tiles of a few channels waste the array; a tile of a grouped convolution starts and ends at a group where it can.
    grain: { rows: 1, cols: 1, channels: weight.group === 1 || weight.depthwise ? 8 : outPerGroup },
    finest: { rows: 1, cols: 1, channels: 1 },
    inputs: [{
      plane: input,
      ...entryOf(structure, 0),
      need: (tile) => seen(window, input, tile, channels(tile.c, tile.channels)),
      reach: (tile) => ({ ...reachOf(window, input, tile), channels: Math.min(input.channels, groupsAcross(tile.channels, outPerGroup) * weight.inPerGroup) }),
    }],
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: constantsOf(structure),
    work: (tile, target) => ({ engine: 'conv', cycles: cyclesOf(weight, { tile, target, wide, ...resultOf(structure) }) }),
    ...(tail !== undefined && { scratch: (tile: Size) => tailScratch(tail, tile, true) }),
    compute(site) {
      const head = (to: Operand): void => (weight.depthwise ? computeDepthwise : computeGroups)(parts, { ...site, output: to });
      if (tail === undefined) head(site.output!);
      else emitFloat(tail, site, head);
    },
  };
}

/** The most groups that a tile of so many channels touches; tiles start at multiples of their size. */
function groupsAcross(channels: number, outPerGroup: number): number {
  if (channels % outPerGroup === 0 || outPerGroup % channels === 0) return Math.ceil(channels / outPerGroup);
  return Math.ceil((channels - 1) / outPerGroup) + 1;
}

function cyclesOf(weight: Weight, { tile, target, ...work }: Pick<ArrayWork, 'wide' | 'resultBytes' | 'table'> & { tile: Size; target: Target }): number {
  const common = { positions: tile.rows * tile.cols, taps: weight.taps, ...work };
  if (weight.depthwise) return arrayCycles(target, { ...common, outChannels: tile.channels, inChannels: 0 });
  const groups = Math.max(1, tile.channels / (weight.out / weight.group));
  return groups * arrayCycles(target, { ...common, outChannels: tile.channels / groups, inChannels: weight.inPerGroup });
}

/** What all tiles of a group have in common. */
interface Parts {
  readonly structure: GroupStructure;
  readonly weight: Weight;
  readonly window: Window;
  readonly template: Operands;
}

function fixedOperands(structure: GroupStructure, weight: Weight, { kernel, strides, dilations }: Window): Operands {
  return {
    in_zero: scalar('in_zero'), weight_bytes: weight.bytes, kernel_y: kernel[0], kernel_x: kernel[1], stride_y: strides[0], stride_x: strides[1],
    dilation_y: dilations[0], dilation_x: dilations[1], ...epilogue(structure),
  };
}

/** All but the channels and what depends on them. */
function common({ structure, window, template }: Parts, site: Site, input: Operand): Operands {
  const output = site.output!;
  const pads = padsOf(window, site.tile, input);
  return {
    ...template,
    in: input.at, in_row_pitch: input.rowPitch, in_col_pitch: input.colPitch, in_bytes: input.bytes, in_rows: input.rows, in_cols: input.cols,
    weights: site.constant('weight'), channel_params: site.constant('channel_params'), pad_top: pads.pad_top, pad_left: pads.pad_left,
    out: output.at, out_row_pitch: output.rowPitch, out_col_pitch: output.colPitch, out_bytes: output.bytes,
    out_rows: site.tile.rows, out_cols: site.tile.cols, table: tableAt(structure, site),
  };
}

function computeDepthwise(parts: Parts, site: Site): void {
  site.emitter.emit('dwconv', { ...common(parts, site, site.inputs[0]!), channels: site.tile.channels });
}

/** One instruction a group that the tile touches. */
function computeGroups(parts: Parts, site: Site): void {
  const { weight } = parts;
  const input = site.inputs[0]!;
  const output = site.output!;
  const outPerGroup = weight.out / weight.group;
  const { c, channels } = site.tile;
  const whole = common(parts, site, input);
  for (let from = c; from < c + channels;) {
    const group = Math.floor(from / outPerGroup);
    const to = Math.min(c + channels, (group + 1) * outPerGroup);
    site.emitter.emit('conv', {
      ...whole,
      in: at(input.at, (group * weight.inPerGroup - input.box.c) * input.bytes), in_channels: weight.inPerGroup,
      weights: at(site.constant('weight'), (from - c) * weight.inPerGroup * weight.taps * weight.bytes),
      channel_params: at(site.constant('channel_params'), (from - c) * channelParamBytes),
      out: at(output.at, (from - c) * output.bytes), out_channels: to - from,
    });
    from = to;
  }
}
