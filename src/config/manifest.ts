// axbuild.yaml: the goals of a workspace (docs/manifests.md).
//
//   models:
//     det:
//       input: models/det.onnx
//       config: det.json              # a file in the vendor's format, or the same settings right here
//       overrides:
//         compiler.check: 2           # dotted path: value
//       output_dir: output/det        # the default
//       matrix:
//         npu_mode: [NPU1, NPU2]      # two goals: det@NPU1 and det@NPU2
//
// Relative paths, also those in a configuration file, start at the folder of the manifest in which they, or that file's name, stand.
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Fault, type Place } from '../base/fault.ts';
import { readEnvironment, substitute, type Environment, type Variables } from './environment.ts';
import { readExtended } from './extends.ts';
import { faultAt, throwAny } from './faults.ts';
import type { FlagValues } from './flags.ts';
import { defaultsKeys, modelKeys, rootKeys } from './manifest-keys.ts';
import { cellsOf } from './matrix.ts';
import { mergeTrees, type Setting } from './merge.ts';
import { resolveConfig, setting, type ConfigSource, type ResolvedConfig } from './resolve.ts';
import { knownKeys, listAt, mapAt, settingOf, tagsAt, textAt } from './shape.ts';
import { entryOf, placeOfSpan, type Entry, type Mapping, type Tree } from './tree.ts';

export interface Manifest {
  /** As the user named it. */
  readonly file: string;
  /** All that were read, absolute: what it extends and the workspace's others as well. */
  readonly files: readonly string[];
  /** In the manifest's order: by model, then by cell, then those of its `manifests`. */
  readonly goals: readonly ManifestGoal[];
}

export interface ManifestGoal {
  /** cameras/det@NPU1 */
  readonly name: string;
  /** cameras/det */
  readonly model: string;
  readonly tags: readonly string[];
  /** The manifest, as faults call it, and its folder. */
  readonly file: string;
  readonly folder: string;
  /** What process.env gave for the declared variables; '' for those that aren't set. */
  readonly environment: Environment['given'];
  readonly configs: readonly ConfigSource[];
  /** output/<this> is where it goes by default. */
  readonly output: string;
  /** input, output_dir, overrides and the cell's own, in this order. */
  readonly settings: readonly Setting[];
}

/** Throws a Fault or Faults. The configurations themselves are read by `resolveGoal`. */
export function readManifest(file: string, { variables = process.env }: { variables?: Variables } = {}): Manifest {
  return readMember(file, { path: resolve(file), prefix: '', variables, above: [] });
}

/** The configuration of a goal. `flags` are for all goals that are built. */
export function resolveGoal({ file, folder, output, configs, settings }: ManifestGoal, { flags = {}, cwd = process.cwd() }: { flags?: FlagValues; cwd?: string } = {}): ResolvedConfig {
  return resolveConfig({ configs, defaults: [setting('output_dir', `output/${output}`, file)], overrides: settings, flags, base: folder, cwd });
}

interface Member {
  readonly path: string;
  /** What its goals' names begin with: '' or 'cameras/'. */
  readonly prefix: string;
  readonly variables: Variables;
  readonly from?: Place;
  /** Manifests that have it among their `manifests`. */
  readonly above: readonly string[];
}

function readMember(file: string, { path, prefix, variables, from, above }: Member): Manifest {
  const faults: Fault[] = [];
  const { tree, files } = readExtended(file, { path, ...(from && { from }) });
  const environment = readEnvironment(entryOf(tree, 'environment')?.value, variables, faults);
  const entries = tree.entries.map((entry) => (entry.key === 'environment' ? entry : { ...entry, value: substitute(entry.value, environment.values, faults) }));
  const root: Mapping = { ...tree, entries };
  knownKeys(root, { known: rootKeys, parent: '' }, faults);
  const place = { file, folder: dirname(path), environment: environment.given };
  const own = readModels(root, faults).map((goal) => ({ ...goal, ...place, name: prefix + goal.name, model: prefix + goal.model }));
  const named = listAt(entryOf(root, 'manifests')?.value, 'manifests', faults);
  if (own.length === 0 && named.length === 0 && faults.length === 0) {
    faults.push(faultAt(entryOf(root, 'models')?.keySpan ?? root.span, `${file} names no models`, [['like', 'models: { det: { input: det.onnx, config: det.json } }']]));
  }
  throwAny(faults);
  const others = named.map((item) => readOther(item, { path, file, prefix, variables, above: [...above, path] }));
  const goals = [...own, ...others.flatMap((other) => other.goals)];
  throwAny(twice(goals));
  return { file, files: [...new Set([...files, ...others.flatMap((other) => other.files)])], goals };
}

