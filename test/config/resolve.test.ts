import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { calibrationOf, normalisationOf, parseShapes, processorOf, goalNamed, readManifest, resolveConfig, resolveGoal, resolveRun, selectGoals } from '../../src/config/index.ts';
import { calibration, configOf, faultOf, folderWith, needed, resolveText } from './scene.ts';

const plain = `{ ${needed} "quant": { ${calibration} } }`;

// A sample of the vendor's document (9.9.1), as it stands: comments in two styles, a bare text for a list.
const vendor = `{
"model_type": "ONNX",
"npu_mode": "NPU1", # 只需要修改这里,默认配置是 NPU1
"quant": {
"input_configs": [
{
"tensor_name": "DEFAULT",
"calibration_dataset": "./dataset/imagenet-32-images.tar",
"calibration_size": 32,
"calibration_mean": [103.939, 116.779, 123.68],
"calibration_std": [58.0, 58.0, 58.0]
}
],
"layer_configs": [
{
"op_type": "Add", # specifies the quantization precision of operators of type Add
"data_type": "U16"
},
{
"layer_names": ["conv4_3"], // specify the quantization precision of the conv4_3 operator
"data_type": "U16"
},
{
/* the subgraph between conv2_1_linear_bn and relu2_2_dwise */
"start_tensor_names": "conv2_1_linear_bn",
"end_tensor_names": "relu2_2_dwise",
"data_type": "U16"
},
],
"calibration_method": "MinMax",
"precision_analysis": false
},
"input_processors": [
{ "tensor_name": "input", "tensor_format": "BGR", "src_format": "BGR", "src_dtype": "U8", "src_layout": "NHWC", "csc_mode": "NoCSC", },
],
"compiler": { "check": 0 }
}`;

test('the vendor\'s own sample is read, comments and all', (t) => {
  const { quant, input_processors } = configOf(t, vendor, { flags: { input: ['m.onnx'], output_dir: ['out'] } });
  assert.deepEqual(quant.layer_configs.map(({ op_type, layer_names, start_tensor_names, data_type }) => [op_type, layer_names, start_tensor_names, data_type]), [
    ['Add', [], [], 'U16'], ['', ['conv4_3'], [], 'U16'], ['', [], ['conv2_1_linear_bn'], 'U16'],
  ]);
  assert.deepEqual(input_processors.map(({ src_dtype, src_layout, tensor_layout }) => [src_dtype, src_layout, tensor_layout]), [['U8', 'NHWC', 'NCHW']]);
});

test('comments, formatting and key order leave no trace', (t) => {
  const json = `{ // here
    "compiler": { "check": 2, "check_rtol": 1E-2, },
    # there
    "quant": { "refine_weight_threshold": 0.000001, ${calibration}, /* null is unset */ "device": null, },\r\n\t${needed} }`;
  const yaml = 'input: m.onnx\noutput_dir: "out"\nquant:\n  # nothing\n  layer_configs:\n  input_configs:\n  - {tensor_name: x, calibration_dataset: d.tar}\ncompiler: {check_rtol: 0.01, check: 2}\n';
  const base = folderWith(t, { 'a.json': json, 'a.yaml': yaml });
  const a = resolveConfig({ configs: [{ file: 'a.json' }], base });
  const b = resolveConfig({ configs: [{ file: 'a.yaml' }], base });
  assert.deepEqual(a.config, b.config);
  assert.equal(a.effective, b.effective);
});

test('a value equal to its default is accepted, also where nothing else is built', (t) => {
  const defaults = resolveText(t, plain).config;
  const { output_dir, work_dir, ...rest } = JSON.parse(JSON.stringify(defaults));
  assert.equal(work_dir, output_dir);
  assert.deepEqual(configOf(t, JSON.stringify({ ...rest, output_dir })), { ...defaults, input: defaults.input });
});

