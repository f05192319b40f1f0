// A sketch is what calibration keeps of the float tensors it saw: small, mergeable, enough to derive ranges from without the data.
// Merging is commutative and associative to the bit, so that neither the order nor the grouping of images can show in a result: only
// minima, maxima and counts are kept. (Whoever adds a sum: floating addition is neither.)
import { elements } from '../base/dtype.ts';
import { bytesOf, viewAs } from '../base/bytes.ts';
import { byCodeUnit } from '../base/canonical.ts';
import { Fault } from '../base/fault.ts';
import { readPack, writePack } from '../base/pack.ts';

export interface TensorSketch {
  readonly count: number;
  /** f32 numbers, never -0. */
  readonly min: number;
  readonly max: number;
}

/** By tensor name of the float graph. */
export type Sketch = ReadonlyMap<string, TensorSketch>;

export interface FloatTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Sketches the tensors of one float pass. Throws a Fault on one that isn't finite. */
export function sketchOf(tensors: Iterable<FloatTensor>): Sketch {
  const sketch = new Map<string, TensorSketch>();
  for (const tensor of tensors) sketch.set(tensor.name, sketchTensor(tensor));
  return sketch;
}

function sketchTensor(tensor: FloatTensor): TensorSketch {
  const { data } = tensor;
  const { length } = data;
  if (length === 0) return { count: 0, min: 0, max: 0 };
  // Two of each, because each comparison waits for the one before. x - x is 0, but NaN for what isn't finite.
  const first = data[0]!;
  let min0 = first;
  let min1 = first;
  let max0 = first;
  let max1 = first;
  let odd = 0;
  for (let i = 0; i + 1 < length; i += 2) {
    const a = data[i]!;
    const b = data[i + 1]!;
    odd += a - a + (b - b);
    if (a < min0) min0 = a;
    if (b < min1) min1 = b;
    if (a > max0) max0 = a;
    if (b > max1) max1 = b;
  }
  const last = data[length - 1]!;
  odd += last - last;
  if (odd !== 0) throw notFinite(tensor, data.findIndex((value) => !Number.isFinite(value)));
  return { count: length, min: Math.min(min0, min1, last) + 0, max: Math.max(max0, max1, last) + 0 };
}

function notFinite({ name, shape, data }: FloatTensor, first: number): Fault {
  const count = data.reduce((sum, value) => sum + Number(!Number.isFinite(value)), 0);
  const at: number[] = [];
  for (let d = shape.length - 1, rest = first; d >= 0; rest = Math.floor(rest / shape[d]!), d--) at.unshift(rest % shape[d]!);
  return new Fault({
    what: `float tensor "${name}" is ${data[first]} at [${at.join(',')}]`,
    facts: [
      ['tensor', `FP32[${shape.join(',')}], ${count} of ${elements(shape)} values not finite`],
      ['try', 'look for the first tensor that is not finite: a division by zero, an overflow, or calibration data outside of what the model expects'],
    ],
  });
}

/** One sketch of all that the given ones saw; all must be of the same network. */
export function mergeSketches(sketches: readonly Sketch[]): Sketch {
  const [first, ...rest] = sketches;
  if (first === undefined) throw new Fault({ what: 'calibration needs at least one image, and there is none' });
  return rest.reduce(mergeTwo, first);
}

function mergeTwo(a: Sketch, b: Sketch): Sketch {
  if (a.size !== b.size) throw new Error(`BUG: sketches of different networks: ${a.size} and ${b.size} tensors`);
  const merged = new Map<string, TensorSketch>();
  for (const [name, one] of a) {
    const other = b.get(name);
    if (other === undefined) throw new Error(`BUG: sketches of different networks: only one has "${name}"`);
    merged.set(name, mergeTensors(one, other));
  }
  return merged;
}

function mergeTensors(a: TensorSketch, b: TensorSketch): TensorSketch {
  // An empty tensor has seen nothing; its zeros are no values.
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  return { count: a.count + b.count, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

const version = 1;

/** A pack with one section per statistic, in the order of meta.tensors: a later version adds sections. */
export function writeSketch(sketch: Sketch): Uint8Array {
  const names = [...sketch.keys()].sort(byCodeUnit);
  const column = (pick: (tensor: TensorSketch) => number): number[] => names.map((name) => pick(sketch.get(name)!));
  return writePack({ format: 'sketch', version, tensors: names }, [
    ['count', bytesOf(Float64Array.from(column((tensor) => tensor.count)))],
    ['min', bytesOf(Float32Array.from(column((tensor) => tensor.min)))],
    ['max', bytesOf(Float32Array.from(column((tensor) => tensor.max)))],
  ]);
}

export function readSketch(bytes: Uint8Array): Sketch {
  const { meta, sections } = readPack(bytes);
  // Ours alone write packs under this format name; another version is the only thing to expect.
  const { format, version: found, tensors } = meta as { format?: string; version?: number; tensors: readonly string[] };
  if (format !== 'sketch' || found !== version) throw new Fault({ what: `this is no sketch of version ${version}: ${format ?? 'unknown'} ${found ?? ''}`.trimEnd() });
  const column = <T>(name: string, kind: Parameters<typeof viewAs<T>>[0]): T => {
    const section = sections.get(name);
    if (section === undefined) throw new Fault({ what: `the sketch has no section ${name}` });
    return viewAs(kind, section);
  };
  const count = column('count', Float64Array);
  const min = column('min', Float32Array);
  const max = column('max', Float32Array);
  return new Map(tensors.map((name, i) => [name, { count: count[i]!, min: min[i]!, max: max[i]! }]));
}
