// What the user calls an option of a task. Every setting named here is one that the schema has.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Field } from '../../src/config/field.ts';
import { fieldsOf, messageOf, type MessageName } from '../../src/config/schema.ts';
import { settingOf } from '../../tasks/setting-of.ts';

const cases: readonly (readonly [string, string, string | undefined])[] = [
  ['resolve', 'layer_configs[2].data_type', 'quant.layer_configs[2].data_type'],
  ['resolve', 'method', 'quant.calibration_method'],
  ['partition', 'ranges[0].start[1]', 'compiler.sub_configs[0].start_tensor_names[1]'],
  ['partition', 'ranges[1]', 'compiler.sub_configs[1]'],
  ['check', 'rtol', 'compiler.check_rtol'],
  ['link_check', 'cosine', 'compiler.check_cosine_simularity'],
  ['observe', 'inputs[0].calibration.mean[2]', 'quant.input_configs.calibration_mean'],
  ['unpack', 'input.calibration.std[0]', 'quant.input_configs.calibration_std'],
  ['optimise', 'enabled', 'onnx_opt.disable_onnx_optimization'],
  ['tile', 'chip.modes[0].ocmBytes', 'npu_mode'],
  ['tile', 'chip.clockMhz', 'target_hardware'],
  ['link', 'edges[3].edge.dtype', undefined],
  ['head', 'letters', undefined],
];

for (const [task, option, setting] of cases) {
  test(`${task} ${option}: ${setting ?? 'decided by no setting'}`, () => {
    assert.equal(settingOf(task, option)?.name, setting);
    if (setting !== undefined) assert.ok(isSetting(setting), 'the schema has it');
  });
}

function isSetting(path: string): boolean {
  let message: MessageName | undefined = 'BuildConfig';
  for (const name of path.replace(/\[\d+\]/g, '').split('.')) {
    const field: Field | undefined = message && fieldsOf(message)[name];
    if (field === undefined) return false;
    message = field.type === 'message' ? messageOf(field) : undefined;
  }
  return true;
}