test('what is not written has the vendor\'s default', (t) => {
  const { quant, compiler, debug, output_name } = configOf(t, plain);
  assert.deepEqual([output_name, quant.finetune_epochs, quant.finetune_batch_size, quant.smooth_quant_strength, quant.refine_weight_threshold], ['compiled.axmodel', 500, 1, 0.6, 1e-6]);
  assert.deepEqual([compiler.check_mode, compiler.check_rtol, compiler.check_cosine_simularity, compiler.sub_configs, debug.dump_frontend_graph], ['CheckOutput', 1e-5, 0.999, [], false]);
  assert.equal(quant.input_configs[0]?.calibration_size, 32);
});

test('a flag wins over overrides, overrides over the file, the file over the default', (t) => {
  const base = folderWith(t, {
    'det.json': `{ "quant": { ${calibration} }, "compiler": { "check": 1, "check_rtol": 0.5, "check_atol": 0.5 }, "output_dir": "from-file", "input": "file.onnx" }`,
    'axbuild.yaml': 'models:\n  det:\n    input: manifest.onnx\n    config: det.json\n    overrides:\n      compiler: {check: 2}\n      compiler.check_rtol: 0.25\n  other:\n    input: o.onnx\n    config: {quant: {input_configs: [{tensor_name: DEFAULT, calibration_dataset: o.tar}]}}\n    output_dir: elsewhere\n',
  });
  const manifest = readManifest(join(base, 'axbuild.yaml'));
  const flags = { 'compiler.check': ['3'], 'quant.precision_analysis': ['0'] };
  const { config } = resolveGoal(goalNamed(manifest, 'det'), { flags, cwd: '/somewhere' });
  const { check, check_rtol, check_atol, check_cosine_simularity } = config.compiler;
  assert.deepEqual([check, check_rtol, check_atol, check_cosine_simularity], [3, 0.25, 0.5, 0.999]);
  assert.deepEqual([config.input, config.output_dir], [join(base, 'manifest.onnx'), join(base, 'from-file')]);
  const other = resolveGoal(goalNamed(manifest, 'other'), { cwd: '/somewhere' }).config;
  assert.deepEqual([other.output_dir, other.quant.input_configs[0]?.calibration_dataset], [join(base, 'elsewhere'), join(base, 'o.tar')]);
  const moved = resolveGoal(goalNamed(manifest, 'other'), { flags: { output_dir: ['here'] }, cwd: '/somewhere' }).config;
  assert.equal(moved.output_dir, '/somewhere/here', 'paths of flags start where the user stands');
});

test('a model of a manifest goes to output/<its name> unless told otherwise', (t) => {
  const base = folderWith(t, { 'axbuild.yaml': 'models:\n  a.b-1:\n    input: m.onnx\n    config: {quant: {input_configs: [{tensor_name: x, calibration_dataset: d.tar}]}}\n' });
  const { config, files } = resolveGoal(goalNamed(readManifest(join(base, 'axbuild.yaml')), 'a.b-1'));
  assert.deepEqual([config.output_dir, config.work_dir, files], [join(base, 'output/a.b-1'), join(base, 'output/a.b-1'), []]);
});

test('overrides reach into lists, and what they leave alone stays', (t) => {
  const base = folderWith(t, {
    'det.json': `{ ${needed} "quant": { ${calibration}, "layer_configs": [{ "op_type": "Conv" }, { "op_type": "Add" }] } }`,
    'axbuild.yaml': 'models:\n  det:\n    config: det.json\n    overrides:\n      quant.layer_configs[1].data_type: U16\n',
  });
  const { config, placeOf } = resolveGoal(goalNamed(readManifest(join(base, 'axbuild.yaml')), 'det'));
  assert.deepEqual(config.quant.layer_configs.map(({ op_type, data_type }) => [op_type, data_type]), [['Conv', 'DefaultDataType'], ['Add', 'U16']]);
  assert.equal(placeOf('quant.layer_configs[1].data_type')?.line, 5);
  assert.equal(placeOf('quant.layer_configs[1].op_type')?.file.endsWith('det.json'), true);
});

