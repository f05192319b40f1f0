// The quantised model as standard ONNX, run by ONNX Runtime, against the same network in integers: operator by operator on equal integers,
// and end to end on pictures that calibration has not seen.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { openMemoryStore } from '../cache/memory-store.ts';
import type { Json } from '../src/base/canonical.ts';
import { digestOf, type Digest } from '../src/base/digest.ts';
import { readGraph } from '../src/graph/record.ts';
import { openModel } from '../src/onnx/float.ts';
import { readOnnx } from '../src/onnx/read.ts';
import { writeOnnx } from '../src/onnx/write.ts';
import type { Codes } from '../src/ops/group.ts';
import { kindOf } from '../src/ops/kinds/index.ts';
import type { FusedNetwork, ResolvedNetwork } from '../src/quant/network.ts';
import { galleryOf, type Gallery } from '../test/network/accuracy.ts';
import { buildNetwork, type Built, type ModelName } from '../test/network/networks.ts';
import { logicalPixels } from '../test/network/pictures.ts';
import { groupsOf, planOf, referenceEdges } from '../test/network/reference.ts';
import { runPart } from '../test/quant/qdq-part.ts';
import type { Group, Quantised } from '../test/quant/qdq.ts';
import { hold } from './bars.ts';
import type { How } from './how.ts';

