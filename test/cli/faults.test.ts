// What a user reads when something is wrong: the whole text, with exit code 1 (a job failed) or 2 (the command or the configuration is
// wrong). Whatever it was, earlier outputs stay as they are, and when it is mended nothing needs to be built again.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { bytesOf } from '../../src/base/bytes.ts';
import { writeNpy } from '../../src/dataset/npy.ts';
import { decodeModel, encodeModel, type Model } from '../../src/onnx/codec.ts';
import { plain, put, type Settings } from '../pipeline/scene.ts';
import { inputShape, smallImage } from '../rig/network.ts';
import { tarOf } from '../rig/tar.ts';
import { imageNet, pictures } from './image-net.ts';
import { eventsOf, jobs, makeScene, summaryOf, type Scene } from './rig.ts';

interface Case {
  readonly what: string;
  readonly wrong: (scene: Scene) => void;
  readonly exit: 1 | 2;
  /** All of stderr; /w stands for the workspace. */
  readonly says: string;
  readonly args?: readonly string[];
}

/** Every case on one workspace that was built before; after all of them it is as it was. */
async function check(t: TestContext, cases: readonly Case[]): Promise<void> {
  const scene = makeScene(t);
  await scene.make();
  const outputs = scene.stamps();
  for (const { what, wrong, exit, says, args = [] } of cases) {
    await t.test(what, async () => {
      try {
        wrong(scene);
        const { status, stdout, stderr } = await scene.axbuild(['build', '-j', '1', ...args]);
        assert.equal(stderr.replaceAll(scene.folder, '/w').trimEnd(), says.trim());
        assert.equal(status, exit);
        assert.doesNotMatch(stdout, /^small {2}(built|unchanged)|wrote/m);
        assert.deepEqual(scene.stamps(), outputs);
      } finally {
        put(scene, plain);
      }
    });
  }
  const mended = await scene.make();
  assert.deepEqual({ ...jobs(mended), hit: 0 }, { hit: 0, built: 0, failed: 0, skipped: 0 });
  assert.deepEqual(scene.stamps(), outputs);
}

const settings = (changed: Partial<Settings>) => (scene: Scene): void => put(scene, { ...plain, ...changed });
/** The manifest with one text for another, which must be in it. */
const manifest = (...changes: readonly (readonly [string, string])[]) => (scene: Scene): void => {
  let text = readFileSync(join(scene.folder, 'axbuild.yaml'), 'utf8');
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from);
    text = text.replace(from, to);
  }
  scene.write('axbuild.yaml', text);
};
const model = (change: (model: Model) => void) => (scene: Scene): void => {
  const decoded = decodeModel(new Uint8Array(scene.read('small.onnx')), 'small.onnx');
  change(decoded);
  scene.write('small.onnx', encodeModel(decoded));
};
const archive = (...entries: readonly (readonly [string, Uint8Array])[]) => (scene: Scene): void => scene.write('images.tar', tarOf(entries));
const sample = (shape: readonly number[], data: Float32Array): Uint8Array => writeNpy({ dtype: 'FP32', shape: [...shape], data: bytesOf(data) });

test('models', (t) => check(t, [
  {
    what: 'missing', exit: 2, wrong: (scene) => rmSync(join(scene.folder, 'small.onnx')), says: `
axbuild.yaml:4:16  no model at /w/small.onnx
   4 │       "input": "small.onnx",
     │                ~~~~~~~~~~~~`,
  },
  {
    what: 'missing with its data: both are told', exit: 2,
    wrong: (scene) => ['small.onnx', 'images.tar'].forEach((name) => rmSync(join(scene.folder, name))), says: `
axbuild.yaml:4:16  no model at /w/small.onnx
   4 │       "input": "small.onnx",
     │                ~~~~~~~~~~~~
axbuild.yaml:10:38  no calibration data at /w/images.tar
   10 │               "calibration_dataset": "images.tar",
      │                                      ~~~~~~~~~~~~
   put there  a .tar, .tar.gz, .tgz or .zip of .npy files, one a sample, of the type and shape of input "x"`,
  },
  {
    what: 'truncated', exit: 1, wrong: (scene) => scene.write('small.onnx', scene.read('small.onnx').subarray(0, 5000)), says: `
small.onnx  this file is no ONNX model, or it is cut short
   size    5000 bytes
   reason  a length in it points past its end
   try     export or copy the model again`,
  },
  {
    what: 'not ONNX', exit: 1, wrong: (scene) => scene.write('small.onnx', 'hello'), says: `
small.onnx  this file is no ONNX model
   size    5 bytes
   reason  its bytes are no protobuf message
   try     export or copy the model again`,
  },
  {
    what: 'empty, in a folder of its own: called as the user would', exit: 1,
    wrong: (scene) => {
      scene.write('models/empty.onnx', '');
      manifest(['"small.onnx"', '"models/empty.onnx"'])(scene);
    },
    says: `
models/empty.onnx  this file is empty, not an ONNX model
   try  export or copy the model again`,
  },
  {
    what: 'an operator that nobody knows', exit: 1, wrong: model(({ graph }) => (graph.node[1]!.opType = 'Reluu')), says: `
small.onnx  the model has an operator that axbuild does not know
   Reluu  stem_node  (not an ONNX operator; nearest: Relu)
   known  ONNX's own operators (domain ai.onnx), opset 7 and later`,
  },
  {
    what: 'cyclic', exit: 1, wrong: model(({ graph }) => (graph.node[0]!.input[0] = 'join')), says: `
small.onnx  the model is cyclic: its nodes wait for each other
   cycle  stem_conv_node -> stem_node -> join_node -> stem_conv_node`,
  },
]));

