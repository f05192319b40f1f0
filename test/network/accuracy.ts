// What the compiled network is worth: the container on the simulator against ONNX Runtime on the original model, on pictures that no
// calibration has seen.
import { readFileSync } from 'node:fs';
import { runContainer } from '../../src/axmodel/run.ts';
import { viewAs } from '../../src/base/bytes.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { openModel, type Session } from '../../src/onnx/float.ts';
import { models, type Built, type ModelName } from './networks.ts';
import { firstSeed, pictureOf, type Picture } from './pictures.ts';

export interface Figures {
  readonly pictures: number;
  /** Of the network's output, picture by picture. */
  readonly cosine: { readonly mean: number; readonly least: number };
  /** Signal to quantisation noise in dB, all pictures as one signal. */
  readonly sqnr: number;
  /** Of a classifier: on how many pictures both name the same class; on how many float and compiled name what the picture's writer meant. */
  readonly classes?: { readonly same: number; readonly floatRight: number; readonly compiledRight: number };
  /** Overlap of what is above `mapThreshold` in both, as a share of what is above it in either. */
  readonly iou: { readonly mean: number; readonly least: number };
}

/** Above it, the detector's map says text. */
export const mapThreshold = 0.3;

export interface Gallery {
  readonly pictures: readonly Picture[];
  /** What the original network says of each. */
  readonly float: readonly Float32Array[];
}

/** Pictures from the first unseen seed on. */
export async function galleryOf(name: ModelName, count: number): Promise<Gallery> {
  const pictures: Picture[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) pictures.push(await pictureOf(name, seed));
  const session = await openModel(readFileSync(models[name].file), { name });
  const float: Float32Array[] = [];
  for (const picture of pictures) float.push(await runFloat(session, picture));
  await session.close();
  return { pictures, float };
}

async function runFloat(session: Session, { floats, height, width }: Picture): Promise<Float32Array> {
  const outputs = await session.run({ x: { dtype: 'FP32', shape: [1, 3, height, width], data: floats } });
  return outputs[session.outputs[0]!]!.data as Float32Array; // both networks give floats
}

async function runCompiled({ container }: Built, { pixels }: Picture): Promise<Float32Array> {
  const outputs = await runContainer(container, { x: pixels }, { simulate: (program, params, inputs) => simulate(program, params, inputs).outputs });
  return viewAs(Float32Array, outputs[container.chains[0]!.outputs[0]!]!);
}

/** On the first `count` pictures. */
export async function measure(built: Built, { pictures, float }: Gallery, count = pictures.length): Promise<Figures> {
  const [cosines, ious]: number[][] = [[], []];
  const classes = { same: 0, floatRight: 0, compiledRight: 0 };
  let [signal, noise] = [0, 0];
  for (const [i, picture] of pictures.slice(0, count).entries()) {
    const due = float[i]!;
    const got = await runCompiled(built, picture);
    cosines!.push(cosine(due, got));
    ious!.push(overlap(due, got));
    due.forEach((value, at) => {
      signal += value * value;
      noise += (value - got[at]!) ** 2;
    });
    if (picture.label === undefined) continue;
    const [byFloat, byCompiled, meant] = [classOf(due), classOf(got), picture.label === '180' ? 1 : 0];
    classes.same += Number(byFloat === byCompiled);
    classes.floatRight += Number(byFloat === meant);
    classes.compiledRight += Number(byCompiled === meant);
  }
  return {
    pictures: count,
    cosine: spread(cosines!),
    sqnr: 10 * Math.log10(signal / noise),
    ...(pictures[0]?.label !== undefined && { classes }),
    iou: spread(ious!),
  };
}

export function print(name: string, { pictures, cosine: { mean, least }, sqnr, classes, iou }: Figures): string {
  const head = `${name}: ${pictures} pictures, cosine ${mean.toFixed(4)} (least ${least.toFixed(4)}), SQNR ${sqnr.toFixed(1)} dB`;
  return classes === undefined
    ? `${head}, IoU ${iou.mean.toFixed(4)} (least ${iou.least.toFixed(4)})`
    : `${head}, same class ${classes.same}, right: float ${classes.floatRight}, compiled ${classes.compiledRight}`;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa === 0 || bb === 0 ? Number(aa === bb) : ab / Math.sqrt(aa * bb);
}

function overlap(a: Float32Array, b: Float32Array): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! > mapThreshold, b[i]! > mapThreshold];
    both += Number(x && y);
    either += Number(x || y);
  }
  return either === 0 ? 1 : both / either;
}

function classOf(scores: Float32Array): number {
  return scores.indexOf(Math.max(...scores));
}

function spread(values: readonly number[]): { mean: number; least: number } {
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, least: Math.min(...values) };
}
