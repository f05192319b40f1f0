// What quantisation costs the networks of examples/: the compiled networks on the simulator against ONNX Runtime on the original models,
// on pictures that calibration has not seen.
import { openMemoryStore } from '../cache/memory-store.ts';
import type { Json } from '../src/base/canonical.ts';
import { galleryOf, measure, print, type Gallery } from '../test/network/accuracy.ts';
import { buildNetwork, type ModelName } from '../test/network/networks.ts';

const variants: Readonly<Record<string, Json>> = {
  'U8': [],
  'p2o.Conv.3 and every Add U16': [{ layer_name: 'p2o.Conv.3', data_type: 'U16' }, { op_type: 'Add', data_type: 'U16' }],
  'everything U16': [{ start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], data_type: 'U16' }],
};

export async function run(): Promise<void> {
  const lines = await galleryOf('cls', 200);
  await show('cls', lines, { 'U8, 64 lines': [] }, 64);
  await show('cls', lines, { 'U8': [], 'everything U16': variants['everything U16']! });
  console.log('bars on U8: cosine 0.998 on 64 lines, same class on 99 % of 200');
  await show('det', await galleryOf('det', 64), variants);
  console.log('bars on U8: cosine 0.985, IoU of the map at 0.3 0.955');
}

async function show(name: ModelName, gallery: Gallery, settings: Readonly<Record<string, Json>>, count?: number): Promise<void> {
  const store = openMemoryStore();
  for (const [label, layers] of Object.entries(settings)) {
    const built = await buildNetwork(name, { set: { 'compiler.check': 0, 'quant.layer_configs': layers } }, store);
    console.log(print(`${name}, ${label}`.padEnd(36), await measure(built, gallery, count)));
  }
}
