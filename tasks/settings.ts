// What the pipeline tells its jobs beyond the user's words: the parts of the configuration that a job declares, and constants of the toolchain
// that steer several jobs at once. All of it by value, so that it is in the recipe.
import { normalisationOf, processorOf, type BuildConfig } from '../src/config/index.ts';
import type { UnitPlan } from '../src/quant/network.ts';
import type { LayerConfig } from '../src/quant/precision.ts';
import { governing } from './checking.ts';
import type { Facts } from './passing.ts';
import type { Range } from './setting-path.ts';

export interface ToolchainSettings {
  /** Kinds of groups behind which unary functions are fused. */
  readonly fusing: readonly string[];
  readonly passes: readonly string[];
  /** ONNX Runtime's bits depend on these. */
  readonly runtime: Readonly<Record<string, string | number>>;
}

export async function toolchainSettings(): Promise<ToolchainSettings> {
  const [{ kinds }, { passes }, { floatRuntime }] = await Promise.all([import('../src/ops/kinds/index.ts'), import('../src/passes/index.ts'), import('../src/onnx/float.ts')]);
  return {
    fusing: kinds.filter((kind) => kind.fusesChain).map((kind) => kind.name),
    passes: passes.map((pass) => `passes/${pass.name}`),
    runtime: floatRuntime,
  };
}

/** How runtime inputs arrive: what shapes the network. */
export function inputForms(config: BuildConfig): { tensor: string; dtype: 'U8' | 'FP32'; layout: 'NHWC' | 'NCHW' }[] {
  return config.input_processors.map(({ tensor_name: tensor, src_dtype, src_layout }) => ({
    tensor, dtype: src_dtype === 'U8' ? 'U8' : 'FP32', layout: src_layout === 'NHWC' ? 'NHWC' : 'NCHW',
  }));
}

/** Mean and std embedded in the compiled model: what is a value of it. Only inputs with a processor are preprocessed on the device. */
export function inputScalings(config: BuildConfig, facts: Facts): { tensor: string; mean: number[]; std: number[] }[] {
  return facts.inputs.flatMap(({ name }) => {
    const scaling = processorOf(config, name) === undefined ? null : normalisationOf(config, name);
    return scaling === null ? [] : [{ tensor: name, mean: [...scaling.mean], std: [...scaling.std] }];
  });
}

/** What each layer_config selects, and what for; types that it doesn't name are left out. */
export function layerConfigs(config: BuildConfig): LayerConfig[] {
  const named = (type: string): boolean => type !== 'DefaultDataType';
  return config.quant.layer_configs.map(({ layer_name, layer_names, op_type, op_types, start_tensor_names, end_tensor_names, data_type, weight_data_type, output_data_type }) => ({
    layer_name, layer_names, op_type, op_types, start_tensor_names, end_tensor_names,
    ...(named(data_type) && { data_type }), ...(named(weight_data_type) && { weight_data_type }), ...(named(output_data_type) && { output_data_type }),
  }));
}

/** The ranges of sub_configs, in their order. */
export function rangesOf({ compiler }: BuildConfig): Range[] {
  return compiler.sub_configs.map(({ start_tensor_names: start, end_tensor_names: end }) => ({ start, end }));
}

/** model_check compares the optimised network with the original; unless that is disabled, after each pass as well. */
export function checkOf({ onnx_opt }: BuildConfig): 'none' | 'whole' | 'passes' {
  return !onnx_opt.model_check ? 'none' : onnx_opt.disable_transformation_check ? 'whole' : 'passes';
}

/** enable_data_soft_compression: the model's is also that of the parameters, which all units share; a range's is that of its programs. */
export function compressionOf(config: BuildConfig, units: readonly UnitPlan[]): { units: string[]; params: boolean } {
  const wanted = units.filter((unit) => unit.type === 'NPU' && governing(config, unit).enable_data_soft_compression);
  return { units: wanted.map(({ name }) => name), params: config.compiler.enable_data_soft_compression };
}