test('a sub_config has the compiler\'s options where it has none of its own, with the place they were written at', (t) => {
  const { config, placeOf } = resolveText(t, `{ ${needed} "quant": { ${calibration} },
    "compiler": {
      "check": 1,
      "check_tensor_black_list": ["a"],
      "sub_configs": [
        { "start_tensor_names": "p", "end_tensor_names": ["q", "r"], "check": 2 },
        { "start_tensor_names": ["s"], "end_tensor_names": "t", "check_tensor_black_list": [] },
      ],
    } }`);
  const { sub_configs } = config.compiler;
  assert.deepEqual(sub_configs.map((sub) => [sub.start_tensor_names, sub.end_tensor_names, sub.check, sub.check_tensor_black_list]), [
    [['p'], ['q', 'r'], 2, ['a']], [['s'], ['t'], 1, []],
  ]);
  assert.deepEqual(['[0].check', '[1].check', '[1].check_rtol'].map((path) => placeOf(`compiler.sub_configs${path}`)?.line), [6, 3, 7]);
  assert.deepEqual(placeOf('compiler.sub_configs[0].end_tensor_names[1]'), {
    file: 'det.json', line: 6, column: 64, width: 3, text: '        { "start_tensor_names": "p", "end_tensor_names": ["q", "r"], "check": 2 },',
  });
});

test('YAML anchors and << carry settings over', (t) => {
  const { config } = resolveText(t, `
base: &base { tensor_name: x, calibration_dataset: d.tar, calibration_size: 4 }
`.replace('base:', 'input: m.onnx\noutput_dir: out\nquant:\n  input_configs:\n  -') + '  - <<: *base\n    tensor_name: y\n', { file: 'det.yaml' });
  assert.deepEqual(config.quant.input_configs.map(({ tensor_name, calibration_size }) => [tensor_name, calibration_size]), [['x', 4], ['y', 4]]);
});

test('the effective configuration reads the same in every folder, and says nothing of where the output goes', (t) => {
  const text = `{ "input": "m.onnx", "quant": { ${calibration} } }`;
  const [a, b] = ['out', '../elsewhere'].map((output) => resolveText(t, text, { flags: { output_dir: [output] } }).effective);
  assert.equal(a, b);
  const { input, quant } = JSON.parse(a ?? '');
  assert.deepEqual([input, quant.input_configs[0].calibration_dataset], ['m.onnx', 'd.tar']);
  assert.equal(/output_dir|work_dir/.test(a ?? ''), false);
});

test('an input is what its own entry says, or else DEFAULT\'s, and mean and std of the runtime default to the calibration\'s', (t) => {
  const config = configOf(t, `{ ${needed} "quant": { "input_configs": [
    { "tensor_name": "DEFAULT", "calibration_dataset": "d.tar", "calibration_mean": [1, 2, 3], "calibration_std": [4, 5, 6] },
    { "tensor_name": "y", "calibration_dataset": "y.tar", "calibration_format": "Numpy" } ] },
    "input_processors": [{ "tensor_name": "x", "std": [7, 7, 7] }, { "tensor_name": "z", "mean": [0, 0, 0], "std": [1, 1, 1] }] }`);
  assert.equal(calibrationOf(config, 'x')?.path, 'quant.input_configs[0]');
  assert.equal(calibrationOf(config, 'y')?.entry.calibration_format, 'Numpy');
  assert.equal(processorOf(config, 'y'), undefined);
  assert.deepEqual(normalisationOf(config, 'x'), { mean: [1, 2, 3], std: [7, 7, 7] });
  assert.equal(normalisationOf(config, 'y'), null);
  assert.equal(normalisationOf(config, 'z'), null, 'mean 0 and std 1 turn it off');
});

test('shapes are split at the last colon of a name', () => {
  assert.deepEqual(parseShapes('x:1x3x48x192; op_1:out:0:2 ').shapes, { x: [1, 3, 48, 192], 'op_1:out:0': [2] });
  assert.equal(parseShapes('x:1x0').fault, 'the sizes of "x" must be 1 or more');
  assert.equal(parseShapes('x:1;x:2').fault, 'input_shapes names "x" twice');
  assert.equal(parseShapes('').fault, undefined);
});

