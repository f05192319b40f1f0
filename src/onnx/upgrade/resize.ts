// Upsample and Resize: Upsample-7 and -9, Resize-10 (whose coordinates are ONNX Runtime's choice: asymmetric, rounded down, or up where
// it shrinks), Resize-11.
import { numbersIn, withInputs, without, type Upgrade } from './upgrade.ts';

/** Upsample-9: scales as an input. */
export const upsample9: Upgrade = (node, view) => {
  const scales = numbersIn(node, 'scales') ?? view.refuse('it has no scales');
  return [without(withInputs(node, 1, [view.constant('scales', { dtype: 'FP32', shape: [scales.length], numbers: scales })]), 'scales')];
};

/** Upsample became Resize in opset 10. */
export const upsample10: Upgrade = (node) => [{ ...node, op: 'Resize', attributes: { mode: node.attributes['mode'] ?? 'nearest' } }];

/** Resize-11: an input for the region of interest, and coordinates that are said. */
export const resize11: Upgrade = (node, view) => {
  const mode = node.attributes['mode'] ?? 'nearest';
  const asymmetric = { ...node.attributes, mode, coordinate_transformation_mode: 'asymmetric' };
  const inputs = [node.inputs[0] ?? '', '', node.inputs[1] ?? ''];
  if (mode !== 'nearest') return [{ ...node, inputs, attributes: asymmetric }];
  const scales = (view.numbers(node.inputs[1]) ?? view.refuse('its scales are not constant')).filter((scale) => scale !== 1);
  const shrinks = scales.some((scale) => scale < 1);
  if (shrinks && scales.some((scale) => scale > 1)) view.refuse('it shrinks one dimension and stretches another');
  return [{ ...node, inputs, attributes: { ...asymmetric, nearest_mode: shrinks ? 'ceil' : 'floor' } }];
};

/** Resize-13: inputs that are not used are left out, where 11 wanted empty tensors; one coordinate mode went. */
export const resize13: Upgrade = (node, view) => {
  if (node.attributes['coordinate_transformation_mode'] === 'tf_half_pixel_for_nn') view.refuse('tf_half_pixel_for_nn was withdrawn');
  const used = node.inputs.slice(1).map((tensor) => (view.typeOf(tensor)?.shape[0] === 0 ? '' : tensor));
  // A region of interest means something to tf_crop_and_resize only.
  if (node.attributes['coordinate_transformation_mode'] !== 'tf_crop_and_resize') used[0] = '';
  return [withInputs(node, 1, used)];
};
