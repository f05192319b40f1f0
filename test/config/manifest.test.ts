// Several manifests that make one: what is under what, where paths start, what the environment gives, and whose goals are whose.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test, { type TestContext } from 'node:test';
import { goalNamed, readManifest, resolveGoal, type BuildConfig, type Manifest } from '../../src/config/index.ts';
import { faultOf, folderWith } from './scene.ts';

const quant = 'quant: {input_configs: [{tensor_name: x, calibration_dataset: d.tar}]}';

/** Files by path; the manifest is the one that is read. */
function scene(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = folderWith(t, {});
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function read(folder: string, { file = 'axbuild.yaml', variables = {} }: { file?: string; variables?: Record<string, string> } = {}): Manifest {
  return readManifest(join(folder, file), { variables });
}

function configOf(manifest: Manifest, name: string): BuildConfig {
  return resolveGoal(goalNamed(manifest, name)).config;
}

const refusal = (folder: string, how: { file?: string; variables?: Record<string, string> } = {}): string => faultOf(() => read(folder, how)).replaceAll(`${folder}/`, '');

test('defaults lie under every model: configuration under configuration, overrides under overrides, tags added', (t) => {
  const folder = scene(t, {
    'base.json': `{ ${quant.replace('quant', '"quant"').replace(/(\w+): (x|d\.tar)/g, '"$1": "$2"').replace('{input_configs', '{"input_configs"')}, "compiler": { "check": 1, "check_rtol": 0.5, "check_atol": 0.5 } }`,
    'axbuild.yaml': `
defaults: { config: base.json, overrides: { compiler.check_rtol: 0.25, npu_mode: NPU2 }, tags: product }
models:
  det: { input: det.onnx, config: { compiler: { check: 3, check_rtol: 0.75 } }, tags: [product, det] }
  cls: { input: cls.onnx, overrides: { npu_mode: NPU3 } }`,
  });
  const manifest = read(folder);
  const rows = manifest.goals.map(({ name, tags }) => {
    const { npu_mode, compiler: { check, check_rtol, check_atol } } = configOf(manifest, name);
    return [name, tags.join(), npu_mode, check, check_rtol, check_atol];
  });
  assert.deepEqual(rows, [['det', 'product,det', 'NPU2', 3, 0.25, 0.5], ['cls', 'product', 'NPU3', 1, 0.25, 0.5]]);
});

test('a manifest lies over the one it extends, and each path starts at the folder of the file where it stands', (t) => {
  const folder = scene(t, {
    'common/axbuild.yaml': `models: { det: { input: det.onnx, config: det.yaml, overrides: { npu_mode: NPU2 } }, cls: { input: cls.onnx, config: { ${quant} } } }`,
    'common/det.yaml': quant,
    'product/axbuild.yaml': 'extends: ../common/axbuild.yaml\nmodels: { det: { overrides: { compiler.check: 2 } }, cls: { input: own.onnx, output_dir: out }, rec: { input: rec.onnx, config: det.yaml } }',
    'product/det.yaml': quant.replace('d.tar', 'own.tar'),
  });
  const manifest = read(folder, { file: 'product/axbuild.yaml' });
  const rows = manifest.goals.map(({ name }) => {
    const { input, output_dir, npu_mode, compiler, quant: { input_configs } } = configOf(manifest, name);
    return [name, ...[input, input_configs[0]!.calibration_dataset, output_dir].map((path) => relative(folder, path)), npu_mode, compiler.check];
  });
  assert.deepEqual(rows, [
    ['det', 'common/det.onnx', 'common/d.tar', 'product/output/det', 'NPU2', 2],
    ['cls', 'product/own.onnx', 'common/d.tar', 'product/out', 'NPU1', 0],
    ['rec', 'product/rec.onnx', 'product/own.tar', 'product/output/rec', 'NPU1', 0],
  ]);
  assert.deepEqual(manifest.files.map((path) => relative(folder, path)), ['product/axbuild.yaml', 'common/axbuild.yaml']);
  // What a container keeps of them is the same wherever the two folders lie.
  const { input, quant: { input_configs } } = JSON.parse(resolveGoal(goalNamed(manifest, 'det')).effective) as BuildConfig;
  assert.deepEqual([input, input_configs[0]!.calibration_dataset], ['../common/det.onnx', '../common/d.tar']);
});

test('a fault is told in the file where the text stands', (t) => {
  const folder = scene(t, {
    'common/base.yaml': `defaults:\n  overrides:\n    npu_mode: NPU9\nmodels: { det: { input: det.onnx, config: { ${quant} } } }`,
    'axbuild.yaml': 'extends: common/base.yaml\nmodels: { det: { overrides: { compiler.check: 7 } } }',
  });
  assert.equal(faultOf(() => configOf(read(folder), 'det')).replaceAll(`${folder}/`, ''), `
common/base.yaml:3:15  unknown npu mode "NPU9"
   3 │     npu_mode: NPU9
     │               ~~~~
   known  NPU1, NPU2, NPU3, NPU4, NPU5
   try    NPU1
axbuild.yaml:2:47  check 7 is out of limits
   2 │ models: { det: { overrides: { compiler.check: 7 } } }
     │                                               ~
   limits  0 to 3`.slice(1));
});

test('extends: a file that is not there, a circle, and what is no file', (t) => {
  assert.equal(refusal(scene(t, { 'axbuild.yaml': 'extends: nowhere.yaml' })), `
axbuild.yaml:1:10  nowhere.yaml: no such file
   1 │ extends: nowhere.yaml
     │          ~~~~~~~~~~~~`.slice(1));
  assert.equal(refusal(scene(t, { 'axbuild.yaml': 'extends: a/b.yaml', 'a/b.yaml': '# round\nextends: ../axbuild.yaml' })), `
a/b.yaml:2:10  axbuild.yaml extends itself
   2 │ extends: ../axbuild.yaml
     │          ~~~~~~~~~~~~~~~
   chain  axbuild.yaml -> a/b.yaml -> axbuild.yaml`.slice(1));
  assert.equal(refusal(scene(t, { 'axbuild.yaml': 'extends: [a.yaml]' })), `
axbuild.yaml:1:10  extends takes the file of another manifest
   1 │ extends: [a.yaml]
     │          ~~~~~~~~
   like  extends: ../axbuild.yaml`.slice(1));
});

test('variables that are declared stand in texts: the value of the environment, or else the default', (t) => {
  const folder = scene(t, { 'axbuild.yaml': `environment: { MODELS: models, MODE: NPU1, SIZE: 32 }
models:
  det: { input: "\${MODELS}/\${SIZE}.onnx", config: { ${quant} }, matrix: { npu_mode: ["\${MODE}"] }, overrides: { compiler.check_tensor_black_list: ["$\${MODELS}"] } }` });
  const facts = (variables: Record<string, string>): unknown[] => {
    const manifest = read(folder, { variables });
    const [goal] = manifest.goals;
    const { input, compiler } = configOf(manifest, goal!.name);
    return [goal!.name, relative(folder, input), compiler.check_tensor_black_list, goal!.environment];
  };
  assert.deepEqual(facts({}), ['det@NPU1', 'models/32.onnx', ['${MODELS}'], { MODELS: '', MODE: '', SIZE: '' }]);
  assert.deepEqual(facts({ MODELS: '/m', MODE: 'NPU2', SIZE: '', OTHER: 'x' }), ['det@NPU2', relative(folder, '/m/32.onnx'), ['${MODELS}'], { MODELS: '/m', MODE: 'NPU2', SIZE: '' }]);
});

test('a variable that is not declared, or declared and not there', (t) => {
  const folder = scene(t, { 'axbuild.yaml': 'environment:\n  MODELS:\nmodels:\n  det: { input: "${MODEL}/a.onnx" }\n  cls: { input: "${HOME}/a.onnx" }\n' });
  assert.equal(refusal(folder, { variables: { HOME: '/root' } }), `
axbuild.yaml:2:3  the environment variable MODELS is not set, and has no default
   2 │   MODELS:
     │   ~~~~~~
   try  MODELS=… axbuild build
   or   MODELS: its default
axbuild.yaml:4:17  the variable MODEL is not declared
   4 │   det: { input: "\${MODEL}/a.onnx" }
     │                 ~~~~~~~~~~~~~~~~~
   try  \${MODELS}
   or   $\${MODEL}, if no variable is meant
axbuild.yaml:5:17  the variable HOME is not declared
   5 │   cls: { input: "\${HOME}/a.onnx" }
     │                 ~~~~~~~~~~~~~~~~
   try  environment: { HOME: a default }
   or   $\${HOME}, if no variable is meant`.slice(1));
});

test('a workspace of several manifests: goals are named by their folder, and each manifest means what it means alone', (t) => {
  const folder = scene(t, {
    'axbuild.yaml': `models: { det: { input: det.onnx, config: { ${quant} } } }\nmanifests: [cameras/axbuild.yaml, cameras/night/axbuild.yaml]`,
    'cameras/axbuild.yaml': `defaults: { tags: camera }\nmodels: { det: { input: det.onnx, config: { ${quant} }, matrix: { npu_mode: [NPU1, NPU2] } } }`,
    'cameras/night/axbuild.yaml': `environment: { MODE: NPU3 }\nmodels: { det: { input: ../det.onnx, config: { ${quant} }, overrides: { npu_mode: "\${MODE}" } } }`,
  });
  const manifest = read(folder);
  assert.deepEqual(manifest.goals.map(({ name, model, tags }) => [name, model, tags.join()]), [['det', 'det', ''], ['cameras/det@NPU1', 'cameras/det', 'camera'], ['cameras/det@NPU2', 'cameras/det', 'camera'], ['cameras/night/det', 'cameras/night/det', '']]);
  assert.deepEqual(manifest.goals.map(({ name }) => relative(folder, configOf(manifest, name).output_dir)), ['output/det', 'cameras/output/det@NPU1', 'cameras/output/det@NPU2', 'cameras/night/output/det']);
  assert.deepEqual(manifest.goals.map(({ environment }) => environment), [{}, {}, {}, { MODE: '' }]);
  assert.deepEqual(manifest.files.map((path) => relative(folder, path)), ['axbuild.yaml', 'cameras/axbuild.yaml', 'cameras/night/axbuild.yaml']);
  const alone = read(folder, { file: 'cameras/axbuild.yaml' });
  assert.deepEqual(configOf(alone, 'det@NPU2'), configOf(manifest, 'cameras/det@NPU2'));
});

test('manifests: not there, outside of the folder, in a circle, and two goals of one name', (t) => {
  const model = `models: { det: { input: det.onnx, config: { ${quant} } } }`;
  assert.equal(refusal(scene(t, { 'axbuild.yaml': 'manifests: [a/axbuild.yaml]' })), `
axbuild.yaml:1:13  a/axbuild.yaml: no such file
   1 │ manifests: [a/axbuild.yaml]
     │             ~~~~~~~~~~~~~~`.slice(1));
  assert.equal(refusal(scene(t, { 'axbuild.yaml': 'manifests: [../axbuild.yaml]' })), `
axbuild.yaml:1:13  ../axbuild.yaml does not lie below the folder of axbuild.yaml
   1 │ manifests: [../axbuild.yaml]
     │             ~~~~~~~~~~~~~~~
   because  its goals are named by its folder`.slice(1));
  assert.equal(refusal(scene(t, { 'axbuild.yaml': 'manifests: [more.yaml]', 'more.yaml': 'manifests: [axbuild.yaml]' })), `
more.yaml:1:13  axbuild.yaml has itself among its manifests
   1 │ manifests: [axbuild.yaml]
     │             ~~~~~~~~~~~~`.slice(1));
  assert.equal(refusal(scene(t, { 'axbuild.yaml': `${model}\nmanifests: [more.yaml]`, 'more.yaml': model })), `
two goals are named det
   in   axbuild.yaml
   and  more.yaml`.slice(1));
});

test('what is wrong with a member is told in it', (t) => {
  const folder = scene(t, { 'axbuild.yaml': 'manifests: [a/axbuild.yaml]', 'a/axbuild.yaml': 'modells: {}' });
  assert.equal(refusal(folder), `
a/axbuild.yaml:1:1  unknown key "modells"
   1 │ modells: {}
     │ ~~~~~~~
   known  extends, environment, defaults, matrix, models, manifests
   try    models`.slice(1));
});
