// move: reshape, transpose and slice. In memory each is a strided copy; a reshape that keeps the order of bytes is one run.
import { Fault } from '../../base/fault.ts';
import type { Edge, GroupStructure } from '../../ops/group.ts';
import { numberList, textOf } from './attributes.ts';
import { copiedPlanner, type Copied } from './copied.ts';
import type { Copy } from './copy.ts';
import { copying } from './copying.ts';
import type { Lowering } from './lowering.ts';
import { entryOf } from './operands.ts';
import { isNhwc, typeBytes } from './plane.ts';
import { mergeDims, type Stride } from './transfer.ts';

export const move: Lowering = copying('move', (structure, target) => copiedPlanner(copied(structure), target));

type Part = Pick<Copy, 'dims' | 'fromStart' | 'toStart'>;

const modes: Readonly<Record<string, (structure: GroupStructure) => readonly Part[]>> = { reshape, transpose, slice };

function copied(structure: GroupStructure): Copied {
  const mode = textOf(structure, 'mode');
  const parts = modes[mode]?.(structure);
  if (parts === undefined) throw new Error(`BUG: no move ${mode}`);
  const { entry } = entryOf(structure, 0);
  return {
    bytes: typeBytes[structure.output.dtype],
    copies: parts.map(({ dims, ...starts }) => ({
      ...starts, input: 0, bytes: typeBytes[structure.inputs[0]!.dtype], ...(entry !== undefined && { entry: entry.prefix }),
      // In the output's order, so that what runs on in both is one dim.
      dims: mergeDims([...dims].sort((a, b) => b.to - a.to || b.size - a.size)),
    })),
  };
}

/** Strides in elements, by logical axis. */
function stridesOf(edge: Edge): number[] {
  const { shape } = edge;
  if (isNhwc(edge)) return [shape[1]! * shape[2]! * shape[3]!, 1, shape[3]! * shape[1]!, shape[1]!];
  const strides = shape.map(() => 1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * shape[d + 1]!;
  return strides;
}

function transpose(structure: GroupStructure): Part[] {
  const perm = numberList(structure, 'perm');
  const [from, to] = [stridesOf(structure.inputs[0]!), stridesOf(structure.output)];
  return [{ fromStart: 0, toStart: 0, dims: structure.output.shape.map((size, k) => ({ size, from: from[perm[k]!]!, to: to[k]! })) }];
}

function slice(structure: GroupStructure): Part[] {
  const [starts, steps] = [numberList(structure, 'starts'), numberList(structure, 'steps')];
  const [from, to] = [stridesOf(structure.inputs[0]!), stridesOf(structure.output)];
  const fromStart = starts.reduce((sum, start, k) => sum + start * from[k]!, 0);
  return [{ fromStart, toStart: 0, dims: structure.output.shape.map((size, k) => ({ size, from: from[k]! * steps[k]!, to: to[k]! })) }];
}

interface Axis {
  size: number;
  readonly stride: number;
}

const mostParts = 4096;

/** Splits the axes of both sides into common factors, from the innermost on. Where sizes share no factor, what is left is one part an index. */
function reshape(structure: GroupStructure): Part[] {
  const into = axesOf(structure.inputs[0]!);
  const out = axesOf(structure.output);
  const dims: Stride[] = [];
  for (;;) {
    const [a, b] = [into.at(-1), out.at(-1)];
    if (a === undefined || b === undefined) return [{ dims: dims.reverse(), fromStart: 0, toStart: 0 }];
    const size = a.size % b.size === 0 ? b.size : b.size % a.size === 0 ? a.size : common(a.size, b.size);
    if (size === 1 && a.size > 1 && b.size > 1) break;
    dims.push({ size, from: a.stride, to: b.stride });
    peel(into, size);
    peel(out, size);
  }
  const left = into.reduce((product, axis) => product * axis.size, 1);
  if (left > mostParts) {
    const [from, to] = [structure.inputs[0]!, structure.output].map((edge) => `[${edge.shape.join(',')}] ${edge.layout}`);
    throw new Fault({ what: `a reshape from ${from} to ${to} falls into ${left} pieces`, facts: [['known', `at most ${mostParts}`], ['try', 'compute it on the CPU']] });
  }
  return Array.from({ length: left }, (_, i) => ({ dims: [...dims].reverse(), fromStart: offsetAt(into, i), toStart: offsetAt(out, i) }));
}

/** Logical axes that lie behind each other in memory as one. */
function axesOf(edge: Edge): Axis[] {
  const strides = stridesOf(edge);
  const axes: Axis[] = [];
  edge.shape.forEach((size, d) => {
    if (size === 1) return;
    const outer = axes.at(-1);
    if (outer !== undefined && outer.stride === size * strides[d]!) axes[axes.length - 1] = { size: outer.size * size, stride: strides[d]! };
    else axes.push({ size, stride: strides[d]! });
  });
  return axes;
}

/** Takes an inner factor off the last axis. */
function peel(axes: Axis[], size: number): void {
  const last = axes.pop()!;
  if (last.size > size) axes.push({ size: last.size / size, stride: last.stride * size });
}

function common(a: number, b: number): number {
  return b === 0 ? a : common(b, a % b);
}

function offsetAt(axes: readonly Axis[], index: number): number {
  let [rest, offset] = [index, 0];
  for (const { size, stride } of [...axes].reverse()) {
    offset += (rest % size) * stride;
    rest = Math.floor(rest / size);
  }
  return offset;
}
