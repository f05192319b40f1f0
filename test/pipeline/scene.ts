// The small network in a workspace, with its configuration as plain settings that scenes change one at a time.
import { middle, smallNetwork, type NetworkOptions } from '../rig/network.ts';
import { Workspace } from '../rig/workspace.ts';

export interface Settings {
  layers: object[];
  /** Options of the middle range; null: no range, the network is one unit. */
  range: { start: readonly string[]; end: readonly string[]; options: object } | null;
  check: number;
  images: number[];
  network: NetworkOptions;
  size: number;
  mode: string;
  /** Further options of compiler. */
  compiler: object;
  /** src_extra_shapes of x. */
  extra: readonly (readonly number[])[];
}

export const plain: Settings = {
  layers: [],
  range: { ...middle, options: {} },
  check: 2,
  images: [0, 1, 2],
  network: {},
  size: -1,
  mode: 'NPU1',
  compiler: {},
  extra: [],
};

/** Writes all sources of a workspace. The same settings give the same bytes. */
export function put(workspace: Workspace, settings: Settings): void {
  const { images, network } = settings;
  workspace.write('small.onnx', smallNetwork(network));
  workspace.images(images);
  workspace.write('axbuild.yaml', JSON.stringify(manifestOf(settings), null, 2));
}

export function manifestOf({ layers, range, check, size, mode = plain.mode, compiler = {}, extra = [] }: Pick<Settings, 'layers' | 'range' | 'check' | 'size'> & Partial<Settings>): object {
  const config = {
    ...(mode !== plain.mode && { npu_mode: mode }),
    quant: {
      input_configs: [{ tensor_name: 'x', calibration_dataset: 'images.tar', calibration_format: 'Numpy', calibration_size: size }],
      layer_configs: layers,
    },
    ...(extra.length > 0 && { input_processors: [{ tensor_name: 'x', src_extra_shapes: extra.map((shape) => ({ shape })) }] }),
    compiler: { check, ...compiler, sub_configs: range === null ? [] : [{ start_tensor_names: range.start, end_tensor_names: range.end, ...range.options }] },
  };
  return { models: { small: { input: 'small.onnx', config } } };
}
