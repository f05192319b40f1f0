// constant: codes that lie in DDR among the parameters, brought to where their edge is: straight on chip, or piece by piece through the arena.
import { elements } from '../../base/dtype.ts';
import type { GroupStructure, Params } from '../../ops/group.ts';
import type { Target } from '../../targets/target.ts';
import { dmaCycles } from '../cost.ts';
import { at, type Address, type Emitter } from '../emit.ts';
import { space } from '../isa.ts';
import { alignUp, type Lowering, type Plan, type Planner } from './lowering.ts';
import { arrayOf } from './operands.ts';
import { isNhwc, typeBytes } from './plane.ts';
import { emitTransfer } from './transfer.ts';

export const constant: Lowering = {
  kind: 'constant',
  constants: (structure) => [{ name: 'codes', bytes: bytesOf(structure) }],
  pack,
  macs: () => 0,
  planner,
};

function bytesOf({ output }: GroupStructure): number {
  return elements(output.shape) * typeBytes[output.dtype];
}

/** In the order of memory. */
function pack(_name: string, { output }: GroupStructure, params: Params): Uint8Array {
  const codes = arrayOf(params, 'codes');
  const packed = typeBytes[output.dtype] === 1 ? new Uint8Array(codes.length) : new Uint16Array(codes.length);
  const [n, c, h, w] = isNhwc(output) ? output.shape : [codes.length, 1, 1, 1];
  for (let i = 0, from = 0; i < n!; i++) {
    for (let channel = 0; channel < c!; channel++) {
      for (let position = 0; position < h! * w!; position++) packed[(i * h! * w! + position) * c! + channel] = Number(codes[from++]);
    }
  }
  return new Uint8Array(packed.buffer);
}

const smallest = 256;

function planner(structure: GroupStructure, target: Target): Planner {
  const bytes = bytesOf(structure);
  return ({ onChip: [resident], room }) => {
    if (resident === true) return [planOf({ bytes, piece: bytes, slots: 0, target })];
    const plans: Plan[] = [];
    for (let piece = bytes; ; piece = Math.ceil(piece / 2)) {
      for (const slots of piece < bytes ? [2, 1] : [1]) plans.push(planOf({ bytes, piece, slots, target }));
      if (piece <= smallest || plans.at(-1)!.arenaBytes <= room) return plans;
    }
  };
}

/** `slots` buffers of a piece; none where the codes go straight to their edge. */
interface Way {
  readonly bytes: number;
  readonly piece: number;
  readonly slots: number;
  readonly target: Target;
}

function planOf({ bytes, piece, slots, target }: Way): Plan {
  const pieces = Math.ceil(bytes / piece);
  const passes = slots === 0 ? 1 : 2;
  const cycles = passes * pieces * dmaCycles(target, Math.min(piece, bytes));
  return { arenaBytes: slots * alignUp(piece), cycles, cyclesAhead: cycles, ddrBytes: passes * bytes, instructions: passes * pieces, slices: slots > 1 ? pieces : 1, emit: (emitter) => emit(emitter, { bytes, piece, slots }) };
}

function emit(emitter: Emitter, { bytes, piece, slots }: Omit<Way, 'target'>): void {
  const [codes, edge] = [{ space: space.params, offset: 0 }, { space: space.output, offset: 0 }];
  const copy = (name: 'load' | 'store', from: Address, to: Address, run: number): void => emitTransfer(emitter, name, { from, to, planes: 1, rows: 1, run, fromPlane: 0, toPlane: 0, fromRow: 0, toRow: 0 });
  for (let start = 0, i = 0; start < bytes; start += piece, i++) {
    const run = Math.min(piece, bytes - start);
    if (slots === 0) {
      copy('load', at(codes, start), at(edge, start), run);
      continue;
    }
    const buffer = { space: space.ocm, offset: (i % slots) * alignUp(piece) };
    copy('load', at(codes, start), buffer, run);
    copy('store', buffer, at(edge, start), run);
  }
}