test('settings', (t) => check(t, [
  {
    what: 'an unknown key, a wrong enum and a wrong type at once, in the order of the file', exit: 2,
    wrong: manifest(['"layer_configs"', '"layer_config"'], ['"Numpy"', '"Numpi"'], ['"check": 2', '"check": "two"']), says: `
axbuild.yaml:11:37  unknown calibration format "Numpi"
   11 │               "calibration_format": "Numpi",
      │                                     ~~~~~~~
   known  Image, Numpy, Binary, NumpyObject
   try    Numpy
axbuild.yaml:15:11  unknown key "layer_config" in quant
   15 │           "layer_config": []
      │           ~~~~~~~~~~~~~~
   try  layer_configs
axbuild.yaml:18:20  check takes a whole number, not the text "two"
   18 │           "check": "two",
      │                    ~~~~~`,
  },
  {
    what: 'names that the network does not have, in layer_configs and sub_configs at once', exit: 2,
    wrong: settings({ layers: [{ layer_name: 'branch_nod', data_type: 'U16' }, { op_types: ['Conv', 'Ad'], data_type: 'U16' }], range: { start: ['joi'], end: ['left', 'nothing'], options: {} } }), says: `
axbuild.yaml:17:29  layer_configs[0] names operator "branch_nod", which the optimised network does not have
   17 │               "layer_name": "branch_nod",
      │                             ~~~~~~~~~~~~
   names  are those of frontend/optimized.onnx
   try    branch_node
axbuild.yaml:23:17  layer_configs[1] names operator type "Ad", which the optimised network does not have
   23 │                 "Ad"
      │                 ~~~~
   types  Add, Concat, Conv, GlobalAveragePool, HardSwish, Relu
   try    Add
axbuild.yaml:34:17  sub_configs[0] names tensor "joi", which the quantised network does not have
   34 │                 "joi"
      │                 ~~~~~
   names  are those of frontend/optimized_quant_axmodel.onnx (--debug.dump_frontend_graph)
   try    join
axbuild.yaml:38:17  sub_configs[0] names tensor "nothing", which the quantised network does not have
   38 │                 "nothing"
      │                 ~~~~~~~~~
   names  are those of frontend/optimized_quant_axmodel.onnx (--debug.dump_frontend_graph)`,
  },
  {
    what: 'ranges that overlap', exit: 2,
    wrong: manifest(['"sub_configs": [', '"sub_configs": [{ "start_tensor_names": "stem", "end_tensor_names": "left" },']), says: `
axbuild.yaml:20:13  sub_configs[1] overlaps sub_configs[0]
   20 │             {
      │             ~
   both hold  left_node
   try        ranges without a group in common`,
  },
  {
    what: 'inputs that the model does not have, wherever they are named', exit: 2,
    wrong: manifest(['"tensor_name": "x"', '"tensor_name": "X1"'], ['"config": {', '"config": { "input_shapes": "y:1x3x12x12", "input_processors": [{ "tensor_name": "z" }],']), says: `
axbuild.yaml:5:35  the model has no input "y"
   5 │       "config": { "input_shapes": "y:1x3x12x12", "input_processors": [{ "tensor_name": "z" }],
     │                                   ~~~~~~~~~~~~~
   inputs  x
   try     x
axbuild.yaml:9:30  the model has no input "X1"
   9 │               "tensor_name": "X1",
     │                              ~~~~
   inputs  x
   try     x
axbuild.yaml:5:88  the model has no input "z"
   5 │       "config": { "input_shapes": "y:1x3x12x12", "input_processors": [{ "tensor_name": "z" }],
     │                                                                                        ~~~
   inputs  x
   try     x`,
  },
  {
    what: 'an output folder below a file', exit: 2, wrong: () => {}, args: ['--output_dir', 'images.tar/out'], says: `
/w/images.tar/out/compiled.axmodel  this output cannot be written
   because  /w/images.tar is no folder`,
  },
  {
    what: 'a cache that is a file', exit: 2, wrong: () => {}, args: ['--cache', 'images.tar'], says: `
/w/images.tar/v1  the cache cannot be opened
   because  ENOTDIR: not a directory, mkdir '/w/images.tar/v1'
   try      another folder: --cache DIR`,
  },
  {
    what: 'a model that the manifest does not have', exit: 2, wrong: () => {}, args: ['smal'], says: `
axbuild.yaml has no goal "smal"
   goals  small
   try    small`,
  },
  {
    what: 'no manifest', exit: 2, wrong: (scene) => rmSync(join(scene.folder, 'axbuild.yaml')), says: `
no axbuild.yaml at /w/axbuild.yaml
   try  --workspace DIR, where it is
   or   --manifest FILE, which it is
   or   --input MODEL --output_dir DIR --config FILE, without one`,
  },
]));

