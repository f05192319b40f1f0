import { openMemoryStore } from '../cache/memory-store.ts';
import { galleryOf, measure, print } from '../test/network/accuracy.ts';
import { buildNetwork } from '../test/network/networks.ts';
const n = process.argv[2] as 'cls' | 'det'; const count = Number(process.argv[3]);
const g = await galleryOf(n, count);
for (const layers of JSON.parse(process.argv[4]!)) { try { const b = await buildNetwork(n, { set: { 'compiler.check': 2, 'quant.layer_configs': layers } }, openMemoryStore());
const v = (b.jobs['link_check']??[]).map((j) => Buffer.from(b.blob(j.outputs['verdict']!.digest)).toString());
console.log(print(n + JSON.stringify(layers), await measure(b, g)), v.join()); } catch (e) { console.log(JSON.stringify(layers), String(e)); } }
