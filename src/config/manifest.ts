// axbuild.yaml: the models of a workspace.
//
//   models:
//     det:
//       input: models/det.onnx
//       config: det.json              # a file in the vendor's format, or the same settings right here
//       overrides:
//         compiler.check: 2           # dotted path: value
//       output_dir: output/det        # the default
//
// Relative paths, also those in the configuration file, start at the manifest's folder.
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { Fault, Faults, nearest } from '../base/fault.ts';
import { faultAt, unknownKey, wrongType } from './faults.ts';
import type { FlagValues } from './flags.ts';
import type { Setting } from './merge.ts';
import { readConfigFile } from './read.ts';
import { resolveConfig, setting, type ResolvedConfig } from './resolve.ts';
import { emptyMap, entryOf, placeOfSpan, type Entry, type Mapping, type Span, type Tree } from './tree.ts';

export interface Manifest {
  /** As the user named it. */
  readonly file: string;
  /** Absolute. */
  readonly folder: string;
  /** By name, in the manifest's order. */
  readonly models: ReadonlyMap<string, ManifestModel>;
}

export interface ManifestModel {
  readonly name: string;
  readonly config: { readonly file: string; readonly from: Span } | { readonly inline: Tree };
  /** input, output_dir and overrides, in this order. */
  readonly settings: readonly Setting[];
}

const modelKeys = ['input', 'config', 'overrides', 'output_dir'];

/** Throws a Fault or Faults. The configurations themselves are read by `resolveModel`. */
export function readManifest(file: string): Manifest {
  const root = readConfigFile(resolve(file), { file });
  const faults: Fault[] = [];
  const models = new Map<string, ManifestModel>();
  for (const { key, keySpan, value } of mapAt(root, 'a manifest', faults).entries) {
    if (key !== 'models') faults.push(unknownKey(key, keySpan, { parent: '', known: ['models'], homes: [] }));
    else for (const entry of mapAt(value, 'models', faults).entries) models.set(entry.key, readModel(entry, faults));
  }
  if (models.size === 0 && faults.length === 0) faults.push(faultAt(root.span, `${file} names no models`, [['like', 'models: { det: { input: det.onnx, config: det.json } }']]));
  const [first, ...others] = faults;
  if (first !== undefined) throw others.length === 0 ? first : new Faults(faults);
  return { file, folder: dirname(resolve(file)), models };
}

/** The configuration of one model of a manifest. `flags` are for all models that are built. */
export function resolveModel(manifest: Manifest, name: string, { flags = {}, cwd = process.cwd() }: { flags?: FlagValues; cwd?: string } = {}): ResolvedConfig {
  const model = manifest.models.get(name);
  if (model === undefined) {
    const known = [...manifest.models.keys()];
    const near = nearest(name, known);
    throw new Fault({ exit: 2, what: `${manifest.file} has no model "${name}"`, facts: [['models', known.join(', ')], ...(near === undefined ? [] : [['try', near] as const])] });
  }
  const source = 'inline' in model.config
    ? model.config
    : { file: model.config.file, from: placeOfSpan(model.config.from), fileName: isAbsolute(model.config.file) ? model.config.file : join(dirname(manifest.file), model.config.file) };
  return resolveConfig({
    ...source,
    defaults: [setting('output_dir', `output/${name}`, manifest.file)],
    overrides: model.settings,
    flags,
    base: manifest.folder,
    cwd,
  });
}

function readModel({ key: name, keySpan, value }: Entry, faults: Fault[]): ManifestModel {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name) || basename(name) !== name) {
    faults.push(faultAt(keySpan, `"${name}" can't be the name of a model`, [['names', 'letters, digits, _ - and . after a letter or digit']]));
  }
  const model = mapAt(value, name, faults);
  for (const { key, keySpan: at } of model.entries) {
    if (!modelKeys.includes(key)) faults.push(unknownKey(key, at, { parent: name, known: modelKeys, homes: [] }));
  }
  const settings = ['input', 'output_dir'].flatMap((key): Setting[] => {
    const entry = entryOf(model, key);
    if (entry === undefined) return [];
    if (entry.value.kind !== 'scalar' || typeof entry.value.value !== 'string') faults.push(wrongType(key, { field: { type: 'path', about: '' }, tree: entry.value }));
    return [{ path: key, at: entry.keySpan, value: entry.value }];
  });
  const overrides = entryOf(model, 'overrides');
  for (const entry of overrides === undefined ? [] : mapAt(overrides.value, 'overrides', faults).entries) {
    settings.push({ path: entry.key, at: entry.keySpan, value: entry.value });
  }
  return { name, settings, config: readSource(entryOf(model, 'config'), faults) };
}

function readSource(entry: Entry | undefined, faults: Fault[]): ManifestModel['config'] {
  const value = entry?.value;
  if (value === undefined || value.kind === 'map') return { inline: value ?? emptyMap('') };
  if (value.kind === 'scalar' && typeof value.value === 'string') return { file: value.value, from: value.span };
  faults.push(faultAt(value.span, 'config takes a file or a map of settings'));
  return { inline: emptyMap('') };
}

/** An empty YAML value counts as an empty map. */
function mapAt(tree: Tree, name: string, faults: Fault[]): Mapping {
  if (tree.kind === 'map') return tree;
  if (tree.kind !== 'scalar' || tree.value !== null) faults.push(faultAt(tree.span, `${name} is a map`));
  return emptyMap('');
}
