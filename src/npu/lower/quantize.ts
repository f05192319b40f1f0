// quantize and dequantize: where the network meets the world. The world keeps tensors row-major, edges between groups keep channels
// together; the change of order happens here.
import type { Edge, GroupStructure, Params } from '../../ops/group.ts';
import { vectorCycles } from '../cost.ts';
import { noAddress, scalar, templateOf } from '../emit.ts';
import { floatFunctionNumbers } from '../isa.ts';
import type { ConstantSpec, Lowering } from './lowering.ts';
import { arrayOf, source, target } from './operands.ts';
import { flatPlane, isNhwc, planeOf, typeLevels, volume, type Box, type Order, type Plane, type Size } from './plane.ts';
import { tiledPlanner, type Tiled } from './tiled.ts';
import { reordered } from './transfer.ts';

export const quantize: Lowering = {
  kind: 'quantize',
  constants: channelParams,
  pack: (_name, structure, params) => packChannels(structure, params),
  macs: () => 0,
  planner: (structure, target) => tiledPlanner(tileQuantize(structure), target),
  tiled: tileQuantize,
};

export const dequantize: Lowering = {
  kind: 'dequantize',
  constants: () => [],
  pack: (name) => {
    throw new Error(`BUG: dequantize has no ${name}`);
  },
  macs: () => 0,
  planner: (structure, target) => tiledPlanner(tileDequantize(structure), target),
  tiled: tileDequantize,
};

/** Planes of rows x cols x channels with channels in the middle of the logical shape, where it has them: axis 1. */
interface Seen {
  /** What is computed: positions x channels. */
  readonly plane: Plane;
  /** The edge's own order of rows, cols, channels. */
  readonly memory: Plane;
  /** From memory to what is computed; undefined where they agree. */
  readonly order?: Order;
}

function see(edge: Edge): Seen {
  const { bytes } = planeOf(edge);
  if (isNhwc(edge)) return { plane: planeOf(edge), memory: planeOf(edge) };
  const [batch = 1, channels = 1, ...rest] = edge.shape;
  const [rows, cols] = rest.length === 2 ? [rest[0]!, rest[1]!] : [rest.reduce((a, b) => a * b, 1), 1];
  const plane = { batch, rows, cols, channels, bytes };
  // One channel, or one position: both orders are the same bytes.
  if (channels === 1 || rows * cols === 1) return { plane, memory: plane };
  return { plane, memory: { batch, rows: channels, cols: rows, channels: cols, bytes }, order: [1, 2, 0] };
}

const back: Order = [2, 0, 1];

/** An edge as a part of a tile: what it reads or gives in its own order. */
function part({ order, memory }: Seen): { plane: Plane; order?: Order; box: (tile: Box) => Box; reach: (tile: Size) => Size } {
  if (order === undefined) return { plane: memory, box: (tile) => tile, reach: (tile) => tile };
  return { plane: memory, order, box: (tile) => reordered(tile, back), reach: ({ rows, cols, channels }) => ({ rows: channels, cols: rows, channels: cols }) };
}

function isNormalised(structure: GroupStructure): boolean {
  return structure.attributes['normalize'] === 1;
}

function channelParams(structure: GroupStructure): ConstantSpec[] {
  if (!isNormalised(structure)) return [];
  return [{ name: 'channel_params', bytes: 8 * see(structure.output).plane.channels, slices: { rows: 1, perChannel: 8 } }];
}

/** f32 mean, f32 std a channel. */
function packChannels(structure: GroupStructure, params: Params): Uint8Array {
  const { channels } = see(structure.output).plane;
  const [mean, std] = [arrayOf(params, 'mean'), arrayOf(params, 'std')];
  if (mean.length !== channels || std.length !== channels) throw new Error(`BUG: ${mean.length} means and ${std.length} deviations for ${channels} channels`);
  return new Uint8Array(Float32Array.from({ length: 2 * channels }, (_, i) => Number((i % 2 === 0 ? mean : std)[i >> 1])).buffer);
}

function tileQuantize(structure: GroupStructure): Tiled {
  const from = part(see(structure.inputs[0]!));
  const { plane } = see(structure.output);
  const out = part(see(structure.output));
  const template = templateOf('quantize', { scale: scalar('scale'), zero: scalar('zero'), hi: typeLevels[structure.output.dtype] });
  return {
    domain: plane,
    grain: { rows: 1, cols: 1, channels: 16 },
    inputs: [{ plane: from.plane, ...(from.order !== undefined && { order: from.order }), need: from.box, reach: from.reach }],
    output: { plane: out.plane, ...(out.order !== undefined && { order: back }), gives: out.box, reach: out.reach },
    constants: channelParams(structure),
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps: 1, bytes: Math.max(plane.bytes, from.plane.bytes) }) }),
    compute(site) {
      const { rows, cols, channels } = site.tile;
      site.emitter.emit('quantize', {
        ...template, ...source(site.inputs[0]!), channel_params: isNormalised(structure) ? site.constant('channel_params') : noAddress,
        ...target(site.output!), rows, cols, channels,
      });
    },
  };
}

function tileDequantize(structure: GroupStructure): Tiled {
  const input = structure.inputs[0]!;
  // Every code is treated alike, so only a change of layout asks where channels are.
  const flat = isNhwc(input) ? undefined : { plane: flatPlane(structure.output), memory: flatPlane(structure.output) };
  const to = flat ?? see(structure.output);
  const out = part(to);
  // Floats out of an island only change their order.
  const isFloat = input.dtype === 'FP32';
  const template = isFloat
    ? templateOf('float_function', { function: floatFunctionNumbers.identity, a: 0, b: 0 })
    : templateOf('dequantize', { scale: scalar('scale'), zero: scalar('zero') });
  return {
    domain: to.plane,
    grain: { rows: 1, cols: 1, channels: 16 },
    inputs: [{ plane: flat === undefined ? planeOf(input) : flatPlane(input), need: (tile) => tile, reach: (tile) => tile }],
    output: { plane: out.plane, ...(out.order !== undefined && { order: back }), gives: out.box, reach: out.reach },
    constants: [],
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps: 1, bytes: 4 }) }),
    compute(site) {
      const { rows, cols, channels } = site.tile;
      site.emitter.emit(isFloat ? 'float_function' : 'dequantize', { ...template, ...source(site.inputs[0]!), ...target(site.output!), rows, cols, channels });
    },
  };
}