function readOther(item: Tree, { file, path, prefix, variables, above }: Member & { file: string }): Manifest {
  const faults: Fault[] = [];
  const text = textAt(item, 'an entry of manifests', faults) ?? '';
  throwAny(faults);
  const other = resolve(item.span.source.folder ?? dirname(path), text);
  const folder = relative(dirname(path), dirname(other)).split(sep).join('/');
  if (folder.startsWith('..') || isAbsolute(folder)) throw faultAt(item.span, `${text} does not lie below the folder of ${file}`, [['because', 'its goals are named by its folder']]);
  if (above.includes(other)) throw faultAt(item.span, `${text} has itself among its manifests`);
  return readMember(join(dirname(file), relative(dirname(path), other)), { path: other, prefix: folder === '' ? prefix : `${prefix}${folder}/`, variables, from: placeOfSpan(item.span), above });
}

type LocalGoal = Omit<ManifestGoal, 'file' | 'folder' | 'environment'>;

function readModels(root: Mapping, faults: Fault[]): LocalGoal[] {
  const defaults = mapAt(entryOf(root, 'defaults')?.value, 'defaults', faults);
  knownKeys(defaults, { known: defaultsKeys, parent: 'defaults' }, faults);
  const matrix = entryOf(root, 'matrix')?.value;
  const excludes = new Map<Tree, boolean>();
  const goals = mapAt(entryOf(root, 'models')?.value, 'models', faults).entries.flatMap(({ key: name, keySpan, value }) => {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) faults.push(faultAt(keySpan, `"${name}" can't be the name of a model`, [['names', 'letters, digits, _ - and . after a letter or digit']]));
    const model = mapAt(value, name, faults);
    knownKeys(model, { known: modelKeys, parent: name }, faults);
    const layers = [defaults, model];
    const own = entryOf(model, 'matrix')?.value;
    const cells = cellsOf(matrix === undefined ? own : own === undefined ? matrix : mergeTrees(matrix, own), { model: name, at: keySpan }, { faults, excludes });
    const configs = layers.flatMap((layer) => configOf(entryOf(layer, 'config'), faults));
    const settings = layers.flatMap((layer) => settingsOf(layer, faults));
    const tags = layers.flatMap((layer) => tagsAt(entryOf(layer, 'tags')?.value, faults));
    return cells.map((cell): LocalGoal => {
      const goal = cell.name === '' ? name : `${name}@${cell.name}`;
      return { name: goal, model: name, output: goal, configs, settings: [...settings, ...cell.settings], tags: [...new Set([...tags, ...cell.tags])] };
    });
  });
  for (const [entry, hasEffect] of excludes) if (!hasEffect && faults.length === 0) faults.push(faultAt(entry.span, 'this entry excludes nothing'));
  return goals;
}

/** Paths before overrides, so that an override can be of a path as well. */
function settingsOf(layer: Mapping, faults: Fault[]): readonly Setting[] {
  const paths = ['input', 'output_dir'].flatMap((key) => entryOf(layer, key) ?? []);
  for (const { key, value } of paths) textAt(value, key, faults);
  return [...paths, ...mapAt(entryOf(layer, 'overrides')?.value, 'overrides', faults).entries].map(settingOf);
}

function configOf(entry: Entry | undefined, faults: Fault[]): readonly ConfigSource[] {
  const value = entry?.value;
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) return [];
  if (value.kind === 'map') return [{ inline: value }];
  if (value.kind === 'scalar' && typeof value.value === 'string') {
    const { folder, file } = value.span.source;
    const name = isAbsolute(value.value) ? value.value : join(dirname(file), value.value);
    return [{ file: value.value, ...(folder !== undefined && { folder }), name, from: placeOfSpan(value.span) }];
  }
  faults.push(faultAt(value.span, 'config takes a file or a map of settings'));
  return [];
}

/** Manifests of one folder share a prefix. */
function twice(goals: readonly ManifestGoal[]): Fault[] {
  const seen = new Map<string, ManifestGoal>();
  return goals.flatMap((goal) => {
    const first = seen.get(goal.name);
    seen.set(goal.name, first ?? goal);
    return first === undefined ? [] : [new Fault({ exit: 2, what: `two goals are named ${goal.name}`, facts: [['in', first.file], ['and', goal.file]] })];
  });
}
