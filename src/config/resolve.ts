// A configuration in force: files and inline maps, under overrides, under flags, under nothing. Comments, formatting and key order leave
// no trace: the result is a plain record with every field set.
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Place } from '../base/fault.ts';
import type { Json } from '../base/canonical.ts';
import { checkMessage } from './check.ts';
import { throwAny } from './faults.ts';
import { flagSettings, type FlagValues } from './flags.ts';
import { applySettings, mergeTrees, type Setting } from './merge.ts';
import { readConfigFile } from './read.ts';
import { brokenRules, type PlaceOf } from './rules.ts';
import { fieldsOf, messageOf, type BuildConfig, type MessageName } from './schema.ts';
import { emptyMap, placeOfSpan, spanOf, treeOf, type Span, type Tree } from './tree.ts';

/** A map, or a file: relative to `base` unless it is said where paths start. `name` is what faults call it, `from` where the user named it. */
export type ConfigSource =
  | { readonly inline: Tree }
  | { readonly file: string; readonly folder?: string; readonly name?: string; readonly from?: Place };

export interface Layers {
  /** The configuration; each lies over those before it. */
  readonly configs: readonly ConfigSource[];
  /** Below them: values that anything else replaces (an output folder by the model's name). */
  readonly defaults?: readonly Setting[];
  /** Over them. */
  readonly overrides?: readonly Setting[];
  /** Over everything: what the command line says, by dotted path. */
  readonly flags?: FlagValues;
  /** Where relative paths start, of texts that don't say otherwise: the manifest's folder, or the working directory. */
  readonly base: string;
  /** Where relative paths of flags start. */
  readonly cwd?: string;
}

export interface ResolvedConfig {
  /** Every field set; paths absolute. */
  readonly config: BuildConfig;
  /** Where a setting was written, by path (quant.layer_configs[2].layer_name): its own place, or that of what holds it. */
  readonly placeOf: PlaceOf;
  /** The configuration as text, for build_context.json: the same in every folder. */
  readonly effective: string;
  /** The files that were read, absolute. */
  readonly files: readonly string[];
}

/** Throws a Fault for a file that can't be read, Faults for everything that is wrong in it. */
export function resolveConfig(layers: Layers): ResolvedConfig {
  const { base, cwd = base } = layers;
  const sources = layers.configs.map((source) => readSource(source, base));
  const under = applySettings(emptyMap(''), layers.defaults ?? []);
  const start = sources.reduce((below, { tree }) => mergeTrees(below, tree), under);
  const whole = applySettings(start, [...(layers.overrides ?? []), ...flagSettings('BuildConfig', layers.flags ?? {}, cwd)]);
  const { value, spans, faults } = checkMessage(whole, 'BuildConfig');
  const placeOf = placeFinder(spans, sources.at(-1)?.tree ?? start);
  throwAny(faults.length > 0 ? faults : brokenRules(value, placeOf));
  const absolute = (text: string, at: string): string => resolve(spans.get(at)?.source.folder ?? base, text);
  const paths = mapPaths(value, 'BuildConfig', absolute);
  const config = { ...paths, work_dir: paths.output_dir };
  // Written relative, a path stays so: the text is the same wherever the whole lies.
  const shown = mapPaths(value, 'BuildConfig', (text, at) => {
    const inside = relative(base, absolute(text, at));
    const isOutside = inside.startsWith('..') || isAbsolute(inside);
    return isOutside && isAbsolute(text) ? absolute(text, at) : inside.split(sep).join('/');
  });
  return { config, placeOf, effective: effectiveText(shown), files: sources.flatMap(({ path }) => path ?? []) };
}

/** A setting made by the program: `by` is what faults call it. */
export function setting(path: string, value: Json, by: string): Setting {
  const at = spanOf(by);
  return { path, at, value: treeOf(value, at) };
}

function readSource(source: ConfigSource, base: string): { readonly tree: Tree; readonly path?: string } {
  if ('inline' in source) return { tree: source.inline };
  const { file, folder = base, name = file, from } = source;
  const path = resolve(folder, file);
  return { path, tree: readConfigFile(path, { file: name, folder, ...(from && { from }) }) };
}

/** The configuration as JSON text in the schema's order. The output folder is left out: where a build goes is not part of what it is. */
function effectiveText({ output_dir: _, work_dir: __, ...rest }: BuildConfig): string {
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
