// Groups that compute in FP32 (spec §8): a head writes floats, functions pass them on, and codes are made of them at the end where the edge
// carries codes. No instruction writes what it reads, so that what is between two of them goes from one scratch to another.
import type { GroupStructure } from '../../ops/group.ts';
import { floatSteps } from '../cost.ts';
import { at, noAddress, scalar, templateOf } from '../emit.ts';
import { floatFunctionNumbers } from '../isa.ts';
import { textOf } from './attributes.ts';
import { alignUp } from './lowering.ts';
import { source, target } from './operands.ts';
import { packed, typeLevels, volume, type Operand, type Size } from './plane.ts';
import type { Site } from './tiled.ts';

export function isFloat({ epilogue }: GroupStructure): boolean {
  return epilogue === 'float';
}

/** From one place to another; the last step writes the output. */
type Step = (site: Site, from: Operand, to: Operand) => void;

export interface FloatTail {
  readonly functions: readonly number[];
  /** Makes codes at the end. */
  readonly quantizes: boolean;
  readonly steps: readonly Step[];
}

export function floatTailOf(structure: GroupStructure): FloatTail {
  const names = textOf(structure, 'functions').split(' ').filter((name) => name !== '');
  const functions = names.map((name) => {
    const number = Object.entries(floatFunctionNumbers).find(([known]) => known === name)?.[1];
    if (number === undefined) throw new Error(`BUG: no FP32 form of ${name}`);
    return number;
  });
  const quantizes = structure.output.dtype !== 'FP32';
  return { functions, quantizes, steps: [...functions.map((fn, k) => functionStep(fn, k)), ...(quantizes ? [quantizeStep(typeLevels[structure.output.dtype])] : [])] };
}

/** Vector operations behind the head, for each element. */
export function tailSteps({ functions, quantizes }: FloatTail): number {
  return functions.reduce((sum, fn) => sum + floatSteps(fn), 0) + Number(quantizes);
}

/** Scratch of a tile of this size; `writes`: whether the head writes floats itself or hands its input on. */
export function tailScratch({ steps }: FloatTail, size: Size, writes: boolean): number {
  return Math.min(2, Math.max(0, steps.length - (writes ? 0 : 1))) * alignUp(4 * volume(size));
}

/** Head, functions, codes. A head that only hands its input on is that operand. */
export function emitFloat({ steps }: FloatTail, site: Site, head: Operand | ((to: Operand) => void)): void {
  const output = site.output!;
  const bytes = alignUp(4 * volume(output));
  let turn = 0;
  const stage = (last: boolean): Operand => (last ? output : packed(output.box, at(site.scratch, (turn++ % 2) * bytes), 4));
  let from: Operand;
  if (typeof head === 'function') head((from = stage(steps.length === 0)));
  else from = head;
  if (typeof head !== 'function' && steps.length === 0) return functionStep(floatFunctionNumbers.identity, 0)(site, from, output);
  steps.forEach((step, k) => {
    const to = stage(k === steps.length - 1);
    step(site, from, to);
    from = to;
  });
}

function functionStep(fn: number, k: number): Step {
  const hasArguments = fn !== floatFunctionNumbers.identity;
  const template = templateOf('float_function', { function: fn, a: hasArguments ? scalar(`f${k}_a`) : 0, b: hasArguments ? scalar(`f${k}_b`) : 0 });
  return ({ emitter }, from, to) => emitter.emit('float_function', { ...template, ...source(from), ...target(to), rows: from.rows, cols: from.cols, channels: from.channels });
}

function quantizeStep(levels: number): Step {
  const template = templateOf('quantize', { channel_params: noAddress, scale: scalar('scale'), zero: scalar('zero'), hi: levels });
  return ({ emitter }, from, to) => emitter.emit('quantize', { ...template, ...source(from), ...target(to), rows: from.rows, cols: from.cols, channels: from.channels });
}