test('a manifest that is wrong says so, all at once', (t) => {
  const manifest = (text: string): string => {
    const folder = folderWith(t, { 'axbuild.yaml': text });
    return faultOf(() => readManifest(join(folder, 'axbuild.yaml'))).replaceAll(`${folder}/`, '');
  };
  assert.equal(manifest('models:\n  det:\n    inputt: a\n    config: [1]\n  ../x: {}\n'), `
axbuild.yaml:3:5  unknown key "inputt" in det
   3 │     inputt: a
     │     ~~~~~~
   known  input, config, overrides, tags, output_dir, matrix
   try    input
axbuild.yaml:4:13  config takes a file or a map of settings
   4 │     config: [1]
     │             ~~~
axbuild.yaml:5:3  "../x" can't be the name of a model
   5 │   ../x: {}
     │   ~~~~
   names  letters, digits, _ - and . after a letter or digit`.slice(1));
  assert.equal(manifest('models:\n'), `
axbuild.yaml:1:1  axbuild.yaml names no models
   1 │ models:
     │ ~~~~~~
   like  models: { det: { input: det.onnx, config: det.json } }`.slice(1));
});

test('overrides that lead nowhere are refused where they stand', (t) => {
  const build = (override: string): string => {
    const folder = folderWith(t, { 'axbuild.yaml': `models:\n  det:\n    input: m.onnx\n    config: {quant: {input_configs: [{tensor_name: x, calibration_dataset: d.tar}]}}\n    overrides:\n      ${override}\n` });
    return faultOf(() => resolveGoal(goalNamed(readManifest(join(folder, 'axbuild.yaml')), 'det'))).replaceAll(`${folder}/`, '');
  };
  assert.equal(build('compiler.chek: 2'), `
axbuild.yaml:6:7  unknown key "chek" in compiler
   6 │       compiler.chek: 2
     │       ~~~~~~~~~~~~~
   try  check`.slice(1));
  assert.equal(build('quant.layer_configs[0].data_type: U16'), `
axbuild.yaml:6:7  there is no entry [0] to override
   6 │       quant.layer_configs[0].data_type: U16
     │       ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
   entries  0`.slice(1));
  assert.equal(build('a b: 2'), `
axbuild.yaml:6:7  "a b" is no path of a setting
   6 │       a b: 2
     │       ~~~
   like  quant.layer_configs[0].data_type`.slice(1));
});

test('a model that the manifest does not have', (t) => {
  const folder = folderWith(t, { 'axbuild.yaml': 'models: {cls: {}, det: {}}' });
  const manifest = { ...readManifest(join(folder, 'axbuild.yaml')), file: 'axbuild.yaml' };
  assert.equal(faultOf(() => selectGoals(manifest, { words: ['dett'] })), 'axbuild.yaml has no goal "dett"\n   goals  cls, det\n   try    det');
});

test('the manifest of this repository resolves', () => {
  const manifest = readManifest(join(import.meta.dirname, '../../axbuild.yaml'));
  assert.deepEqual(manifest.goals.map(({ name }) => name), ['cls', 'det']);
  for (const goal of manifest.goals) {
    const { config } = resolveGoal(goal);
    assert.equal(config.compiler.check, 2);
    assert.ok(readFileSync(config.input).length > 0);
    assert.deepEqual(normalisationOf(config, 'x')?.mean.length, 3);
  }
});

test('run takes its flags from the schema too', () => {
  const { model, list, mode } = resolveRun({ model: ['a.axmodel'], input_dir: ['in'], output_dir: ['/out'] }, '/here');
  assert.deepEqual([model, list, mode], ['/here/a.axmodel', '', 'Reference']);
  assert.equal(faultOf(() => resolveRun({ model: ['a.axmodel'], random_input: ['true'] }, '/here')), `
--input_dir is missing
   about  Folder of inputs: <tensor>.bin or <tensor>.npy, every character outside A-Z a-z 0-9 _ - replaced by _.
--output_dir is missing
   about  Folder for outputs, named in the same way.
--random_input  random_input true is not built yet
   built  false (the default)`.slice(1));
});
