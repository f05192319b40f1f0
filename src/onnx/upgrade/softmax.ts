// Softmax, LogSoftmax, Hardmax before 13 work on the input flattened to two dimensions at `axis` (1 unless said otherwise).
import type { Node } from '../../graph/graph.ts';
import { numberOf, type Upgrade } from './upgrade.ts';

export const softmax: Upgrade = (node, view) => {
  const axis = numberOf(node, 'axis', 1);
  const rank = view.typeOf(node.inputs[0])?.shape.length;
  const last = axis === -1 || (rank !== undefined && axis === rank - 1);
  if (last) return [{ ...node, attributes: { ...node.attributes, axis: -1 } }];

  const [input, output] = [node.inputs[0] ?? '', node.outputs[0] ?? ''];
  const part = (op: string, { inputs, output: made, attributes = {} }: { inputs: string[]; output: string; attributes?: Node['attributes'] }): Node => ({
    name: `${node.name}/${op}`, op, domain: '', inputs, outputs: [made], attributes,
  });
  const [shape, flat, result] = [view.tensor('shape'), view.tensor('flat'), view.tensor('flat_result')];
  return [
    part('Shape', { inputs: [input], output: shape }),
    part('Flatten', { inputs: [input], output: flat, attributes: { axis } }),
    { ...node, inputs: [flat], outputs: [result], attributes: { axis: -1 } },
    part('Reshape', { inputs: [result, shape], output }),
  ];
};
