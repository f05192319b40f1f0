// Resize. The NPU repeats rows and columns a whole number of times; whatever coordinate mode says that in other words is the same to it.
import { numberOf, numbersOf, textOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

export const resize: Op = {
  type: 'Resize',
  infer(view) {
    const x = inputOf(view, 0);
    return [{ dtype: x.dtype, shape: sizesOf(view) }];
  },
  ...within(
    [
      { sentence: 'Resize must work on height and width of a rank-4 tensor', holds: (view) => inputOf(view, 0).shape.length === 4 && factors(view).slice(0, 2).every((factor) => factor === 1) },
      { sentence: 'Resize must take the nearest element', holds: (view) => textOf(view.node, 'mode', 'nearest') === 'nearest' },
      { sentence: 'Resize must enlarge by whole factors', holds: (view) => factors(view).every((factor) => Number.isInteger(factor) && factor >= 1) },
      { sentence: 'The coordinates of Resize must repeat each element evenly (asymmetric with floor, half_pixel …)', holds: (view) => [2, 3].every((axis) => repeats(view, axis)) },
    ],
    (view) => ({ kind: 'resize', attributes: { scales: factors(view).slice(2) }, activations: [0], shares: true }),
  ),
};

/** Sizes of the output. */
function sizesOf(view: NodeView): readonly number[] {
  const { shape } = inputOf(view, 0);
  const axes = numbersOf(view.node, 'axes', shape.map((_, axis) => axis)).map((axis) => axisIn(view, axis, shape.length));
  const [sizes, scales] = [3, 2].map((i) => listAt(view, i));
  const list = sizes ?? scales;
  if (list === undefined) throw misfit(view, 'it has neither scales nor sizes');
  if (list.length !== axes.length) throw misfit(view, `${sizes === undefined ? 'scales' : 'sizes'} has ${list.length} members, ${axes.length} expected`);
  const out = [...shape];
  const policy = textOf(view.node, 'keep_aspect_ratio_policy', 'stretch');
  if (sizes === undefined) axes.forEach((axis, i) => (out[axis] = Math.floor(shape[axis]! * list[i]!)));
  else if (policy === 'stretch') axes.forEach((axis, i) => (out[axis] = list[i]!));
  else {
    const ratios = axes.map((axis, i) => list[i]! / shape[axis]!);
    const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
    for (const axis of axes) out[axis] = Math.floor(shape[axis]! * ratio + 0.5);
  }
  return out;
}

/** Numbers of an optional input; an empty list counts as left out. */
function listAt(view: NodeView, i: number): readonly number[] | undefined {
  const type = view.inputs[i];
  if (type === undefined || type.shape[0] === 0) return undefined;
  const list = view.constant(i);
  if (list === undefined) throw misfit(view, 'its size is computed at run time; axbuild compiles fixed shapes');
  return list;
}

function factors(view: NodeView): readonly number[] {
  const { shape } = inputOf(view, 0);
  return sizesOf(view).map((size, axis) => size / shape[axis]!);
}

/** Whether output position p reads input position floor(p / factor), for every p: ONNX's coordinate arithmetic carried out. */
function repeats(view: NodeView, axis: number): boolean {
  const from = inputOf(view, 0).shape[axis]!;
  const to = sizesOf(view)[axis]!;
  const coordinate = coordinates[textOf(view.node, 'coordinate_transformation_mode', 'half_pixel')];
  const nearest = rounding[textOf(view.node, 'nearest_mode', 'round_prefer_floor')];
  if (coordinate === undefined || nearest === undefined || numberOf(view.node, 'antialias', 0) !== 0) return false;
  return Array.from({ length: to }, (_, p) => p).every((p) => {
    const source = Math.min(Math.max(nearest(coordinate({ p, from, to })), 0), from - 1);
    return source === Math.floor((p * from) / to);
  });
}

const coordinates: Readonly<Record<string, (at: { p: number; from: number; to: number }) => number>> = {
  asymmetric: ({ p, from, to }) => (p * from) / to,
  half_pixel: ({ p, from, to }) => ((p + 0.5) * from) / to - 0.5,
  half_pixel_symmetric: ({ p, from, to }) => ((p + 0.5) * from) / to - 0.5,
  pytorch_half_pixel: ({ p, from, to }) => (to > 1 ? ((p + 0.5) * from) / to - 0.5 : 0),
  align_corners: ({ p, from, to }) => (to > 1 ? (p * (from - 1)) / (to - 1) : 0),
};

const rounding: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
};
