// What the quantised networks are worth: 32 calibration pictures, U8, MinMax; then pictures that calibration has not seen, on the simulator
// against ONNX Runtime on the original models. The bars lie under what a float emulation of the same quantisation reaches.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { openMemoryStore, type MemoryStore } from '../../cache/memory-store.ts';
import type { Json } from '../../src/base/canonical.ts';
import { textOf } from '../../src/base/bytes.ts';
import { galleryOf, measure, print, type Figures, type Gallery } from './accuracy.ts';
import { buildNetwork, type Built } from './networks.ts';
import { groupsOf } from './reference.ts';

const soak = process.env['SOAK'] === '1';

test('cls, U8: 0.998 of cosine on 64 lines, the same class on 99 of 100 of 200 lines, half of them upside down', async (t) => {
  const built = await buildNetwork('cls', { set: { 'compiler.check': 0 } });
  assert.equal(built.jobs['observe']?.length, 32);
  const gallery = await galleryOf('cls', 200);
  const { pictures } = gallery;
  assert.equal(pictures.filter(({ label }) => label === '180').length, 100);
  const some = await measure(built, gallery, 64);
  const all = await measure(built, gallery);
  t.diagnostic(print('cls', some));
  t.diagnostic(print('cls', all));
  // Most lines are so clear that both say 1 and 0: the unclear ones are among the others.
  assert.ok(some.cosine.mean >= 0.998 && all.cosine.mean >= 0.998, `cosine ${some.cosine.mean}, ${all.cosine.mean}`);
  const { same, floatRight, compiledRight } = all.classes!;
  assert.ok(same >= 198, `same class on ${same}`);
  // The pictures mean something: float itself reads which way a line stands.
  assert.ok(floatRight >= 190 && compiledRight >= 190, `${floatRight}, ${compiledRight} right`);
});

let store: MemoryStore;
let gallery: Gallery;
let narrow: { built: Built; figures: Figures };

before(async () => {
  store = openMemoryStore();
  gallery = await galleryOf('det', soak ? 64 : 12);
  narrow = await measured({ 'compiler.check': 0 });
});

async function measured(set: Record<string, Json>): Promise<typeof narrow> {
  const built = await buildNetwork('det', { set }, store);
  return { built, figures: await measure(built, gallery) };
}

test('det, U8: 0.985 of cosine, and 0.955 of overlap where the map says text', (t) => {
  const { built, figures } = narrow;
  t.diagnostic(print('det', figures));
  assert.equal(built.jobs['observe']?.length, 32);
  assert.ok(figures.cosine.mean >= 0.985, `cosine ${figures.cosine.mean}`);
  assert.ok(figures.iou.mean >= 0.955, `IoU ${figures.iou.mean}`);
});

test('det: a few operators in sixteen bits pass their checks and come nearer to float', async (t) => {
  const { built, figures } = await measured({
    'compiler.check': 2,
    'quant.layer_configs': [{ layer_name: 'p2o.Conv.3', data_type: 'U16' }, { op_type: 'Add', data_type: 'U16' }],
  });
  t.diagnostic(print('det, p2o.Conv.3 and every Add U16', figures));
  assertChecked(built);
  const conv = groupsOf(built, 'subgraph_npu_0').find((group) => group.name === 'p2o.Conv.3')!;
  assert.deepEqual([conv.structure.entries, conv.structure.constants['weight']?.dtype], [['U16'], 'S8']);
  assert.ok(figures.cosine.mean >= narrow.figures.cosine.mean + 0.002, `${figures.cosine.mean} after ${narrow.figures.cosine.mean}`);
  assert.ok(figures.iou.mean > narrow.figures.iou.mean && figures.sqnr > narrow.figures.sqnr + 2);
});

test('det: everything in sixteen bits passes its checks, loses no bits, and is as good as weights of eight bits allow', async (t) => {
  const { built, figures } = await measured({
    'compiler.check': 2,
    'quant.layer_configs': [{ start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], data_type: 'U16' }],
  });
  t.diagnostic(print('det, everything U16', figures));
  assertChecked(built);
  for (const { name, structure } of groupsOf(built, 'subgraph_npu_0')) {
    const types = [...structure.entries, structure.output.dtype].filter((type, i) => !(structure.kind === 'quantize' && i === 0) && type !== 'FP32');
    assert.ok(types.every((type) => type === 'U16'), `${name}: ${types.join(', ')}`);
  }
  // 16-bit activations with 8-bit weights: a float emulation gives 0.998.
  assert.ok(figures.cosine.mean >= 0.997, `cosine ${figures.cosine.mean}`);
  assert.ok(figures.iou.mean >= 0.985, `IoU ${figures.iou.mean}`);
});

for (const type of ['U16', 'S16'] as const) {
  test(`det: activations ${type} and weights S16 pass their checks and are as good as float: 0.9995 of cosine, 0.997 of overlap`, async (t) => {
    const { built, figures } = await measured({
      'compiler.check': 2,
      'quant.layer_configs': [{ start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], data_type: type, weight_data_type: 'S16' }],
    });
    t.diagnostic(print(`det, everything ${type}, weights S16`, figures));
    assertChecked(built);
    const stored = groupsOf(built, 'subgraph_npu_0').flatMap(({ structure }) => Object.values(structure.constants).map(({ dtype }) => dtype));
    assert.ok(stored.length > 50 && stored.every((dtype) => dtype === 'S16'));
    assert.ok(figures.cosine.mean >= 0.9995, `cosine ${figures.cosine.mean}`);
    assert.ok(figures.iou.mean >= 0.997, `IoU ${figures.iou.mean}`);
  });
}

test('det: an island of FP32 at the end of a network in sixteen bits passes its checks and hands floats out', async (t) => {
  const { built, figures } = await measured({
    'compiler.check': 2,
    'quant.highest_mix_precision': true,
    'quant.layer_configs': [{ op_types: ['Sigmoid', 'Add'], data_type: 'FP32' }],
  });
  t.diagnostic(print('det, highest_mix_precision with Sigmoid and Add in FP32', figures));
  assertChecked(built);
  const groups = groupsOf(built, 'subgraph_npu_0');
  assert.equal(groups.at(-1)!.structure.inputs[0]!.dtype, 'FP32');
  assert.ok(groups.filter(({ structure }) => structure.kind === 'eltwise' && structure.epilogue === 'float').length >= 5);
  assert.ok(figures.cosine.mean >= 0.9995 && figures.iou.mean >= 0.997, `${figures.cosine.mean}, ${figures.iou.mean}`);
});

/** Every group and the link were compared with the definitions, and no accumulator left its width. */
function assertChecked(built: Built): void {
  const groups = groupsOf(built, 'subgraph_npu_0');
  assert.equal(built.jobs['check']?.length, groups.length);
  const [linked] = built.jobs['link_check']!;
  const verdict: unknown = JSON.parse(textOf(built.blob(linked!.outputs['verdict']!.digest)));
  assert.deepEqual(verdict, { groups: groups.length, saturations: 0 });
}
