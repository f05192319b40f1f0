// layer_norm over the last axis: a tile is some rows, whole.
import { layerNormSteps, tableSteps, vectorCycles } from '../cost.ts';
import { scalar, templateOf } from '../emit.ts';
import type { GroupStructure } from '../../ops/group.ts';
import { channelParamBytes, packChannelParams } from './channel-params.ts';
import type { ConstantSpec, Lowering } from './lowering.ts';
import { arrayBytes, arrayOf, enteredBytes, entryOf, epilogue, tableAt, tableConstant } from './operands.ts';
import { planeOf, type Box, type Size } from './plane.ts';
import { tiledPlanner, type Tiled } from './tiled.ts';

export const layerNorm: Lowering = {
  kind: 'layer_norm',
  constants: constantsOf,
  pack(name, structure, params) {
    if (name === 'channel_params') return packChannelParams(params, planeOf(structure.output).channels);
    return arrayBytes(params, name, 4 * arrayOf(params, name).length);
  },
  macs: () => 0,
  planner: (structure, target) => tiledPlanner(tile(structure), target),
};

function constantsOf(structure: GroupStructure): ConstantSpec[] {
  return [{ name: 'channel_params', bytes: channelParamBytes * planeOf(structure.output).channels }, ...tableConstant(structure)];
}

function tile(structure: GroupStructure): Tiled {
  const [input, output] = [planeOf(structure.inputs[0]!), planeOf(structure.output)];
  const { channels } = output;
  const box = (tile: Box): Box => ({ ...tile, c: 0, channels });
  const reach = (tile: Size): Size => ({ ...tile, channels });
  const bytes = Math.max(enteredBytes(structure, 0), output.bytes);
  const steps = layerNormSteps + (structure.epilogue === 'table' ? tableSteps : 0);
  const template = templateOf('layer_norm', { epsilon_low: scalar('epsilon_low'), epsilon_high: scalar('epsilon_high'), channels, ...epilogue(structure) });
  return {
    // A row is one position of one channel: nothing cuts it.
    domain: { batch: 1, rows: output.rows, cols: 1, channels: 1 },
    grain: { rows: 1, cols: 1, channels: 1 },
    inputs: [{ plane: input, ...entryOf(structure, 0), need: box, reach }],
    output: { plane: output, gives: box, reach },
    constants: constantsOf(structure),
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: tile.rows * channels, steps, bytes }) }),
    compute(site) {
      const [from, to] = [site.inputs[0]!, site.output!];
      site.emitter.emit('layer_norm', {
        ...template, in: from.at, in_row_pitch: from.rowPitch, in_bytes: from.bytes, channel_params: site.constant('channel_params'),
        out: to.at, out_row_pitch: to.rowPitch, out_bytes: to.bytes, rows: site.tile.rows, table: tableAt(structure, site),
      });
    },
  };
}
