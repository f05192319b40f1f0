// max_pool, avg_pool and mean.
import type { GroupStructure } from '../../ops/group.ts';
import { tableSteps, vectorCycles } from '../cost.ts';
import { noAddress, scalar, type Operands } from '../emit.ts';
import type { Lowering } from './lowering.ts';
import { arrayBytes, arrayOf, enteredBytes, entryOf, epilogue, source, tableConstant, target } from './operands.ts';
import { planeOf, volume } from './plane.ts';
import { tiledPlans, type Site, type Tiled } from './tiled.ts';
import { padsOf, reachOf, seen, wholeOf, windowOf } from './window.ts';

export const maxPool: Lowering = pooling('max_pool', (structure, site) => {
  const { dilations } = windowOf(structure);
  site.emitter.emit('max_pool', { ...windowOperands(structure, site), dilation_y: dilations[0], dilation_x: dilations[1] });
});

export const avgPool: Lowering = pooling('avg_pool', (structure, site) => {
  site.emitter.emit('avg_pool', {
    ...windowOperands(structure, site), in_zero: scalar('in_zero'), multiplier: scalar('multiplier'), shift: scalar('shift'), ...epilogue(structure, site),
  });
});

export const mean: Lowering = {
  kind: 'mean',
  constants: tableConstant,
  pack: (name, _structure, params) => arrayBytes(params, name, 4 * arrayOf(params, name).length),
  macs: () => 0,
  plans: (structure, place) => tiledPlans(tileMean(structure), place),
};

function pooling(kind: string, compute: (structure: GroupStructure, site: Site) => void): Lowering {
  return {
    kind,
    constants: tableConstant,
    pack: (name, _structure, params) => arrayBytes(params, name, 4 * arrayOf(params, name).length),
    macs: () => 0,
    plans: (structure, place) => tiledPlans(tilePool(structure, compute), place),
  };
}

function tilePool(structure: GroupStructure, compute: (structure: GroupStructure, site: Site) => void): Tiled {
  const window = windowOf(structure);
  const input = planeOf(structure.inputs[0]!);
  const output = planeOf(structure.output);
  const steps = window.kernel[0] * window.kernel[1] + (structure.epilogue === 'table' ? tableSteps : 0);
  return {
    domain: wholeOf(output),
    grain: { rows: 1, cols: 1, channels: 16 },
    inputs: [{
      plane: input,
      ...entryOf(structure, 0),
      need: (tile) => ({ n: tile.n, ...seen(window, input, tile), c: tile.c, channels: tile.channels }),
      reach: (tile) => ({ ...reachOf(window, input, tile), channels: tile.channels }),
    }],
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: tableConstant(structure),
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps, bytes: enteredBytes(structure, 0) }) }),
    compute: (site) => compute(structure, site),
  };
}

function windowOperands(structure: GroupStructure, site: Site): Operands {
  const { kernel, strides } = windowOf(structure);
  const input = site.inputs[0]!;
  return {
    ...source('in', input), in_rows: input.rows, in_cols: input.cols, channels: site.tile.channels,
    kernel_y: kernel[0], kernel_x: kernel[1], stride_y: strides[0], stride_x: strides[1], ...padsOf(windowOf(structure), site.tile, input),
    ...target(site.output!), out_rows: site.tile.rows, out_cols: site.tile.cols,
  };
}

/** The domain is the input: tiles of a plane add to the same sums, and the last one writes the result. */
function tileMean(structure: GroupStructure): Tiled {
  const input = planeOf(structure.inputs[0]!);
  const output = { batch: input.batch, rows: 1, cols: 1, channels: input.channels, bytes: planeOf(structure.output).bytes };
  const isLast = ({ y, x, rows, cols }: Site['tile']): boolean => y + rows === input.rows && x + cols === input.cols;
  return {
    domain: wholeOf(input),
    grain: { rows: 1, cols: 1, channels: 16 },
    reduces: true,
    inputs: [{ plane: input, ...entryOf(structure, 0), need: (tile) => tile, reach: (tile) => tile }],
    output: {
      plane: output,
      gives: (tile) => (isLast(tile) ? { ...tile, y: 0, x: 0, rows: 1, cols: 1 } : undefined),
      reach: ({ channels }) => ({ rows: 1, cols: 1, channels }),
    },
    constants: tableConstant(structure),
    scratch: ({ channels }) => 8 * channels,
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps: 1, bytes: enteredBytes(structure, 0) }) }),
    compute(site) {
      const { y, x, rows, cols, channels } = site.tile;
      site.emitter.emit('mean', {
        ...source('in', site.inputs[0]!), rows, cols, channels, in_zero: scalar('in_zero'), sums: site.scratch,
        first: y === 0 && x === 0 ? 1 : 0, last: site.output === undefined ? 0 : 1, multiplier: scalar('multiplier'), shift: scalar('shift'),
        out: site.output?.at ?? noAddress, out_bytes: output.bytes, ...epilogue(structure, site),
      });
    },
  };
}
