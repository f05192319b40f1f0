// max_pool, avg_pool and mean.
import type { GroupStructure } from '../../ops/group.ts';
import { tableSteps, vectorCycles } from '../cost.ts';
import { noAddress, scalar, templateOf, type Operands } from '../emit.ts';
import type { Lowering } from './lowering.ts';
import { arrayBytes, arrayOf, enteredBytes, entryOf, epilogue, source, tableAt, tableConstant, target } from './operands.ts';
import { planeOf, volume } from './plane.ts';
import { tiledPlanner, type Site, type Tiled } from './tiled.ts';
import { padsOf, reachOf, seen, wholeOf, windowOf, type Window } from './window.ts';

export const maxPool: Lowering = pooling('max_pool', {
  fixed: (_structure, { dilations }) => ({ dilation_y: dilations[0], dilation_x: dilations[1] }),
  ofTile: () => ({}),
});

export const avgPool: Lowering = pooling('avg_pool', {
  fixed: (structure) => ({ in_zero: scalar('in_zero'), multiplier: scalar('multiplier'), shift: scalar('shift'), ...epilogue(structure) }),
  ofTile: (structure, site) => ({ table: tableAt(structure, site) }),
});

export const mean: Lowering = {
  kind: 'mean',
  constants: tableConstant,
  pack: (name, _structure, params) => arrayBytes(params, name, 4 * arrayOf(params, name).length),
  macs: () => 0,
  planner: (structure, target) => tiledPlanner(tileMean(structure), target),
};

/** The operands that one kind of pool has and the other hasn't. */
interface Own {
  fixed(structure: GroupStructure, window: Window): Operands;
  ofTile(structure: GroupStructure, site: Site): Operands;
}

function pooling(kind: string, own: Own): Lowering {
  return {
    kind,
    constants: tableConstant,
    pack: (name, _structure, params) => arrayBytes(params, name, 4 * arrayOf(params, name).length),
    macs: () => 0,
    planner: (structure, target) => tiledPlanner(tilePool(structure, own), target),
    tiled: (structure) => tilePool(structure, own),
  };
}

function tilePool(structure: GroupStructure, own: Own): Tiled {
  const window = windowOf(structure);
  const { kernel, strides } = window;
  const input = planeOf(structure.inputs[0]!);
  const output = planeOf(structure.output);
  const template = templateOf(structure.kind, { kernel_y: kernel[0], kernel_x: kernel[1], stride_y: strides[0], stride_x: strides[1], ...own.fixed(structure, window) });
  const steps = kernel[0] * kernel[1] + (structure.epilogue === 'table' ? tableSteps : 0);
  return {
    domain: wholeOf(output),
    grain: { rows: 1, cols: 1, channels: 16 },
    inputs: [{
      plane: input,
      ...entryOf(structure, 0),
      need: (tile) => seen(window, input, tile, tile),
      reach: (tile) => ({ ...reachOf(window, input, tile), channels: tile.channels }),
    }],
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: tableConstant(structure),
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps, bytes: enteredBytes(structure, 0) }) }),
    compute(site) {
      const [input, { rows, cols, channels }] = [site.inputs[0]!, site.tile];
      site.emitter.emit(structure.kind, {
        ...template, ...source(input), in_rows: input.rows, in_cols: input.cols, channels, ...padsOf(window, site.tile, input),
        ...target(site.output!), out_rows: rows, out_cols: cols, ...own.ofTile(structure, site),
      });
    },
  };
}

/** The domain is the input: tiles of a plane add to the same sums, and the last one writes the result. */
function tileMean(structure: GroupStructure): Tiled {
  const input = planeOf(structure.inputs[0]!);
  const output = { batch: input.batch, rows: 1, cols: 1, channels: input.channels, bytes: planeOf(structure.output).bytes };
  const template = templateOf('mean', {
    in_zero: scalar('in_zero'), multiplier: scalar('multiplier'), shift: scalar('shift'), out_bytes: output.bytes, ...epilogue(structure),
  });
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
        ...template, ...source(site.inputs[0]!), rows, cols, channels, sums: site.scratch,
        first: y === 0 && x === 0 ? 1 : 0, last: site.output === undefined ? 0 : 1, out: site.output?.at ?? noAddress, table: tableAt(structure, site),
      });
    },
  };
}
