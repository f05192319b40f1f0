// BatchNormalization and Dropout: what trained networks still carry from their training.
import { without, type Upgrade } from './upgrade.ts';

/** BatchNormalization-9: `spatial` went; 0 meant statistics per position. */
export const batchNormalization9: Upgrade = (node, view) => {
  if (node.attributes['spatial'] === 0) view.refuse('spatial=0 was withdrawn');
  return [without(node, 'spatial')];
};

/** BatchNormalization-14: extra outputs, which meant training, went. */
export const batchNormalization14: Upgrade = (node, view) => {
  if (node.outputs.slice(1).some((tensor) => tensor !== '')) view.refuse('its extra outputs are for training');
  return [{ ...node, outputs: node.outputs.slice(0, 1) }];
};

/** Dropout-12: the ratio became an input, which inference doesn't read. */
export const dropout: Upgrade = (node, view) => {
  if (node.outputs.slice(1).some((tensor) => tensor !== '')) view.refuse('its mask is for training');
  return [{ ...without(node, 'ratio'), outputs: node.outputs.slice(0, 1) }];
};
