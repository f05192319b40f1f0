// What a user reads when a configuration is wrong: the whole text. Settings under test start on line 2.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { resolveConfig } from '../../src/config/index.ts';
import { calibration, configOf, faultOf, folderWith, needed, resolveText } from './scene.ts';

const quant = (settings: string): string => `{ ${needed}\n"quant": { ${calibration},\n  ${settings} } }`;
const root = (settings: string): string => `{ ${needed} "quant": { ${calibration} },\n  ${settings} }`;

const cases: readonly (readonly [name: string, text: string, says: string, file?: string])[] = [
  ['an unknown key, with the nearest known one', quant('"calibration_metod": "MinMax"'), `
det.json:3:3  unknown key "calibration_metod" in quant
   3 │   "calibration_metod": "MinMax" } }
     │   ~~~~~~~~~~~~~~~~~~~
   try  calibration_method`],
  ['a known key in the wrong place', root('"calibration_method": "MinMax"'), `
det.json:2:3  unknown key "calibration_method"
   2 │   "calibration_method": "MinMax" }
     │   ~~~~~~~~~~~~~~~~~~~~
   belongs to  quant`],
  ['a key that is like no other', root('"debug": { "verbose": true }'), `
det.json:2:14  unknown key "verbose" in debug
   2 │   "debug": { "verbose": true } }
     │              ~~~~~~~~~
   known  dump_frontend_graph`],
  ['an illegal value of an enum, with the legal ones', quant('"calibration_method": "MinMx"'), `
det.json:3:25  unknown calibration method "MinMx"
   3 │   "calibration_method": "MinMx" } }
     │                         ~~~~~~~
   known  MinMax, Percentile, MSE, KL
   try    MinMax`],
  ['a value of an enum that makes no sense for this field', quant('"conv_bias_data_type": "U8"'), `
det.json:3:26  unknown conv bias data type "U8"
   3 │   "conv_bias_data_type": "U8" } }
     │                          ~~~~
   known  S32, FP32`],
  ['a text where a bool is due', root('"onnx_opt": { "model_check": "true" }'), `
det.json:2:32  model_check takes true or false, not the text "true"
   2 │   "onnx_opt": { "model_check": "true" } }
     │                                ~~~~~~
   try  true`],
  ['a text where a number is due', root('"compiler": { "check": "2" }'), `
det.json:2:26  check takes a whole number, not the text "2"
   2 │   "compiler": { "check": "2" } }
     │                          ~~~
   try  2`],
  ['a number where a name is due', quant('"layer_configs": [{ "layer_names": [317] }]'), `
det.json:3:39  layer_names[0] takes a text, not the number 317
   3 │   "layer_configs": [{ "layer_names": [317] }] } }
     │                                       ~~~
   try  "317"`],
  ['a map where a list is due', quant('"layer_configs": { "op_type": "Conv" }'), `
det.json:3:20  layer_configs takes a list of maps, not a map
   3 │   "layer_configs": { "op_type": "Conv" } } }
     │                    ~~~~~~~~~~~~~~~~~~~~~`],
  ['a list where a map is due', root('"compiler": []'), `
det.json:2:15  compiler is a map of settings, not a list
   2 │   "compiler": [] }
     │               ~~`],
  ['a number out of its limits', quant('"refine_weight_threshold": 0.001'), `
det.json:3:30  refine_weight_threshold 0.001 is out of limits
   3 │   "refine_weight_threshold": 0.001 } }
     │                              ~~~~~
   limits  0, -1 or less than 0.0001`],
  ['a stage that is not built', quant('"calibration_method": "KL"'), `
det.json:3:25  calibration_method KL is not built yet
   3 │   "calibration_method": "KL" } }
     │                         ~~~~
   built  MinMax`],
  ['a switch whose stage is not built', quant('"enable_smooth_quant": true'), `
det.json:3:26  enable_smooth_quant true is not built yet
   3 │   "enable_smooth_quant": true } }
     │                          ~~~~
   built  false (the default)`],
  ['a list whose stage is not built', root('"output_processors": [{ "tensor_name": "y" }]'), `
det.json:2:24  output_processors is not built yet
   2 │   "output_processors": [{ "tensor_name": "y" }] }
     │                        ~~~~~~~~~~~~~~~~~~~~~~~~
   built  [] (the default)`],
  ['everything that is wrong at once, in the order of the file', root('"compiler": { "check": 4, "compiler_group_patterns": [{}], "chek": 2 }, "model_type": "QuantONNX"'), `
det.json:2:26  check 4 is out of limits
   2 │   "compiler": { "check": 4, "compiler_group_patterns": [{}], "chek": 2 }, "model_type": "QuantONNX" }
     │                          ~
   limits  0 to 3
det.json:2:56  compiler_group_patterns is not built yet
   2 │   "compiler": { "check": 4, "compiler_group_patterns": [{}], "chek": 2 }, "model_type": "QuantONNX" }
     │                                                        ~~~~
   built  [] (the default)
det.json:2:62  unknown key "chek" in compiler
   2 │   "compiler": { "check": 4, "compiler_group_patterns": [{}], "chek": 2 }, "model_type": "QuantONNX" }
     │                                                              ~~~~~~
   try  check
det.json:2:89  model_type QuantONNX is not built yet
   2 │   "compiler": { "check": 4, "compiler_group_patterns": [{}], "chek": 2 }, "model_type": "QuantONNX" }
     │                                                                                         ~~~~~~~~~~~
   built  ONNX (the default)`],
  ['a layer_config without a selector', quant('"layer_configs": [{ "data_type": "U16" }]'), `
det.json:3:21  layer_configs[0] selects nothing
   3 │   "layer_configs": [{ "data_type": "U16" }] } }
     │                     ~~~~~~~~~~~~~~~~~~~~~~
   one of  layer_name, layer_names, op_type, op_types, start_tensor_names with end_tensor_names`],
  ['a layer_config with two selectors', quant('"layer_configs": [{ "op_type": "Add", "layer_name": "a" }]'), `
det.json:3:21  layer_configs[0] has 2 selectors: layer_name and op_type
   3 │   "layer_configs": [{ "op_type": "Add", "layer_name": "a" }] } }
     │                     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
   one of  layer_name, layer_names, op_type, op_types, start_tensor_names with end_tensor_names`],
  ['a layer_config with half a range', quant('"layer_configs": [{ "start_tensor_names": "a" }]'), `
det.json:3:21  layer_configs[0] has start_tensor_names without end_tensor_names
   3 │   "layer_configs": [{ "start_tensor_names": "a" }] } }
     │                     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~`],
  ['a sub_config in a sub_config', root('"compiler": { "sub_configs": [{ "start_tensor_names": "a", "end_tensor_names": "b",\n  "sub_configs": [] }] }'), `
det.json:3:3  unknown key "sub_configs" in sub_configs[0]
   3 │   "sub_configs": [] }] } }
     │   ~~~~~~~~~~~~~
   belongs to  compiler`],
  ['a sub_config without an end', root('"compiler": { "sub_configs": [{ "start_tensor_names": "a" }] }'), `
det.json:2:33  end_tensor_names is missing
   2 │   "compiler": { "sub_configs": [{ "start_tensor_names": "a" }] } }
     │                                 ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
   about  Tensors where the range ends.`],
  ['a wrong setting that a sub_config inherits, once', root('"compiler": { "check": 5, "sub_configs": [{ "start_tensor_names": "a", "end_tensor_names": "b" }] }'), `
det.json:2:26  check 5 is out of limits
   2 │   "compiler": { "check": 5, "sub_configs": [{ "start_tensor_names": "a", "end_tensor_names": "b" }] } }
     │                          ~
   limits  0 to 3`],
  ['an entry without the archive it is for', `{ ${needed} "quant": { "input_configs": [\n  { "tensor_name": "x" } ] } }`, `
det.json:2:3  calibration_dataset is missing
   2 │   { "tensor_name": "x" } ] } }
     │   ~~~~~~~~~~~~~~~~~~~~~~
   about  Archive of samples: .tar, .tar.gz, .tgz or .zip.`],
  ['means and divisors that do not pair', `{ ${needed} "quant": { "input_configs": [{ "tensor_name": "x", "calibration_dataset": "d.tar",\n  "calibration_mean": [1, 2, 3], "calibration_std": [1, 1] }] } }`, `
det.json:2:53  3 means and 2 divisors: one of each a channel
   2 │   "calibration_mean": [1, 2, 3], "calibration_std": [1, 1] }] } }
     │                                                     ~~~~~~`],
  ['a shape that can not be read', root('"input_shapes": "x=1x3"'), `
det.json:2:19  "x=1x3" is not name:sizes
   2 │   "input_shapes": "x=1x3" }
     │                   ~~~~~~~
   like  input1:1x3x224x224;input2:1x1x112x112`],
  ['an output name that is a path', root('"output_name": "../a.axmodel"'), `
det.json:2:18  output_name "../a.axmodel" is not a file name
   2 │   "output_name": "../a.axmodel" }
     │                  ~~~~~~~~~~~~~~
   try  a.axmodel`],
  ['a black list that is no regular expression', root('"compiler": { "check_tensor_black_list": ["ok.*", "("] }'), `
det.json:2:53  "(" is no regular expression
   2 │   "compiler": { "check_tensor_black_list": ["ok.*", "("] } }
     │                                                     ~~~
   because  unterminated group`],
  ['nothing that a build needs', '{}', `
det.json  no model given
   try  --input model.onnx, or "input" in the configuration
det.json  no output folder given
   try  --output_dir output, or "output_dir" in the configuration
det.json  no calibration data given
   try  "quant": { "input_configs": [{ "tensor_name": "DEFAULT", "calibration_dataset": "images.tar" }] }`],
  ['JSON without a comma', '{ "input": "a"\n  "output_dir": "b" }', `
det.json:2:3  expected , or }
   2 │   "output_dir": "b" }
     │   ~`],
  ['JSON that ends too early', '{ "input": "a", "quant": {', `
det.json:1:27  expected a key in double quotes, or }, but the file ends here
   1 │ { "input": "a", "quant": {
     │                           ~`],
  ['a text without quotes', '{ "input": model.onnx }', `
det.json:1:12  expected a value: texts stand in double quotes
   1 │ { "input": model.onnx }
     │            ~~~~~~~~~~`],
  ['a key that is set twice', '{ "input": "a",\n  "input": "b" }', `
det.json:2:3  "input" is set twice
   2 │   "input": "b" }
     │   ~~~~~~~
   first  line 1, column 3`],
  ['a comment that does not end', '{ /* never', `
det.json:1:3  this comment does not end
   1 │ { /* never
     │   ~~`],
  ['JSON nested without end', '['.repeat(100), `
det.json:1:65  nested deeper than 64 levels
   1 │ ${'['.repeat(100)}
     │ ${' '.repeat(64)}~`],
  ['YAML: a wrong type, with line and column', 'input: m.onnx\noutput_dir: out\ncompiler:\n  check: two\n', `
det.yaml:4:10  check takes a whole number, not the text "two"
   4 │   check: two
     │          ~~~`, 'det.yaml'],
  ['YAML: a wrong enum in a block list', 'quant:\n  layer_configs:\n    - op_type: Conv\n      data_type: U17\n', `
det.yaml:4:18  unknown data type "U17"
   4 │       data_type: U17
     │                  ~~~
   known  DefaultDataType, U8, S8, U16, S16, FP32
   try    U16`, 'det.yaml'],
  ['YAML that is none', 'input: a\n  b: c\n', `
det.yaml:1:8  this is no YAML: nested mappings are not allowed in compact mappings
   1 │ input: a
     │        ~`, 'det.yaml'],
  ['a key twice in YAML', 'input: a\ninput: b\n', `
det.yaml:2:1  this is no YAML: map keys must be unique
   2 │ input: b
     │ ~`, 'det.yaml'],
  ['a second YAML document', 'input: a\n---\ninput: b\n', `
det.yaml:2:1  a second document: one configuration a file
   2 │ ---
     │ ~`, 'det.yaml'],
  ['an alias to nothing', 'input: *model\n', `
det.yaml:1:8  nothing is anchored as &model
   1 │ input: *model
     │        ~~~~~~`, 'det.yaml'],
  ['a format that is not built', 'input = "m.onnx"', `
det.toml: reading .toml is not built yet
   built  .json, .yaml, .yml`, 'det.toml'],
  ['a file that is no configuration', 'x', `
det.onnx: not a format of configuration files
   known  .json, .yaml, .yml`, 'det.onnx'],
];

