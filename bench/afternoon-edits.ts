// The thirty edits of the recorded afternoon, in order: what an engineer who looks for the right precision of the text detector tries.
import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArchive } from '../src/dataset/archive.ts';
import { tarOf } from '../test/rig/tar.ts';

export interface Edit {
  readonly name: string;
  /** Sets the type of operators. */
  readonly isPrecision: boolean;
  act(desk: Desk): void;
}

/** A copy of examples/ in a folder: one configuration file, edited as text. */
export class Desk {
  readonly folder: string;
  readonly #original: string;
  readonly #images: readonly (readonly [string, Uint8Array])[];
  #layers: Readonly<Record<string, string>> = {};
  #swaps: Readonly<Record<string, string>> = {};

  private constructor(folder: string, images: readonly (readonly [string, Uint8Array])[]) {
    this.folder = folder;
    this.#images = images;
    this.#original = readFileSync(join(folder, 'examples/det.json'), 'utf8');
  }

  static async open(folder: string): Promise<Desk> {
    const entries = await readArchive(readFileSync(join(folder, 'examples/data/det-calibration.tar')), 'det-calibration.tar');
    return new Desk(folder, entries.map(({ name, bytes }) => [name, bytes] as const));
  }

  /** One entry of layer_configs, under a name of the engineer's; null takes it out. */
  layer(name: string, entry: object | null): void {
    const { [name]: _, ...others } = this.#layers;
    this.#layers = entry === null ? others : { ...others, [name]: JSON.stringify(entry) };
    this.save();
  }

  /** Other words in place of some of the file's own; null: its own again. */
  swap(own: string, other: string | null): void {
    if (!this.#original.includes(own)) throw new Error(`examples/det.json has no ${own}`);
    const { [own]: _, ...others } = this.#swaps;
    this.#swaps = other === null ? others : { ...others, [own]: other };
    this.save();
  }

  /** What the editor does; `dress` adds comments or changes blanks. */
  save(dress: (text: string) => string = (text) => text): void {
    const entries = Object.values(this.#layers).map((entry) => `\n      ${entry},`).join('');
    let text = this.#original.replace('"layer_configs": [],', `"layer_configs": [${entries}${entries && '\n    '}],`);
    for (const [own, other] of Object.entries(this.#swaps)) text = text.replace(own, other);
    this.#write('examples/det.json', dress(text));
  }

  images(count: number): void {
    this.#write('examples/data/det-calibration.tar', tarOf(this.#images.slice(0, count)));
  }

  /** Whole or not at all, as editors do that lose nothing: a file that is half written is a fault for a moment. */
  #write(path: string, content: string | Uint8Array): void {
    const beside = join(this.folder, `${path}~`);
    writeFileSync(beside, content);
    renameSync(beside, join(this.folder, path));
  }

  touch(path: string): void {
    utimesSync(join(this.folder, path), new Date(), new Date());
  }

  remove(path: string): void {
    rmSync(join(this.folder, path));
  }
}

const precision = (name: string, act: Edit['act']): Edit => ({ name, isPrecision: true, act });
const other = (name: string, act: Edit['act']): Edit => ({ name, isPrecision: false, act });

const compiler = '"check": 2,';
const mode = '"npu_mode": "NPU1"';
const range = { start_tensor_names: ['x'], end_tensor_names: ['p2o.Mul.125'], check: 2 };

export const edits: readonly Edit[] = [
  precision('the last convolution in U16', (desk) => desk.layer('last', { layer_name: 'p2o.Conv.61', data_type: 'U16' })),
  precision('a stem convolution too', (desk) => desk.layer('stem', { layer_name: 'p2o.Conv.3', data_type: 'U16' })),
  other('a comment', (desk) => desk.save((text) => `// what did that bring?\n${text}`)),
  precision('the stem back in U8', (desk) => desk.layer('stem', null)),
  precision('two convolutions by name', (desk) => desk.layer('two', { layer_names: ['p2o.Conv.11', 'p2o.Conv.13'], data_type: 'U16' })),
  precision('one of the two only', (desk) => desk.layer('two', { layer_name: 'p2o.Conv.11', data_type: 'U16' })),
  precision('its weights in S16', (desk) => desk.layer('two', { layer_name: 'p2o.Conv.11', data_type: 'U16', weight_data_type: 'S16' })),
  other('the file formatted anew', (desk) => desk.save((text) => text.replaceAll('  ', '    '))),
  precision('signed instead', (desk) => desk.layer('two', { layer_name: 'p2o.Conv.11', data_type: 'S16', weight_data_type: 'S16' })),
  precision('only the weights', (desk) => desk.layer('two', { layer_name: 'p2o.Conv.11', weight_data_type: 'S16' })),
  other('the model touched', (desk) => desk.touch('models/det.onnx')),
  precision('out again', (desk) => desk.layer('two', null)),
  precision('all transposed convolutions', (desk) => desk.layer('type', { op_type: 'ConvTranspose', data_type: 'U16' })),
  other('a picture less', (desk) => desk.images(31)),
  precision('and their outputs in U8', (desk) => desk.layer('type', { op_type: 'ConvTranspose', data_type: 'U16', output_data_type: 'U8' })),
  precision('out again', (desk) => desk.layer('type', null)),
  other('the picture back', (desk) => desk.images(32)),
  precision('one addition in U16', (desk) => desk.layer('add', { layer_name: 'p2o.Add.246', data_type: 'U16' })),
  other('core mode NPU3', (desk) => desk.swap(mode, '"npu_mode": "NPU3"')),
  other('core mode NPU1 again', (desk) => desk.swap(mode, null)),
  other('a check that tolerates', (desk) => desk.swap(compiler, '"check": 1,')),
  other('the strict check again', (desk) => desk.swap(compiler, null)),
  precision('another addition as well', (desk) => desk.layer('add', { layer_names: ['p2o.Add.246', 'p2o.Add.240'], data_type: 'U16' })),
  precision('a multiplication', (desk) => desk.layer('mul', { layer_name: 'p2o.Mul.162', data_type: 'U16' })),
  other('an output deleted, and the file saved', (desk) => {
    desk.remove('output/det/compiled.axmodel');
    desk.save();
  }),
  other('a range as a unit of its own', (desk) => desk.swap(compiler, `"check": 2, "sub_configs": [${JSON.stringify(range)}],`)),
  other('one unit again', (desk) => desk.swap(compiler, null)),
  precision('a small convolution', (desk) => desk.layer('small', { layer_name: 'p2o.Conv.40', data_type: 'U16' })),
  precision('instead its neighbour', (desk) => desk.layer('small', { layer_name: 'p2o.Conv.42', data_type: 'U16' })),
  other('another batch size', (desk) => desk.swap(compiler, '"check": 2, "static_batch_sizes": [1, 2],')),
];
