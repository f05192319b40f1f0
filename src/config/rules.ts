// What no single field can say: rules between the settings of a configuration. Each is a function that yields its faults.
import { basename } from 'node:path';
import { Fault, type Place } from '../base/fault.ts';
import type { BuildConfig } from './schema.ts';
import { parseShapes } from './shapes.ts';

export type PlaceOf = (path: string) => Place | undefined;
type Rule = (config: BuildConfig, at: (path: string, what: string, facts?: Fault['parts']['facts']) => Fault) => Iterable<Fault>;

export function brokenRules(config: BuildConfig, placeOf: PlaceOf): readonly Fault[] {
  const at = (path: string, what: string, facts: Fault['parts']['facts'] = []): Fault => {
    const place = placeOf(path);
    return new Fault({ exit: 2, what, facts, ...(place && { place }) });
  };
  return rules.flatMap((rule) => [...rule(config, at)]);
}

const samples = "one range can't run another number of samples than the rest";
/** Options of the compiler that a sub_config can't have of its own, and why. */
const ofTheWhole = { static_batch_sizes: samples, max_dynamic_batch_size: samples, disable_ir_fix: samples, ddr_bw_limit: 'all ranges run over one DDR' } as const;

const rules: readonly Rule[] = [
  function* required({ input, output_dir, quant }, at) {
    if (input === '') yield at('input', 'no model given', [['try', '--input model.onnx, or "input" in the configuration']]);
    if (output_dir === '') yield at('output_dir', 'no output folder given', [['try', '--output_dir output, or "output_dir" in the configuration']]);
    if (quant.input_configs.length === 0) yield at('quant.input_configs', 'no calibration data given', [['try', '"quant": { "input_configs": [{ "tensor_name": "DEFAULT", "calibration_dataset": "images.tar" }] }']]);
  },

  function* outputName({ output_name }, at) {
    const isName = output_name !== '' && output_name !== '.' && output_name !== '..' && basename(output_name) === output_name && !output_name.includes('\\');
    if (!isName) yield at('output_name', `output_name "${output_name}" is not a file name`, [['try', basename(output_name.replaceAll('\\', '/')) || 'compiled.axmodel']]);
  },

  function* workDir({ work_dir, output_dir }, at) {
    if (work_dir !== '' && work_dir !== output_dir) yield at('work_dir', `work_dir ${work_dir} is not built yet`, [['built', 'output_dir (the default)']]);
  },

  function* inputShapes({ input_shapes }, at) {
    const { fault } = parseShapes(input_shapes);
    if (fault !== undefined) yield at('input_shapes', fault, [['like', 'input1:1x3x224x224;input2:1x1x112x112']]);
  },

  /** One entry an input, and no second DEFAULT. */
  function* oneEach({ quant: { input_configs }, input_processors }, at) {
    const lists = { 'quant.input_configs': input_configs, input_processors };
    for (const [path, entries] of Object.entries(lists)) {
      const first = new Map<string, number>();
      for (const [i, { tensor_name }] of entries.entries()) {
        const before = first.get(tensor_name);
        if (before === undefined) first.set(tensor_name, i);
        else if (tensor_name !== '') yield at(`${path}[${i}].tensor_name`, `tensor "${tensor_name}" has two entries in ${path}`, [['first', `${path}[${before}]`]]);
      }
    }
  },

  function* meanAndStd({ quant: { input_configs }, input_processors }, at) {
    const pairs = [
      ...input_configs.map((entry, i) => ({ path: `quant.input_configs[${i}].calibration_`, mean: entry.calibration_mean, std: entry.calibration_std })),
      ...input_processors.map((entry, i) => ({ path: `input_processors[${i}].`, mean: entry.mean, std: entry.std })),
    ];
    for (const { path, mean, std } of pairs) {
      if (mean.length > 0 && std.length > 0 && mean.length !== std.length) yield at(`${path}std`, `${mean.length} means and ${std.length} divisors: one of each a channel`);
      const bad = std.findIndex((value) => value <= 0);
      if (bad >= 0) yield at(`${path}std[${bad}]`, `std ${std[bad]} can't divide: it must be more than 0`);
    }
  },

  function* oneSelector({ quant: { layer_configs } }, at) {
    for (const [i, entry] of layer_configs.entries()) {
      const path = `quant.layer_configs[${i}]`;
      const isSet = { layer_name: entry.layer_name !== '', layer_names: entry.layer_names.length > 0, op_type: entry.op_type !== '', op_types: entry.op_types.length > 0 };
      const start = entry.start_tensor_names.length > 0;
      const end = entry.end_tensor_names.length > 0;
      const chosen = [...Object.entries(isSet).flatMap(([name, set]) => (set ? [name] : [])), ...(start || end ? ['start_tensor_names with end_tensor_names'] : [])];
      const legal = ['one of', 'layer_name, layer_names, op_type, op_types, start_tensor_names with end_tensor_names'] as const;
      if (chosen.length === 0) yield at(path, `layer_configs[${i}] selects nothing`, [legal]);
      else if (chosen.length > 1) yield at(path, `layer_configs[${i}] has ${chosen.length} selectors: ${chosen.join(' and ')}`, [legal]);
      else if (start !== end) yield at(path, `layer_configs[${i}] has ${start ? 'start_tensor_names without end_tensor_names' : 'end_tensor_names without start_tensor_names'}`);
    }
  },

  function* ranges({ compiler: { sub_configs } }, at) {
    for (const [i, { start_tensor_names, end_tensor_names }] of sub_configs.entries()) {
      const path = `compiler.sub_configs[${i}]`;
      if (start_tensor_names.length === 0) yield at(`${path}.start_tensor_names`, `sub_configs[${i}] has no start_tensor_names`);
      if (end_tensor_names.length === 0) yield at(`${path}.end_tensor_names`, `sub_configs[${i}] has no end_tensor_names`);
    }
  },

  function* batches({ compiler }, at) {
    const { static_batch_sizes, max_dynamic_batch_size } = compiler;
    if (static_batch_sizes.length > 0 && max_dynamic_batch_size > 0) {
      yield at('compiler.max_dynamic_batch_size', 'static_batch_sizes and max_dynamic_batch_size are two ways to say which batches are compiled', [['try', 'one of them']]);
    }
    for (const [i, sub] of compiler.sub_configs.entries()) {
      for (const [name, why] of Object.entries(ofTheWhole) as [keyof typeof ofTheWhole, string][]) {
        if (String(sub[name]) !== String(compiler[name])) yield at(`compiler.sub_configs[${i}].${name}`, `${name} is the whole model's: ${why}`, [['try', `compiler.${name}`]]);
      }
    }
  },

  /** Groups of shapes: the i-th of every input that has any. */
  function* extraShapes({ input_processors }, at) {
    const given = input_processors.map((entry, i) => ({ i, count: entry.src_extra_shapes.length })).filter(({ count }) => count > 0);
    for (const { i, count } of given) {
      if (count !== given[0]!.count) yield at(`input_processors[${i}].src_extra_shapes`, `${count} extra shapes here, ${given[0]!.count} at input_processors[${given[0]!.i}]: the i-th of all inputs are one group`);
    }
    for (const [i, { src_extra_shapes }] of input_processors.entries()) {
      for (const [k, { shape }] of src_extra_shapes.entries()) {
        if (shape.length === 0) yield at(`input_processors[${i}].src_extra_shapes[${k}]`, 'this shape is empty', [['like', '{ "shape": [1, 3, 640, 640] }']]);
      }
    }
  },

  function* blackLists({ compiler }, at) {
    const lists = [['compiler', compiler.check_tensor_black_list] as const, ...compiler.sub_configs.map((sub, i) => [`compiler.sub_configs[${i}]`, sub.check_tensor_black_list] as const)];
    for (const [path, patterns] of lists) {
      for (const [i, pattern] of patterns.entries()) {
        const why = regexError(pattern);
        if (why !== undefined) yield at(`${path}.check_tensor_black_list[${i}]`, `"${pattern}" is no regular expression`, [['because', why]]);
      }
    }
  },
];

function regexError(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    // "Invalid regular expression: /(/: Unterminated group" -> "Unterminated group"
    return error instanceof Error ? error.message.replace(/^.*\/\w*: /, '').toLowerCase() : String(error);
  }
}
