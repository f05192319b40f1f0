// Random edits of the small network's configuration and sources.
import { pick, type Random } from '../rig/random.ts';
import type { Settings } from './scene.ts';

const groups = ['stem_conv_node', 'branch_node', 'join_node', 'left_node', 'right_node', 'concat_node', 'head_conv_node', 'pool_node', 'y_node'];
const ranges = [
  { start: ['join'], end: ['left', 'right'] },
  { start: ['join'], end: ['left'] },
  { start: ['concat'], end: ['head'] },
  { start: ['stem'], end: ['join'] },
  { start: ['x'], end: ['branch'] },
] as const;

/** Kinds of edits; each changes something. */
export const edits: Readonly<Record<string, (settings: Settings, rand: Random) => Settings>> = {
  'layer by name': (s, rand) => ({ ...s, layers: [...s.layers.slice(-2), { layer_name: pick(rand, groups), data_type: pick(rand, ['U8', 'S8', 'U16', 'S16']) }] }),
  'weights of a layer': (s, rand) => ({ ...s, layers: [...s.layers.slice(-2), { layer_names: ['stem_conv_node', 'branch_node'], weight_data_type: pick(rand, ['S8', 'S16']), output_data_type: pick(rand, ['U8', 'S16']) }] }),
  'an island of FP32': (s, rand) => ({ ...s, layers: [...s.layers.slice(-2), pick<object>(rand, [{ op_types: ['Add', 'Relu'], data_type: 'FP32' }, { op_types: ['Add', 'Concat'], data_type: 'FP32' }, { layer_names: ['stem_conv_node', 'head_conv_node'], output_data_type: 'FP32' }])] }),
  'layer by type': (s, rand) => ({ ...s, layers: [...s.layers.slice(-2), { op_type: pick(rand, ['Conv', 'Add', 'Concat', 'Relu', 'HardSwish']), data_type: pick(rand, ['U8', 'U16']) }] }),
  'layers removed': (s) => ({ ...s, layers: [] }),
  'range': (s, rand) => ({ ...s, range: rand() < 0.2 ? null : { ...pick(rand, ranges), options: {} } }),
  'check of a range': (s, rand) => ({ ...s, range: { ...(s.range ?? ranges[0]), options: { check: pick(rand, [0, 1, 2, 3]), check_rtol: pick(rand, [1e-5, 1e-4]) } } }),
  'images': (s, rand) => {
    const without = s.images.length > 2 && rand() < 0.5 ? s.images.slice(1) : s.images;
    return { ...s, images: [...new Set([...without, pick(rand, [0, 1, 2, 3, 4, 5, 100, 101])])].slice(-5) };
  },
  'weights': (s, rand) => ({ ...s, network: { ...s.network, scale: { node: pick(rand, ['stem_conv', 'branch', 'shared', 'head_conv', 'y']), by: pick(rand, [0.5, 1.25, 2]) } } }),
  'front operator': (s) => ({ ...s, network: { ...s.network, front: s.network.front !== true } }),
};
