// What of a configuration in force is beyond the defaults.
import assert from 'node:assert/strict';
import test from 'node:test';
import { resolveConfig, setting, settingsOf } from '../../src/config/index.ts';
import type { Json } from '../../src/base/canonical.ts';

function settings(given: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const all = { input: 'models/det.onnx', output_dir: 'out', 'quant.input_configs': [images], ...given };
  return settingsOf(resolveConfig({ configs: [], base: '/work', overrides: Object.entries(all).map(([path, value]) => setting(path, value, 'test')) }).effective);
}

const images = { tensor_name: 'x', calibration_dataset: 'x.tar' };

test('defaults are left out, whether written or not; paths are those of any folder', () => {
  const least = { input: 'models/det.onnx', 'quant.input_configs[0].tensor_name': 'x', 'quant.input_configs[0].calibration_dataset': 'x.tar' };
  assert.deepEqual(settings({}), least);
  assert.deepEqual(settings({ npu_mode: 'NPU1', 'compiler.check': 0, 'quant.layer_configs': [] }), least);
});

test('each by its dotted path, lists of messages by their index, other lists whole', () => {
  const { input: _, ...rest } = settings({
    npu_mode: 'NPU3',
    'compiler.static_batch_sizes': [1, 2],
    'quant.input_configs': [{ ...images, calibration_mean: [1, 2, 3] }],
    'quant.layer_configs': [{ op_type: 'Conv', data_type: 'U16' }, { layer_name: 'a', data_type: 'S16' }],
  });
  assert.deepEqual(rest, {
    npu_mode: 'NPU3',
    'quant.input_configs[0].tensor_name': 'x',
    'quant.input_configs[0].calibration_dataset': 'x.tar',
    'quant.input_configs[0].calibration_mean': [1, 2, 3],
    'quant.layer_configs[0].op_type': 'Conv',
    'quant.layer_configs[0].data_type': 'U16',
    'quant.layer_configs[1].layer_name': 'a',
    'quant.layer_configs[1].data_type': 'S16',
    'compiler.static_batch_sizes': [1, 2],
  });
});
