// ConvTranspose.
import { elements } from '../base/dtype.ts';
import { numberOf, numbersOf, textOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { inputOf, isConstant, misfit } from './view.ts';
import { listOf, type Window } from './window.ts';

export const convTranspose: Op = {
  type: 'ConvTranspose',
  infer(view) {
    const [x, weight] = [inputOf(view, 0), inputOf(view, 1)];
    const [inChannels, perGroup] = weight.shape;
    if (x.shape.length < 3 || weight.shape.length !== x.shape.length) throw misfit(view, 'input and weight must have the same rank, 3 or more');
    if (x.shape[1] !== inChannels) throw misfit(view, `its weight expects ${inChannels} input channels, the input has ${x.shape[1]}`);
    const outChannels = perGroup! * numberOf(view.node, 'group', 1);
    const bias = view.inputs[2];
    if (bias !== undefined && elements(bias.shape) !== outChannels) throw misfit(view, `its bias has ${elements(bias.shape)} elements for ${outChannels} output channels`);
    return [{ dtype: x.dtype, shape: [x.shape[0]!, outChannels, ...windowIn(view).output] }];
  },
  ...within(
    [
      { sentence: 'ConvTranspose must be two-dimensional', holds: (view) => view.inputs[0]?.shape.length === 4 },
      { sentence: 'ConvTranspose must have one group', holds: (view) => numberOf(view.node, 'group', 1) === 1 },
      { sentence: 'The dilations of ConvTranspose must be 1', holds: (view) => numbersOf(view.node, 'dilations', []).every((dilation) => dilation === 1) },
      { sentence: 'The weights of ConvTranspose must be constant', holds: (view) => isConstant(view, 1) },
      { sentence: 'The bias of ConvTranspose must be constant', holds: (view) => view.inputs[2] === undefined || isConstant(view, 2) },
    ],
    (view) => {
      const { kernel, strides, pads } = windowIn(view);
      return {
        kind: 'conv_transpose',
        attributes: { kernel, strides, pads, output_padding: listOf(view, { name: 'output_padding', length: 2, fallback: 0 }) },
        activations: [0],
        // ONNX keeps [in, out, kh, kw]; the group's constant is [out, in, kh, kw].
        weights: { weight: { input: 1, axis: 1, transpose: [1, 0, 2, 3] } },
        floats: view.inputs[2] === undefined ? {} : { bias: 2 },
      };
    },
  ),
};

function windowIn(view: NodeView): Window {
  const spatial = inputOf(view, 0).shape.slice(2);
  const kernel = inputOf(view, 1).shape.slice(2);
  const length = spatial.length;
  const strides = listOf(view, { name: 'strides', length, fallback: 1 });
  const dilations = listOf(view, { name: 'dilations', length, fallback: 1 });
  const extra = listOf(view, { name: 'output_padding', length, fallback: 0 });
  // Size of the output before any padding is cut off.
  const full = spatial.map((size, i) => strides[i]! * (size - 1) + extra[i]! + (kernel[i]! - 1) * dilations[i]! + 1);
  const mode = textOf(view.node, 'auto_pad', 'NOTSET');
  const same = mode === 'SAME_UPPER' || mode === 'SAME_LOWER';
  const wanted = numbersOf(view.node, 'output_shape') ?? (same ? spatial.map((size, i) => size * strides[i]!) : undefined);
  const pads = wanted === undefined
    ? mode === 'VALID' ? [...spatial, ...spatial].map(() => 0) : listOf(view, { name: 'pads', length: 2 * length, fallback: 0 })
    : padsFor(full.map((size, i) => Math.max(0, size - wanted.at(i - length)!)), mode);
  const output = full.map((size, i) => size - pads[i]! - pads[i + length]!);
  if (output.some((size) => size < 1)) throw misfit(view, 'its padding cuts away the whole output');
  return { kernel, strides, dilations, pads, output };
}

/** ONNX gives the odd one to the end for SAME_UPPER and to the beginning otherwise. */
function padsFor(totals: readonly number[], mode: string): readonly number[] {
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, i) => total - small[i]!);
  return mode === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small];
}