const unit = 'subgraph_npu_0';
const whole = { start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'] };
const variants: Readonly<Record<string, Json>> = {
  'U8': [],
  'U16': [{ ...whole, data_type: 'U16' }],
  'U16, weights S16': [{ ...whole, data_type: 'U16', weight_data_type: 'S16' }],
};
/** On U8: least mean cosine to float, least ratio of the two in dB. */
const bars = { cls: { cosine: 0.998, ratio: 30 }, det: { cosine: 0.985, ratio: 25 } } as const;

export async function run({ short }: How): Promise<void> {
  for (const name of ['cls', 'det'] as const) {
    const gallery = await galleryOf(name, short ? 4 : 16);
    const store = openMemoryStore();
    for (const [label, layers] of Object.entries(short ? { U8: variants['U8']! } : variants)) {
      const built = await buildNetwork(name, { set: { 'compiler.check': 0, 'quant.layer_configs': layers } }, store);
      await show(name, label, { built, gallery });
    }
  }
}

async function show(name: ModelName, label: string, { built, gallery }: { readonly built: Built; readonly gallery: Gallery }): Promise<void> {
  const title = `${name}, ${label}`;
  const scene = sceneOf(built);
  const groups = groupsOf(built, unit);
  const [entering] = planOf(built, unit).inputs as [string];
  const edges = gallery.pictures.map((picture) => referenceEdges(groups, new Map([[entering, logicalPixels(picture)]])));
  const operators = await byOperator(scene, [...scene.groups.values()], edges[0]!);
  hold(`${title}: operators, most steps apart`, operators.most, { atMost: 1, digits: 0, note: `${(operators.apart * 100).toFixed(3)} % of the values at all` });

  const integer = edges.map((made) => made.get(built.container.chains[0]!.outputs[0]!)!.data as Float32Array);
  const byLevel: Float32Array[][] = [];
  const bar = label === 'U8' ? bars[name] : { cosine: bars[name].cosine, ratio: 30 };
  hold(`${title}: integers, mean cosine to float`, mean(integer.map((one, i) => cosine(one, gallery.float[i]!))), { atLeast: bar.cosine, digits: 5 });
  for (const level of ['disabled', 'all'] as const) {
    const standard = await runAll(built, gallery, level);
    byLevel.push(standard);
    hold(`${title}: ONNX Runtime (${level}), mean cosine to float`, mean(standard.map((one, i) => cosine(one, gallery.float[i]!))), { atLeast: bar.cosine, digits: 5 });
    hold(`${title}: ONNX Runtime (${level}) to integers`, ratio(integer, standard), { atLeast: bar.ratio, unit: 'dB', digits: 1 });
  }
  // How far two runs of one file are apart that differ in the last bits of floats: closer than that nothing can be expected to come.
  console.log(`${title}: ONNX Runtime (all) to itself (disabled)`.padEnd(62), ratio(byLevel[0]!, byLevel[1]!).toFixed(1).padStart(7), 'dB');
  const softmax = groups.find((group) => group.structure.kind === 'softmax');
  // Confident classes are alike to the last bit whatever came before: the scores tell more.
  if (softmax !== undefined) hold(`${title}: scores before Softmax, to integers`, await scores(scene, { edge: softmax.inputs[0]!, gallery, edges }), { atLeast: bar.ratio, unit: 'dB', digits: 1 });
}

/** The model as our own reader has it, and what its parts are compared with. */
function sceneOf(built: Built): Quantised {
  const kept = new Map<Digest, Uint8Array>();
  const keep = (bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    kept.set(digest, bytes);
    return digest;
  };
  const [model, data] = [built.files['quant/quant_qdq.onnx']!, built.files['quant/quant_qdq.data']!];
  const qdq = readOnnx(model, { file: 'quant_qdq.onnx', keep, externals: new Map([['quant_qdq.data', data]]) });
  const [network, resolved] = [built.json<FusedNetwork>('fuse', 'network'), built.json<ResolvedNetwork>('resolve', 'network')];
  const fused = new Map(network.groups.map((group) => [group.name, group]));
  const groups = new Map(groupsOf(built, unit).map((group): [string, Group] => [group.name, { ...group, fused: fused.get(group.name)! }]));
  return { graph: readGraph(built.blob(built.jobs['optimise']![0]!.outputs['graph']!.digest)), network, resolved, groups, model, data, qdq, blobs: (digest) => kept.get(digest)! };
}

/** On the codes of one picture. */
async function byOperator(scene: Quantised, groups: readonly Group[], edges: ReadonlyMap<string, Codes>): Promise<{ readonly most: number; readonly apart: number }> {
  let [most, apart, count] = [0, 0, 0];
  for (const group of groups) {
    const { fused, structure, params } = group;
    if (fused.nodes.length === 0) continue;
    const inputs = fused.inputs.map((edge) => edges.get(edge)!);
    const [due, got] = [kindOf(structure.kind).integer(structure, params, inputs).data, await runPart(scene, group, inputs)];
    for (let i = 0; i < due.length; i++) {
      const steps = Math.abs(due[i]! - got[i]!);
      most = Math.max(most, steps);
      apart += Number(steps > 0);
    }
    count += due.length;
  }
  return { most, apart: apart / count };
}

/** The published files, as a user runs them. */
async function runAll(built: Built, { pictures }: Gallery, level: 'disabled' | 'all'): Promise<Float32Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-bench-'));
  try {
    for (const file of ['quant_qdq.onnx', 'quant_qdq.data']) writeFileSync(join(folder, file), built.files[`quant/${file}`]!);
    const session = await ort.InferenceSession.create(join(folder, 'quant_qdq.onnx'), { graphOptimizationLevel: level, intraOpNumThreads: 1, logSeverityLevel: 3 });
    const made: Float32Array[] = [];
    for (const { floats, height, width } of pictures) {
      const results = await session.run({ x: new ort.Tensor('float32', floats, [1, 3, height, width]) });
      made.push(results[session.outputNames[0]!]!.data as Float32Array); // both networks give floats
    }
    await session.release();
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function scores({ network, resolved, qdq, blobs }: Quantised, { edge, gallery, edges }: { readonly edge: string; readonly gallery: Gallery; readonly edges: readonly ReadonlyMap<string, Codes>[] }): Promise<number> {
  const { tensor } = network.edges.find((one) => one.name === edge)!;
  const { scale, zero } = resolved.edges.find((one) => one.name === edge)!.quant!;
  const output = `${tensor}_DequantizeLinear_Output`;
  const session = await openModel(writeOnnx({ ...qdq, outputs: [output] }, blobs), { name: 'scores' });
  const standard: Float32Array[] = [];
  for (const { floats, height, width } of gallery.pictures) standard.push((await session.run({ x: { dtype: 'FP32', shape: [1, 3, height, width], data: floats } }))[output]!.data as Float32Array);
  await session.close();
  return ratio(edges.map((made) => Float32Array.from(made.get(edge)!.data, (code) => (code - zero) * scale)), standard);
}

/** Signal to noise in dB, all pictures as one signal. */
function ratio(due: readonly Float32Array[], got: readonly Float32Array[]): number {
  let [signal, noise] = [0, 0];
  due.forEach((one, p) => one.forEach((value, i) => {
    signal += value * value;
    noise += (value - got[p]![i]!) ** 2;
  }));
  return 10 * Math.log10(signal / noise);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return ab / Math.sqrt(aa * bb);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
