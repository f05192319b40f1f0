// One model, several goals: which cells there are, what they are called, what they set.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readManifest, resolveGoal, type BuildConfig } from '../../src/config/index.ts';
import { faultOf, folderWith } from './scene.ts';

const config = 'config: {quant: {input_configs: [{tensor_name: x, calibration_dataset: d.tar}]}}';

/** A manifest with the models det and cls; `det` and `root` are its own lines. */
function manifestWith(t: TestContext, { det = '', root = '' }: { det?: string; root?: string }): string {
  const lines = (text: string, by: string): string => text.split('\n').filter((line) => line !== '').map((line) => `${by}${line}\n`).join('');
  const folder = folderWith(t, { 'axbuild.yaml': `${lines(root, '')}models:\n  det:\n    input: det.onnx\n    ${config}\n${lines(det, '    ')}  cls:\n    input: cls.onnx\n    ${config}\n` });
  return join(folder, 'axbuild.yaml');
}

function cells(t: TestContext, given: { det?: string; root?: string }): Record<string, BuildConfig> {
  return Object.fromEntries(readManifest(manifestWith(t, given)).goals.map((goal) => [goal.name, resolveGoal(goal).config]));
}

const names = (t: TestContext, given: { det?: string; root?: string }): string[] => Object.keys(cells(t, given));
const refusal = (t: TestContext, given: { det?: string; root?: string }): string => faultOf(() => readManifest(manifestWith(t, given))).replaceAll(/\/\S*\//g, '');

test('a goal for each combination, the last axis fastest; a model without a matrix keeps its name', (t) => {
  const all = cells(t, { det: 'matrix:\n  target_hardware: [AX650, AX620E]\n  npu_mode: [NPU1, NPU2]' });
  assert.deepEqual(Object.entries(all).map(([name, { target_hardware, npu_mode }]) => [name, target_hardware, npu_mode]), [
    ['det@AX650-NPU1', 'AX650', 'NPU1'], ['det@AX650-NPU2', 'AX650', 'NPU2'], ['det@AX620E-NPU1', 'AX620E', 'NPU1'], ['det@AX620E-NPU2', 'AX620E', 'NPU2'], ['cls', 'AX650', 'NPU1'],
  ]);
  assert.deepEqual(Object.values(all).map(({ output_dir }) => output_dir.replace(/.*\/output/, 'output')), Object.keys(all).map((name) => `output/${name}`));
});

test('a matrix of the manifest is every model\'s; a model\'s own lies over it, and false leaves it none', (t) => {
  const root = 'matrix:\n  npu_mode: [NPU1, NPU2]\n  target_hardware: [AX650]';
  assert.deepEqual(names(t, { root }), ['det@NPU1-AX650', 'det@NPU2-AX650', 'cls@NPU1-AX650', 'cls@NPU2-AX650']);
  assert.deepEqual(names(t, { root, det: 'matrix: {npu_mode: [NPU3], target_hardware: [], compiler.check: [0, 2]}' }), ['det@NPU3-check=0', 'det@NPU3-check=2', 'cls@NPU1-AX650', 'cls@NPU2-AX650']);
  assert.deepEqual(names(t, { root, det: 'matrix: false' }), ['det', 'cls@NPU1-AX650', 'cls@NPU2-AX650']);
});

test('any setting is an axis, and each value makes a name that is safe as a folder', (t) => {
  const matrix = `matrix:
  compiler.enable_tile_mode: [true, false]
  compiler.static_batch_sizes: [[1, 2]]
  input_shapes: ["x:1x3x64x64"]
  quant.layer_configs: [[], [{op_type: Conv, data_type: U16}]]
  input: [models/small net.onnx]`;
  const all = cells(t, { det: matrix });
  assert.deepEqual(Object.keys(all).slice(0, 3), [
    'det@enable_tile_mode=true-static_batch_sizes=1+2-x_1x3x64x64-layer_configs=0-small_net.onnx',
    'det@enable_tile_mode=true-static_batch_sizes=1+2-x_1x3x64x64-layer_configs=1-small_net.onnx',
    'det@enable_tile_mode=false-static_batch_sizes=1+2-x_1x3x64x64-layer_configs=0-small_net.onnx',
  ]);
  const second = all[Object.keys(all)[1]!]!;
  assert.deepEqual([second.compiler.enable_tile_mode, second.compiler.static_batch_sizes, second.quant.layer_configs[0]?.data_type, second.input.endsWith('models/small net.onnx')], [true, [1, 2], 'U16', true]);
});

test('the values of an axis can have names, which exclude and include use', (t) => {
  const all = cells(t, { det: `matrix:
  quant.layer_configs: { plain: [], precise: [{op_type: Conv, data_type: U16}] }
  npu_mode: [NPU1, NPU2]
  exclude: [{ quant.layer_configs: precise, npu_mode: NPU2 }]
  include: [{ quant.layer_configs: plain, compiler.check: 3 }, { quant.layer_configs: precise, npu_mode: NPU3 }]` });
  assert.deepEqual(Object.entries(all).map(([name, { quant, npu_mode, compiler }]) => [name, quant.layer_configs.length, npu_mode, compiler.check]), [
    ['det@plain-NPU1', 0, 'NPU1', 3], ['det@plain-NPU2', 0, 'NPU2', 3], ['det@precise-NPU1', 1, 'NPU1', 0], ['det@precise-NPU3', 1, 'NPU3', 0], ['cls', 0, 'NPU1', 0],
  ]);
});

test('exclude drops the cells that have all its values', (t) => {
  const matrix = (exclude: string): string => `matrix: {target_hardware: [AX650, AX620E], npu_mode: [NPU1, NPU2], exclude: ${exclude}}`;
  assert.deepEqual(names(t, { det: matrix('[{target_hardware: AX620E, npu_mode: NPU2}]') }), ['det@AX650-NPU1', 'det@AX650-NPU2', 'det@AX620E-NPU1', 'cls']);
  assert.deepEqual(names(t, { det: matrix('[{npu_mode: NPU1}]') }), ['det@AX650-NPU2', 'det@AX620E-NPU2', 'cls']);
});

test('include adds settings to the cells it fits, and is a cell of its own where it fits none', (t) => {
  const path = manifestWith(t, { det: `tags: [product]
matrix:
  npu_mode: [NPU1, NPU2]
  include:
    - { npu_mode: NPU2, compiler.check: 2, tags: nightly }
    - { compiler.check_rtol: 0.5 }
    - { npu_mode: NPU3, name: whole-chip, tags: [nightly, slow], output_dir: out/whole }
    - { npu_mode: NPU3, target_hardware: M57, name: other-chip }` });
  const { goals } = readManifest(path);
  const rows = goals.map((goal) => {
    const { npu_mode, compiler, target_hardware, output_dir } = resolveGoal(goal).config;
    return [goal.name, npu_mode, target_hardware, compiler.check, compiler.check_rtol, goal.tags.join(), output_dir.slice(goal.folder.length + 1)];
  });
  assert.deepEqual(rows, [
    ['det@NPU1', 'NPU1', 'AX650', 0, 0.5, 'product', 'output/det@NPU1'],
    ['det@NPU2', 'NPU2', 'AX650', 2, 0.5, 'product,nightly', 'output/det@NPU2'],
    ['det@whole-chip', 'NPU3', 'AX650', 0, 1e-5, 'product,nightly,slow', 'out/whole'],
    ['det@other-chip', 'NPU3', 'M57', 0, 1e-5, 'product', 'output/det@other-chip'],
    ['cls', 'NPU1', 'AX650', 0, 1e-5, '', 'output/cls'],
  ]);
});

test('a matrix can be named cells and nothing else', (t) => {
  assert.deepEqual(names(t, { det: 'matrix: {include: [{name: fast, npu_mode: NPU3}, {npu_mode: NPU1, target_hardware: M57}]}' }), ['det@fast', 'det@NPU1-M57', 'cls']);
});

test('a cell wins over overrides, overrides over the configuration', (t) => {
  const { 'det@NPU2': config } = cells(t, { det: 'overrides: {npu_mode: NPU3, compiler.check: 1}\nmatrix: {npu_mode: [NPU2]}' });
  assert.deepEqual([config!.npu_mode, config!.compiler.check], ['NPU2', 1]);
});

const wrong: readonly (readonly [what: string, det: string, says: string])[] = [
  ['an axis with a single value', 'matrix: {npu_mode: NPU2}', `
axbuild.yaml:5:24  the axis npu_mode takes a list of values, or a map from names to values
   5 │     matrix: {npu_mode: NPU2}
     │                        ~~~~
   try  [NPU2]`],
  ['an exclude of what is no axis', 'matrix: {npu_mode: [NPU1, NPU2], exclude: [{npu_mod: NPU2}]}', `
axbuild.yaml:5:49  "npu_mod" is no axis of this matrix
   5 │     matrix: {npu_mode: [NPU1, NPU2], exclude: [{npu_mod: NPU2}]}
     │                                                 ~~~~~~~
   axes  npu_mode
   try   npu_mode`],
  ['an exclude that drops nothing', 'matrix: {npu_mode: [NPU1, NPU2], exclude: [{npu_mode: NPU3}]}', `
axbuild.yaml:5:48  this entry excludes nothing
   5 │     matrix: {npu_mode: [NPU1, NPU2], exclude: [{npu_mode: NPU3}]}
     │                                                ~~~~~~~~~~~~~~~~`],
  ['a matrix of which nothing is left', 'matrix: {npu_mode: [NPU1], exclude: [{npu_mode: NPU1}]}', `
axbuild.yaml:2:3  the matrix leaves no cell of det
   2 │   det:
     │   ~~~`],
  ['two cells of one name', 'matrix: {input: [a/x.onnx, b/x.onnx]}', `
axbuild.yaml:5:13  two cells of det are named x.onnx
   5 │     matrix: {input: [a/x.onnx, b/x.onnx]}
     │             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
   try  a name for each, in include
   or   names for the values of an axis: { plain: [], precise: [ … ] }`],
  ['a name that can be none', 'matrix: {include: [{npu_mode: NPU1, name: a/b}]}', `
axbuild.yaml:5:47  "a/b" can't be the name of a cell
   5 │     matrix: {include: [{npu_mode: NPU1, name: a/b}]}
     │                                               ~~~
   names  letters, digits, _ - . + and = after a letter or digit`],
  ['a cell of nothing', 'matrix: {include: [{tags: [a]}]}', `
axbuild.yaml:5:24  this cell has neither a value nor a name
   5 │     matrix: {include: [{tags: [a]}]}
     │                        ~~~~~~~~~~~
   try  name: plain`],
];

for (const [what, det, says] of wrong) test(`refused where it stands: ${what}`, (t) => assert.equal(refusal(t, { det }), says.slice(1)));

test('an exclude of the manifest must drop a cell of some model, not of each', (t) => {
  const root = 'matrix: {npu_mode: [NPU1, NPU2], exclude: [{npu_mode: NPU2}]}';
  assert.deepEqual(names(t, { root, det: 'matrix: {npu_mode: [NPU1, NPU3]}' }), ['det@NPU1', 'det@NPU3', 'cls@NPU1']);
});

test('what is wrong with a value of an axis is said at that value', (t) => {
  const refused = (det: string): string => faultOf(() => cells(t, { det })).replaceAll(/\/\S*\//g, '');
  assert.equal(refused('matrix: {npu_mode: [NPU1, NPUU2]}'), `
axbuild.yaml:5:31  unknown npu mode "NPUU2"
   5 │     matrix: {npu_mode: [NPU1, NPUU2]}
     │                               ~~~~~
   known  NPU1, NPU2, NPU3, NPU4, NPU5
   try    NPU2`.slice(1));
  assert.equal(refused('matrix: {npu_mod: [NPU1]}'), `
axbuild.yaml:5:14  unknown key "npu_mod"
   5 │     matrix: {npu_mod: [NPU1]}
     │              ~~~~~~~
   try  npu_mode`.slice(1));
});
