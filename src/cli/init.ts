// `axbuild init`: a first axbuild.yaml, from what the models say of themselves. It asks nothing and overwrites nothing.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { isCompiled } from '../axmodel/inspect.ts';
import { Fault } from '../base/fault.ts';
import { decodeModel } from '../onnx/codec.ts';
import { inspectOnnx } from '../onnx/inspect.ts';
import type { Arguments } from './arguments.ts';
import { manifestIn } from './ask.ts';
import { firstManifest, type FoundModel } from './first-manifest.ts';
import { readGiven } from './given-file.ts';
import { shortPath } from './short-path.ts';

export async function init({ words, options }: Arguments): Promise<0> {
  if (words.length === 0) throw new Fault({ exit: 2, what: 'a model is missing', facts: [['usage', 'axbuild init MODEL.onnx…']] });
  const path = resolve(options['manifest'] ?? manifestIn(resolve(options['workspace'] ?? '.')));
  const name = shortPath(path);
  const models = words.map((word) => look(word, dirname(path)));
  const twice = models.find((model, i) => models.findIndex((one) => one.name === model.name) < i);
  if (twice !== undefined) throw new Fault({ exit: 2, what: `two models would be named "${twice.name}"`, facts: [['try', 'one of them now; the other is two lines more in the manifest']] });
  if (existsSync(path) && !('force' in options)) throw new Fault({ exit: 2, what: `${name} is there already`, facts: [['try', '--manifest FILE, another place'], ['or', '--force, which overwrites it']] });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, firstManifest(models));
  const data = models.flatMap((model) => model.inputs.map(({ dataset }) => dataset));
  process.stdout.write(`wrote ${name}\nnext: put calibration data where it says (${data.join(', ')}), look at the lines marked CHECK, then: axbuild build\n`);
  return 0;
}

function look(word: string, folder: string): FoundModel {
  const model = decodeModel(readGiven(word, 'model'), shortPath(word));
  if (isCompiled(model)) throw new Fault({ exit: 2, place: { file: shortPath(word) }, what: 'this model is compiled already', facts: [['try', `axbuild inspect ${word}`]] });
  const { inputs } = inspectOnnx(model, shortPath(word));
  const name = basename(word).replace(/\.onnx$/i, '').replace(/[^\w.-]+/g, '_').replace(/^[^A-Za-z0-9]+/, '') || 'model';
  return {
    name,
    path: relative(folder, resolve(word)).split(sep).join('/'),
    inputs: inputs.map((input) => ({ ...input, dataset: `calibration/${inputs.length === 1 ? name : `${name}-${input.name.replace(/[^\w.-]+/g, '_')}`}.tar` })),
  };
}