for (const [name, text, says, file] of cases) {
  test(`${name}`, (t) => {
    assert.equal(faultOf(() => resolveText(t, text, file === undefined ? {} : { file })), says.slice(1));
  });
}

test('flags that are wrong are named as they were typed', (t) => {
  const flags = { 'quant.calibration_method': ['MinMx'], 'quant.precision_analysis': [], 'compiler.check': ['two'], 'quant.finetune_lr': ['0.1'] };
  assert.equal(faultOf(() => resolveText(t, root('"compiler": {}'), { flags })), `
--quant.calibration_method  unknown calibration method "MinMx"
   known  MinMax, Percentile, MSE, KL
   try    MinMax
--quant.precision_analysis  precision_analysis true is not built yet
   built  false (the default)
--quant.finetune_lr  finetune_lr 0.1 is not built yet
   built  0.001 (the default)
--compiler.check  check takes a whole number, not the text "two"`.slice(1));
});

test('a file that is not there, is a folder, or is not text', (t) => {
  const base = folderWith(t, { 'latin.json': Uint8Array.from([0x7b, 0xe9, 0x7d]) });
  mkdirSync(join(base, 'folder.json'));
  const from = { file: 'axbuild.yaml', line: 4, column: 13, text: '    config: nowhere.json', width: 12 };
  assert.equal(faultOf(() => resolveConfig({ configs: [{ file: 'nowhere.json' }], base })), 'nowhere.json: no such file');
  assert.equal(faultOf(() => resolveConfig({ configs: [{ file: 'folder.json' }], base })), 'folder.json: a folder, not a file');
  assert.equal(faultOf(() => resolveConfig({ configs: [{ file: 'latin.json' }], base })), 'latin.json: not UTF-8 text');
  assert.equal(faultOf(() => resolveConfig({ configs: [{ file: 'nowhere.json', from }], base })), `
axbuild.yaml:4:13  nowhere.json: no such file
   4 │     config: nowhere.json
     │             ~~~~~~~~~~~~`.slice(1));
});

test('a line that would fill the screen is cut', (t) => {
  const says = faultOf(() => resolveText(t, root(`"model_type": "QuantONNX", "input_shapes": "${'x'.repeat(5000)}:1"`)));
  assert.ok(says.split('\n').every((line) => line.length < 220), says);
});

test('a small YAML file can not grow without end', (t) => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefg'[i]}`).join(',')}]`)].join('\n');
  assert.match(faultOf(() => configOf(t, bomb, { file: 'bomb.yaml' })), /more than 100000 values, aliases counted/);
});
