// A configuration in force: file or inline map, under overrides, under flags, under nothing. Comments, formatting and key order leave
// no trace: the result is a plain record with every field set.
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Fault, Faults, type Place } from '../base/fault.ts';
import type { Json } from '../base/canonical.ts';
import { checkMessage } from './check.ts';
import { flagSettings, type FlagValues } from './flags.ts';
import { applySettings, mergeTrees, type Setting } from './merge.ts';
import { readConfigFile } from './read.ts';
import { brokenRules, type PlaceOf } from './rules.ts';
import { fieldsOf, messageOf, type BuildConfig, type MessageName } from './schema.ts';
import { emptyMap, placeOfSpan, spanOf, treeOf, type Span, type Tree } from './tree.ts';

export interface Layers {
  /** The configuration: a file (relative to `base`), or a map. */
  readonly file?: string;
  readonly inline?: Tree;
  /** Below the file: values that anything else replaces (an output folder by the model's name). */
  readonly defaults?: readonly Setting[];
  /** Over the file. */
  readonly overrides?: readonly Setting[];
  /** Over everything: what the command line says, by dotted path. */
  readonly flags?: FlagValues;
  /** Where relative paths start: the manifest's folder, or the working directory. */
  readonly base: string;
  /** Where relative paths of flags start. */
  readonly cwd?: string;
  /** How faults call `file`, and where the user named it. */
  readonly fileName?: string;
  readonly from?: Place;
}

export interface ResolvedConfig {
  /** Every field set; paths absolute. */
  readonly config: BuildConfig;
  /** Where a setting was written, by path (quant.layer_configs[2].layer_name): its own place, or that of what holds it. */
  readonly placeOf: PlaceOf;
  /** The configuration as text, for build_context.json: the same in every folder. */
  readonly effective: string;
  /** The file that was read, absolute. */
  readonly files: readonly string[];
}

/** Throws a Fault for a file that can't be read, Faults for everything that is wrong in it. */
export function resolveConfig(layers: Layers): ResolvedConfig {
  const { file, base, cwd = base } = layers;
  const path = file === undefined ? undefined : resolve(base, file);
  const start = path === undefined ? layers.inline ?? emptyMap('') : readConfigFile(path, { file: layers.fileName ?? file ?? path, ...(layers.from && { from: layers.from }) });
  const under = applySettings(emptyMap(''), layers.defaults ?? []);
  const whole = applySettings(mergeTrees(under, start), [...(layers.overrides ?? []), ...flagSettings('BuildConfig', layers.flags ?? {})]);
  const { value, spans, faults } = checkMessage(whole, 'BuildConfig');
  const placeOf = placeFinder(spans, start);
  const all = faults.length > 0 ? faults : brokenRules(value, placeOf);
  if (all.length > 0) throw inOrder(all);
  const paths = { ...value, work_dir: value.output_dir };
  const isFlag = (at: string): boolean => layers.flags !== undefined && Object.hasOwn(layers.flags, at);
  const config = mapPaths(paths, 'BuildConfig', (text, at) => resolve(isFlag(at === 'work_dir' ? 'output_dir' : at) ? cwd : base, text));
  return { config, placeOf, effective: effectiveConfig(config, base), files: path === undefined ? [] : [path] };
}

/** A setting made by the program: `by` is what faults call it. */
export function setting(path: string, value: Json, by: string): Setting {
  return { path, at: spanOf(by), value: treeOf(value, by) };
}

/**
 * The configuration as JSON text in the schema's order. Paths below `base` are written relative to it; the output folder is left out:
 * where a build goes is not part of what it is.
 */
export function effectiveConfig(config: BuildConfig, base: string): string {
  const { output_dir: _, work_dir: __, ...rest } = mapPaths(config, 'BuildConfig', (path) => {
    const inside = relative(base, path);
    return inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
  });
  return `${JSON.stringify(rest, null, 2)}\n`;
}

function placeFinder(spans: ReadonlyMap<string, Span>, start: Tree): PlaceOf {
  return (path) => {
    for (let at = path; at !== ''; at = at.replace(/(\.\w+|\[\d+\]|^\w+)$/, '')) {
      const span = spans.get(at);
      if (span !== undefined) return placeOfSpan(span);
    }
    return start.span.source.file === '' ? undefined : { file: start.span.source.file };
  };
}

/** `config` with every path that is set replaced by change(path, where). */
function mapPaths<T extends object>(config: T, message: MessageName, change: (path: string, at: string) => string): T {
  const walk = (value: object, of: MessageName, prefix: string): object => Object.fromEntries(Object.entries(value).map(([name, member]) => {
    const field = fieldsOf(of)[name];
    const at = prefix + name;
    if (field?.type === 'path') return [name, member === '' ? '' : change(member, at)];
    if (field?.type !== 'message') return [name, member];
    const inside = messageOf(field);
    return [name, Array.isArray(member) ? member.map((item, i) => walk(item, inside, `${at}[${i}].`)) : walk(member, inside, `${at}.`)];
  }));
  return walk(config, message, '') as T; // same keys; paths stay texts
}

/** One Fault as itself, several in the order of their places. */
function inOrder(faults: readonly Fault[]): Fault | Faults {
  const [first, ...others] = [...faults].sort((a, b) => {
    const [x, y] = [a.parts.place, b.parts.place];
    return x?.file !== y?.file ? 0 : (x?.line ?? 0) - (y?.line ?? 0) || (x?.column ?? 0) - (y?.column ?? 0);
  });
  if (first === undefined) throw new Error('BUG: no fault to report');
  return others.length === 0 ? first : new Faults([first, ...others]);
}
