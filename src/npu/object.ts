// What the compiler's stages hand to each other: a group's menu of variants (tile), its constants (values), and the linked program.
import type { Target } from '../targets/target.ts';
import type { Engine } from './isa.ts';

/** An operand that is a value of the group (a zero point, a multiplier …): link writes scalars[scalar] into the word. */
export interface Relocation {
  /** Index into the object's code. */
  readonly word: number;
  readonly scalar: string;
}

export interface Variant {
  /** Which edges (inputs in order, then the output) this code expects whole in on-chip memory; the others are in DDR. */
  readonly onChip: readonly boolean[];
  /** The least on-chip memory that this is a choice for, edges and arena. */
  readonly memoryBytes: number;
  readonly arenaBytes: number;
  /** By the rates of one engine set: busy cycles per engine, and the length of the schedule of this group alone; the same where its first constants are there. */
  readonly cycles: Readonly<Record<Engine, number>> & { readonly total: number; readonly ahead: number };
  /** Bytes over DDR by class. */
  readonly ddrBytes: { readonly params: number; readonly load: number; readonly store: number };
  /** Encoded instructions (isa.ts): object spaces, wait words 0, in a valid order of execution. */
  readonly code: Uint32Array;
  /** Ascending by word. Code depends on structure alone; what depends on scales is patched by link. */
  readonly relocations: readonly Relocation[];
  /** Of a chain: which member each instruction is of. */
  readonly members?: readonly number[];
}

/** The best variants of a group for falling amounts of memory, for every residency worth having; never empty. Canonical order. */
export interface Menu {
  readonly variants: readonly Variant[];
  readonly constantBytes: number;
  readonly macs: number;
}

/** The variant that keeps every edge in DDR: it needs no plan around it. */
export function plainVariant({ variants }: Menu): Variant {
  const variant = variants.find(({ onChip }) => onChip.every((is) => !is));
  if (variant === undefined) throw new Error('BUG: a menu without a variant that keeps all edges in DDR');
  return variant;
}

/** An edge inside of a unit, as link sees it: no names. */
export interface LinkEdge {
  readonly bytes: number;
  /** Runtime inputs and outputs of the unit reside in DDR; inner edges where link puts them. */
  readonly role: 'input' | 'output' | 'inner';
}

export interface LinkGroup {
  readonly menu: Menu;
  /** Params.scalars of the group; every relocation of the menu names one of them. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Indices into the unit's edges. */
  readonly inputs: readonly number[];
  readonly output: number;
}

export interface LinkOptions {
  readonly target: Target;
  readonly mode: string;
  /** On-chip memory to use, and DDR bytes a cycle, where they are less than the mode gives. */
  readonly ocmBytes?: number;
  readonly ddrBytesPerCycle?: number;
}

/** Where an edge is when its producer has finished; side table for checks and for `inspect`. */
export interface Residence {
  readonly space: number;
  readonly offset: number;
  /** Index of the instruction (in program order) after which the edge is complete. */
  readonly completeAfter: number;
}

export interface Program {
  readonly code: Uint32Array;
  readonly paramsBytes: number;
  /** Where each group's constants start in params, by group index. */
  readonly constantOffsets: readonly number[];
  readonly swapBytes: number;
  readonly ocmBytes: number;
  readonly inputs: readonly { readonly bytes: number }[];
  readonly outputs: readonly { readonly bytes: number }[];
  readonly edges: readonly Residence[];
  /** Which variant of each group's menu was taken. */
  readonly chosen: readonly number[];
  /** Tile mode: of each group, the first of those that run as one object with it, stripe by stripe; itself where it runs alone. */
  readonly objects?: readonly number[];
  /** Whose the instructions are: runs of [group, how many]. For people, and for `trace`. */
  readonly owners: readonly (readonly [group: number, count: number])[];
  readonly stats: ProgramStats;
}

export interface ProgramStats {
  readonly cycles: number;
  readonly busy: Readonly<Record<Engine, number>>;
  /** DMA cycles during which another engine computes. */
  readonly overlapCycles: number;
  readonly ddrBytes: { readonly params: number; readonly load: number; readonly store: number };
  readonly macs: number;
  /** Bytes used, and the most bytes alive at one time for the chosen order (the bound). */
  readonly ocmPeak: number;
  readonly ocmLive: number;
  readonly swapPeak: number;
  readonly swapLive: number;
}
