import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { defaultOf, optionsOf } from '../../src/config/field.ts';
import { dottedFields, fieldsOf, flagsOf, messages, messageOf, type MessageName } from '../../src/config/schema.ts';
import { referenceText } from '../../src/config/reference.ts';

const page = join(import.meta.dirname, '../../docs/configuration.md');
const names = Object.keys(messages) as MessageName[];

test('the reference page says what the schema says', () => {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, referenceText());
  assert.equal(readFileSync(page, 'utf8'), referenceText(), 'UPDATE_GOLDEN=1 writes it anew');
});

test('every default is legal, and every value said to be built is a legal one', () => {
  for (const name of names) {
    for (const [key, field] of Object.entries(fieldsOf(name))) {
      const options = optionsOf(field);
      const standard = defaultOf(field);
      if (options !== undefined && !field.repeated) assert.ok(options.includes(String(standard)), `${name}.${key}: default ${String(standard)}`);
      if (Array.isArray(field.built)) assert.ok(field.built.every((value: string) => options?.includes(value)), `${name}.${key}: built`);
      if ((field.type === 'int' || field.type === 'float') && field.limit && typeof standard === 'number') assert.ok(field.limit.fits(standard), `${name}.${key}: limit`);
    }
  }
});

test('every message that a field names exists, and only fields with a dotted path have flags', () => {
  for (const name of names) {
    for (const field of Object.values(fieldsOf(name))) if (field.type === 'message') messageOf(field);
  }
  for (const { path, field } of dottedFields('BuildConfig')) if (field.repeated && field.type === 'message') assert.equal(field.flag, undefined, path);
});

test('the flags of the vendor\'s help are there, in its order', () => {
  // pulsar2 build -h (4.0), and the undocumented --debug.dump_frontend_graph.
  const vendor = `input output_dir output_name work_dir model_type target_hardware npu_mode input_shapes
    onnx_opt.disable_onnx_optimization onnx_opt.enable_onnxsim onnx_opt.model_check onnx_opt.disable_transformation_check onnx_opt.save_tensors_data
    quant.calibration_method quant.precision_analysis quant.precision_analysis_method quant.precision_analysis_mode quant.highest_mix_precision
    quant.conv_bias_data_type quant.refine_weight_threshold quant.enable_smooth_quant quant.smooth_quant_threshold quant.smooth_quant_strength
    quant.transformer_opt_level quant.input_sample_dir quant.ln_scale_data_type quant.check quant.disable_auto_refine_scale quant.enable_easy_quant
    quant.disable_quant_optimization quant.enable_brecq quant.enable_lsq quant.enable_adaround quant.finetune_epochs quant.finetune_block_size
    quant.finetune_batch_size quant.finetune_lr quant.device compiler.static_batch_sizes compiler.max_dynamic_batch_size compiler.ddr_bw_limit
    compiler.disable_ir_fix compiler.check compiler.npu_perf compiler.check_mode compiler.check_rtol compiler.check_atol
    compiler.check_cosine_simularity compiler.check_tensor_black_list compiler.enable_slice_mode compiler.enable_tile_mode
    compiler.enable_data_soft_compression compiler.input_sample_dir debug.dump_frontend_graph`.split(/\s+/);
  assert.deepEqual(flagsOf('BuildConfig').map(({ path }) => path), vendor);
});
