// Operators and attribute values that only got another name or default, and versions nobody has written an upgrade for yet.
import type { Upgrade } from './upgrade.ts';

/** Scatter became ScatterElements in opset 11. */
export const scatter: Upgrade = (node) => [{ ...node, op: 'ScatterElements' }];

/** RoiAlign-16 shifts coordinates by half a pixel unless told otherwise. */
export const roiAlign: Upgrade = (node) => [{ ...node, attributes: { ...node.attributes, coordinate_transformation_mode: 'output_half_pixel' } }];

/** GridSample-20 named its modes anew. */
export const gridSample: Upgrade = (node) => {
  const names: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' };
  const mode = node.attributes['mode'] ?? 'bilinear';
  return [{ ...node, attributes: { ...node.attributes, mode: typeof mode === 'string' ? (names[mode] ?? mode) : mode } }];
};

export const notYet: Upgrade = (_, view) => view.refuse('its meaning changed, and axbuild has no rule for it');
