// What quantisation costs the networks of examples/: the compiled networks on the simulator against ONNX Runtime on the original models,
// on pictures that calibration has not seen.
import { openMemoryStore } from '../cache/memory-store.ts';
import type { Json } from '../src/base/canonical.ts';
import { galleryOf, mapThreshold, measure, print, type Gallery } from '../test/network/accuracy.ts';
import { buildNetwork, type ModelName } from '../test/network/networks.ts';
import { hold } from './bars.ts';
import type { How } from './how.ts';

interface Variant {
  readonly layers: Json;
  /** Least mean cosine, and of det least mean overlap. */
  readonly cosine?: number;
  readonly iou?: number;
}

const whole = { start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'] };
const u16 = { layers: [{ ...whole, data_type: 'U16' }] };
const wide = (type: 'U16' | 'S16', bars: Omit<Variant, 'layers'>): Variant => ({ layers: [{ ...whole, data_type: type, weight_data_type: 'S16' }], ...bars });

const cls: Readonly<Record<string, Variant>> = {
  'U8': { layers: [], cosine: 0.998 },
  'everything U16': u16,
  'everything U16, weights S16': wide('U16', { cosine: 0.9999 }),
  'everything S16, weights S16': wide('S16', { cosine: 0.9999 }),
};
const det: Readonly<Record<string, Variant>> = {
  'U8': { layers: [], cosine: 0.985, iou: 0.955 },
  'p2o.Conv.3 and every Add U16': { layers: [{ layer_name: 'p2o.Conv.3', data_type: 'U16' }, { op_type: 'Add', data_type: 'U16' }] },
  'everything U16': u16,
  'everything U16, weights S16': wide('U16', { cosine: 0.9995, iou: 0.997 }),
  'everything S16, weights S16': wide('S16', { cosine: 0.9995, iou: 0.997 }),
};

export async function run({ short }: How): Promise<void> {
  const lines = await galleryOf('cls', short ? 64 : 200);
  await show('cls', lines, cls);
  await show('det', await galleryOf('det', short ? 12 : 64), det);
}

async function show(name: ModelName, gallery: Gallery, variants: Readonly<Record<string, Variant>>): Promise<void> {
  const store = openMemoryStore();
  for (const [label, { layers, cosine, iou }] of Object.entries(variants)) {
    const built = await buildNetwork(name, { set: { 'compiler.check': 0, 'quant.layer_configs': layers } }, store);
    const figures = await measure(built, gallery);
    console.log(print(`${name}, ${label}`.padEnd(36), figures));
    if (cosine !== undefined) hold(`${name}, ${label}: mean cosine`, figures.cosine.mean, { atLeast: cosine, digits: 5 });
    if (iou !== undefined) hold(`${name}, ${label}: mean IoU at ${mapThreshold}`, figures.iou.mean, { atLeast: iou, digits: 4 });
    if (name === 'cls' && cosine !== undefined) hold(`${name}, ${label}: same class, of ${figures.pictures}`, figures.classes!.same / figures.pictures, { atLeast: 0.99, digits: 3 });
  }
}
