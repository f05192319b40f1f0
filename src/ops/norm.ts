// Normalisations. A BatchNormalization behind a convolution is folded into it by passes/fold-affine.ts.
import type { TensorType } from '../graph/graph.ts';
import { numberOf } from './attributes.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn, broadcast, sameShape } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

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
    const axis = axisIn(view, numberOf(view.node, 'axis', -1), x.shape.length);
    const normalised = x.shape.slice(axis);
    for (const i of [1, 2]) {
      const type = view.inputs[i];
      if (type !== undefined && !sameShape(broadcast([type.shape, normalised]) ?? [], normalised)) throw misfit(view, `input ${i} does not fit its normalised axes`);
    }
    const statistics: TensorType = { dtype: 'FP32', shape: x.shape.map((size, i) => (i < axis ? size : 1)) };
    return [x, statistics, statistics].slice(0, view.node.outputs.length);
  },
};

function perChannel(view: NodeView, inputs: readonly number[]): TensorType {
  const x = inputOf(view, 0);
  const channels = x.shape[1] ?? 1;
  for (const i of inputs) {
    if (!sameShape(inputOf(view, i).shape, [channels])) throw misfit(view, `input ${i} must have one number for each of ${channels} channels`);
  }
  return x;
}
