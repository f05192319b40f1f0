// Normalisations. A BatchNormalization behind a convolution is folded into it by passes/fold-affine.ts.
import type { TensorType } from '../graph/graph.ts';
import { elements } from '../base/dtype.ts';
import { numberOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn, broadcast, sameShape } from './shapes.ts';
import { inputOf, isConstant, misfit } from './view.ts';

export const batchNormalization: Op = {
  type: 'BatchNormalization',
  infer(view) {
    if (numberOf(view.node, 'training_mode', 0) !== 0) throw misfit(view, 'it is in training mode; export the model for inference');
    const x = perChannel(view, [1, 2, 3, 4]);
    return [x];
  },
};

export const instanceNormalization: Op = { type: 'InstanceNormalization', infer: (view) => [perChannel(view, [1, 2])] };

export const layerNormalization: Op = {
  type: 'LayerNormalization',
  infer(view) {
    const x = inputOf(view, 0);
    const axis = normalisedAxis(view);
    const normalised = x.shape.slice(axis);
    for (const i of [1, 2]) {
      const type = view.inputs[i];
      if (type !== undefined && !sameShape(broadcast([type.shape, normalised]) ?? [], normalised)) throw misfit(view, `input ${i} does not fit its normalised axes`);
    }
    const statistics: TensorType = { dtype: 'FP32', shape: x.shape.map((size, i) => (i < axis ? size : 1)) };
    return [x, statistics, statistics].slice(0, view.node.outputs.length);
  },
  ...within(
    [
      { sentence: 'LayerNormalization must run over the last axis', holds: (view) => normalisedAxis(view) === inputOf(view, 0).shape.length - 1 },
      // A rank-4 tensor keeps its axis 1 together in memory; passes/three-axes.ts makes such a tensor three-dimensional.
      { sentence: 'The input of LayerNormalization must have rank 1, 2, 3 or 5', holds: (view) => [1, 2, 3, 5].includes(inputOf(view, 0).shape.length) },
      { sentence: 'LayerNormalization must run over 4096 elements at most', holds: (view) => inputOf(view, 0).shape.at(-1)! <= 4096 },
      {
        sentence: 'Scale and shift of LayerNormalization must be constants with one number an element',
        holds: (view) => [1, 2].every((i) => view.inputs[i] === undefined || (isConstant(view, i) && elements(inputOf(view, i).shape) === inputOf(view, 0).shape.at(-1))),
      },
    ],
    (view) => ({
      kind: 'layer_norm', attributes: { epsilon: Math.fround(numberOf(view.node, 'epsilon', 1e-5)) }, activations: [0],
      floats: { scale: 1, ...(view.inputs[2] !== undefined && { bias: 2 }) },
    }),
  ),
};

function normalisedAxis(view: NodeView): number {
  return axisIn(view, numberOf(view.node, 'axis', -1), inputOf(view, 0).shape.length);
}

function perChannel(view: NodeView, inputs: readonly number[]): TensorType {
  const x = inputOf(view, 0);
  const channels = x.shape[1] ?? 1;
  for (const i of inputs) {
    if (!sameShape(inputOf(view, i).shape, [channels])) throw misfit(view, `input ${i} must have one number for each of ${channels} channels`);
  }
  return x;
}