test('names that the network does not have are told before the first float pass', async (t) => {
  const scene = makeScene(t, { layers: [{ layer_name: 'branch_nod', data_type: 'U16' }] });
  const { status, stdout } = await scene.axbuild(['build', '--log-format', 'json']);
  assert.equal(status, 2);
  const ran = Object.keys(summaryOf(eventsOf(stdout)).tasks);
  assert.deepEqual(ran.filter((task) => ['observe', 'sample', 'merge', 'resolve', 'tile'].includes(task)), []);
});

test('calibration data', (t) => check(t, [
  { what: 'an empty file', exit: 1, wrong: (scene) => scene.write('images.tar', ''), says: 'images.tar: empty, 0 bytes' },
  { what: 'an empty archive', exit: 1, wrong: archive(), says: 'images.tar: no files in this archive' },
  {
    what: 'no archive', exit: 1, wrong: (scene) => scene.write('images.tar', 'pictures'), says: `
images.tar: not an archive
   known  .zip, .tar.gz, .tar`,
  },
  {
    what: 'cut short', exit: 1, wrong: (scene) => scene.write('images.tar', scene.read('images.tar').subarray(0, 700)), says: `
images.tar: truncated or corrupt
   because  the end-of-archive mark is missing`,
  },
  {
    what: 'a folder', exit: 2,
    wrong: (scene) => {
      rmSync(join(scene.folder, 'images.tar'));
      mkdirSync(join(scene.folder, 'images'));
      manifest(['images.tar', 'images'])(scene);
    },
    says: `
axbuild.yaml:10:38  /w/images is a folder, not an archive
   10 │               "calibration_dataset": "images",
      │                                      ~~~~~~~~
   built  .tar, .tar.gz, .tgz, .zip`,
  },
  {
    what: 'an entry that climbs out of its folder', exit: 1, wrong: archive(['../../evil.npy', sample(inputShape, smallImage(0))]),
    says: 'images.tar: entry "../../evil.npy" is refused: it climbs out of its folder',
  },
  {
    what: 'a wrong shape', exit: 1, wrong: archive(['a.npy', sample([1, 3, 12, 11], smallImage(0).slice(0, 396))]), says: `
images.tar: a.npy: not what input x takes
   holds        FP32 [1,3,12,11]
   input takes  FP32 [1,3,12,12]`,
  },
  {
    what: 'a wrong type', exit: 1, wrong: archive(['a.npy', writeNpy({ dtype: 'U8', shape: [...inputShape], data: new Uint8Array(432) })]), says: `
images.tar: a.npy: not what input x takes
   holds        U8 [1,3,12,12]
   input takes  FP32 [1,3,12,12]`,
  },
  {
    what: 'a number that is none', exit: 1, wrong: archive(['a.npy', sample(inputShape, smallImage(0).fill(NaN, 17, 18))]), says: `
images.tar: a.npy: NaN at [0,0,1,5]
   allowed  finite numbers only`,
  },
]));

test('a file among the pictures that is none', async (t) => {
  const scene = makeScene(t);
  scene.write('pictures.onnx', imageNet());
  scene.write('pictures.tar', await pictures(1));
  scene.write('notes.tar', tarOf([['0.png', new Uint8Array(Buffer.from('not a picture'))]]));
  const config = (archive: string): string => JSON.stringify({ quant: { input_configs: [{ tensor_name: 'input', calibration_dataset: archive }] } });
  scene.write('good.json', config('pictures.tar'));
  scene.write('bad.json', config('notes.tar'));
  const args = (name: string): string[] => ['build', '--input', 'pictures.onnx', '--output_dir', 'output/pictures', '--config', name];
  assert.equal((await scene.axbuild(args('good.json'))).status, 0);
  const before = scene.stamps();
  const { status, stderr } = await scene.axbuild(args('bad.json'));
  assert.equal(stderr, `notes.tar: 0.png: not an image that can be read
   because  Input buffer contains unsupported image format
   try      JPEG, PNG, WebP, GIF or TIFF; for .npy files, calibration_format Numpy
`);
  assert.equal(status, 1);
  assert.deepEqual(scene.stamps(), before);
});
