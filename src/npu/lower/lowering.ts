// What a group kind must answer to be compiled. One file a kind, one line each in index.ts; the drivers (tiled.ts, copied.ts) never ask
// which kind they hold.
import type { GroupStructure, Params } from '../../ops/group.ts';
import type { Target } from '../../targets/target.ts';
import type { Emitter } from '../emit.ts';
import type { Tiled } from './tiled.ts';

export interface Lowering {
  readonly kind: string;
  /** The constants in the order they are packed; depends on structure alone. */
  constants(structure: GroupStructure): readonly ConstantSpec[];
  /** Bytes of one constant from the group's resolved integers. */
  pack(name: string, structure: GroupStructure, params: Params): Uint8Array;
  macs(structure: GroupStructure): number;
  /** What is the same wherever the edges are is worked out once, in the first of the two calls. */
  planner(structure: GroupStructure, target: Target): Planner;
  /** How a tile is computed, for kinds of which chains compute stripes. */
  tiled?(structure: GroupStructure): Tiled;
}

/** Every way worth trying to cut the group into tiles, for the edges that `onChip` says are resident. */
export type Planner = (place: Placement) => readonly Plan[];

export interface ConstantSpec {
  readonly name: string;
  readonly bytes: number;
  /** Where a tile of some channels needs only their part: `rows` rows of all channels, `perChannel` bytes each. Absent: needed whole. */
  readonly slices?: { readonly rows: number; readonly perChannel: number };
}

export interface Placement {
  /** Inputs in order, then the output. */
  readonly onChip: readonly boolean[];
  /** On-chip bytes left for the arena: plans that need more are of no use, except to say so. */
  readonly room: number;
}

/** One way to run a group. Costs are estimates from the shape of the tiles; `emit` writes the code. */
export interface Plan {
  readonly arenaBytes: number;
  /** On its own, and when its first constants are loaded while the group before computes. */
  readonly cycles: number;
  readonly cyclesAhead: number;
  readonly ddrBytes: number;
  readonly instructions: number;
  /** Parts that pass through two buffers in turn, so that transfers overlap computing; 1 for plans that don't. */
  readonly slices: number;
  emit(emitter: Emitter): void;
}

/** Packed constants are aligned so that one load fetches them all. */
export const constantAlign = 16;

/** No load of constants is longer: link moves them ahead one by one. */
export const constantPiece = 2 ** 18;

export function alignUp(bytes: number, to = constantAlign): number {
  return Math.ceil(bytes / to) * to;
}
