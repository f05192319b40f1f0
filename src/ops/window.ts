// Sliding windows: kernel, strides, dilations and padding of convolutions and pools, with auto_pad and ceil_mode resolved.
import type { GroupAttribute } from './group.ts';
import { numberOf, numbersOf, textOf } from './attributes.ts';
import type { NodeView } from './op.ts';
import { misfit } from './view.ts';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begin of each axis, then end of each axis: top, left, bottom, right. */
  readonly pads: readonly number[];
  /** Sizes of the output's spatial axes. */
  readonly output: readonly number[];
}

/** The window of a Conv or pool node over `spatial` sizes. */
export function windowOf(view: NodeView, spatial: readonly number[], kernel: readonly number[]): Window {
  const { node } = view;
  const rank = spatial.length;
  const strides = listOf(view, { name: 'strides', length: rank, fallback: 1 });
  const dilations = listOf(view, { name: 'dilations', length: rank, fallback: 1 });
  if (kernel.length !== rank) throw misfit(view, `kernel_shape has ${kernel.length} axes, the input ${rank} spatial ones`);
  const reach = kernel.map((size, i) => (size - 1) * dilations[i]! + 1);
  const pads = autoPads(view, { spatial, strides, reach });
  const up = numberOf(node, 'ceil_mode', 0) !== 0;
  const output = spatial.map((size, i) => {
    const room = size + pads[i]! + pads[i + rank]! - reach[i]!;
    const steps = up ? Math.ceil(room / strides[i]!) : Math.floor(room / strides[i]!);
    // A window that would start behind the input and its front padding is dropped (ONNX, since ceil_mode).
    return up && steps * strides[i]! >= size + pads[i]! ? steps : steps + 1;
  });
  if (output.some((size) => size < 1)) throw misfit(view, `its window ${reach.join('x')} is larger than the padded input`);
  return { kernel, strides, dilations, pads, output };
}

/** The window as attributes of a group (spec §5). */
export function windowAttributes({ kernel, strides, dilations, pads }: Window): Readonly<Record<string, GroupAttribute>> {
  return { kernel, strides, dilations, pads };
}

/** A list attribute with one member an axis. */
export function listOf(view: NodeView, { name, length, fallback }: { name: string; length: number; fallback: number }): readonly number[] {
  const list = numbersOf(view.node, name, Array.from({ length }, () => fallback));
  if (list.length !== length) throw misfit(view, `${name} has ${list.length} members, ${length} expected`);
  return list;
}

function autoPads(view: NodeView, { spatial, strides, reach }: { spatial: readonly number[]; strides: readonly number[]; reach: readonly number[] }): readonly number[] {
  const mode = textOf(view.node, 'auto_pad', 'NOTSET');
  const rank = spatial.length;
  if (mode === 'NOTSET') return listOf(view, { name: 'pads', length: 2 * rank, fallback: 0 });
  if (mode === 'VALID') return Array.from({ length: 2 * rank }, () => 0);
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') throw misfit(view, `unknown auto_pad "${mode}"`);
  const totals = spatial.map((size, i) => Math.max(0, (Math.ceil(size / strides[i]!) - 1) * strides[i]! + reach[i]! - size));
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, i) => total - small[i]!);
  return mode === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small];
}
