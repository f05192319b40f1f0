// Conv.
import { elements } from '../base/dtype.ts';
import { numberOf, numbersOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { inputOf, isConstant, misfit } from './view.ts';
import { windowAttributes, windowOf, type Window } from './window.ts';

export const conv: Op = {
  type: 'Conv',
  infer(view) {
    const [x, weight] = [inputOf(view, 0), inputOf(view, 1)];
    const [outChannels, inChannels] = weight.shape;
    const group = numberOf(view.node, 'group', 1);
    if (x.shape.length < 3 || weight.shape.length !== x.shape.length) throw misfit(view, 'input and weight must have the same rank, 3 or more');
    if (x.shape[1] !== inChannels! * group) throw misfit(view, `its weight expects ${inChannels! * group} input channels, the input has ${x.shape[1]}`);
    if (outChannels! % group !== 0) throw misfit(view, `${outChannels} output channels can't be divided into ${group} groups`);
    const bias = view.inputs[2];
    if (bias !== undefined && elements(bias.shape) !== outChannels) throw misfit(view, `its bias has ${elements(bias.shape)} elements for ${outChannels} output channels`);
    return [{ dtype: x.dtype, shape: [x.shape[0]!, outChannels!, ...windowIn(view).output] }];
  },
  ...within(
    [
      { sentence: 'Conv must be two-dimensional', holds: (view) => view.inputs[0]?.shape.length === 4 },
      { sentence: 'The weights of Conv must be constant', holds: (view) => isConstant(view, 1) },
      { sentence: 'The bias of Conv must be constant', holds: (view) => view.inputs[2] === undefined || isConstant(view, 2) },
    ],
    (view) => ({
      kind: 'conv',
      attributes: { ...windowAttributes(windowIn(view)), group: numberOf(view.node, 'group', 1) },
      activations: [0],
      weights: { weight: { input: 1, axis: 0 } },
      floats: view.inputs[2] === undefined ? {} : { bias: 2 },
    }),
  ),
};

function windowIn(view: NodeView): Window {
  const kernel = inputOf(view, 1).shape.slice(2);
  const stated = numbersOf(view.node, 'kernel_shape', kernel);
  if (stated.join() !== kernel.join()) throw misfit(view, `kernel_shape is ${stated.join('x')}, its weight ${kernel.join('x')}`);
  return windowOf(view, inputOf(view, 0).shape.slice(2), kernel);
}
