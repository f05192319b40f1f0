// Operators whose attributes became inputs: Clip, Pad, Slice, Squeeze, Unsqueeze, Reduce…, Split, TopK.
import { list, numberOf, numbersIn, withInputs, without, type Upgrade } from './upgrade.ts';

/** Clip-11: bounds as inputs, each optional. */
export const clip: Upgrade = (node, view) => {
  const dtype = view.typeOf(node.inputs[0])?.dtype ?? 'FP32';
  const bound = (name: string): string => (node.attributes[name] === undefined ? '' : view.constant(name, { dtype, shape: [], numbers: [numberOf(node, name, 0)] }));
  return [without(withInputs(node, 1, [bound('min'), bound('max')]), 'min', 'max')];
};

/** Pad-11: pads and value as inputs. */
export const pad: Upgrade = (node, view) => {
  const dtype = view.typeOf(node.inputs[0])?.dtype ?? 'FP32';
  const value = numberOf(node, 'value', 0);
  const fill = value === 0 ? '' : view.constant('value', { dtype, shape: [], numbers: [value] });
  return [without(withInputs(node, 1, [list(view, 'pads', numbersIn(node, 'pads') ?? view.refuse('it has no pads')), fill]), 'pads', 'value')];
};

/** Slice-10: starts, ends, axes as inputs. */
export const slice: Upgrade = (node, view) => {
  const starts = numbersIn(node, 'starts') ?? view.refuse('it has no starts');
  const ends = numbersIn(node, 'ends') ?? view.refuse('it has no ends');
  const axes = numbersIn(node, 'axes') ?? starts.map((_, i) => i);
  return [without(withInputs(node, 1, [list(view, 'starts', starts), list(view, 'ends', ends), list(view, 'axes', axes)]), 'starts', 'ends', 'axes')];
};

/** Squeeze-13, Unsqueeze-13, ReduceSum-13, other reductions at 18: axes as an input. */
export const axes: Upgrade = (node, view) => {
  const numbers = numbersIn(node, 'axes');
  return [numbers === undefined ? node : without(withInputs(node, 1, [list(view, 'axes', numbers)]), 'axes')];
};

/** Split-13: sizes as an input. */
export const split: Upgrade = (node, view) => {
  const numbers = numbersIn(node, 'split');
  return [numbers === undefined ? node : without(withInputs(node, 1, [list(view, 'split', numbers)]), 'split')];
};

/** Split-18: without sizes, the number of outputs is said. */
export const splitEvenly: Upgrade = (node) => {
  const sized = (node.inputs[1] ?? '') !== '';
  return [sized ? node : { ...node, attributes: { ...node.attributes, num_outputs: node.outputs.length } }];
};

/** TopK-10: k as an input. */
export const topK: Upgrade = (node, view) => {
  if (node.attributes['k'] === undefined) view.refuse('it has no k');
  return [without(withInputs(node, 1, [list(view, 'k', [numberOf(node, 'k', 0)])]), 'k')];
};
