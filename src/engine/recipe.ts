// A recipe is all that a job can see; its digest is the job's key. The text that is hashed is kept beside the receipt,
// so what `why` prints can't drift from what was hashed.
import { byCodeUnit, canonical, type Json } from '../base/canonical.ts';
import { digestOf, type Digest, type Key } from '../base/digest.ts';
import type { Request } from './build.ts';
import type { AnyTask, Artifact } from './task.ts';

/** Digests of the tool's own code, generated when the package is built: a task's import closure, a table's members. */
export interface CodeDigests {
  readonly tasks: Readonly<Record<string, Digest>>;
  readonly members: Readonly<Record<string, Digest>>;
}

export interface Recipe {
  readonly task: string;
  readonly code: Digest;
  readonly uses: Readonly<Record<string, Digest>>;
  readonly options: Json;
  readonly inputs: Readonly<Record<string, Digest | readonly Digest[]>>;
}

/** What the worker gets: the recipe's parts as it needs them. Inputs are lists; a 'one' input is a list of one. */
export interface Work {
  readonly key: Key;
  readonly task: string;
  readonly options: Json;
  readonly inputs: Readonly<Record<string, readonly Artifact[]>>;
  /** A repair: blobs are written even where the store thinks it has them. */
  readonly overwrite?: boolean;
}

export interface Prepared {
  readonly work: Work;
  /** Canonical text of the recipe: what was hashed. */
  readonly recipe: string;
}

/** The key of a recipe, and the text behind it. `optionsText`: its options, already canonical. */
export function keyOf({ options, ...rest }: Recipe, optionsText = canonical(options)): { readonly key: Key; readonly text: string } {
  // Members in code-unit order: the canonical text of the whole record.
  const text = `{"code":${canonical(rest.code)},"inputs":${canonical(rest.inputs)},"options":${optionsText},"task":${canonical(rest.task)},"uses":${canonical(rest.uses)}}`;
  return { key: digestOf(text) as string as Key, text };
}

/** The recipe behind a text that keyOf wrote. */
export function readRecipe(text: string | undefined): Recipe | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Recipe);
}

interface ParsedOptions {
  readonly options: Json;
  readonly text: string;
}

/** Requests of one map share their options object: it is parsed and written once. */
const known = new WeakMap<AnyTask, WeakMap<object, ParsedOptions>>();

function optionsOf(task: AnyTask, { options: given = nothing, label }: Request): ParsedOptions {
  const ofTask = known.get(task) ?? new WeakMap<object, ParsedOptions>();
  known.set(task, ofTask);
  const before = ofTask.get(given);
  if (before !== undefined) return before;
  const parsed = task.options.safeParse(given);
  if (!parsed.success) throw new Error(`BUG: options of ${task.name} (${label}): ${parsed.error.message}`);
  const options = asJson(parsed.data);
  const result = { options, text: canonical(options) };
  ofTask.set(given, result);
  return result;
}

const nothing = {};

/** Checks a request against its task and turns it into work. A request that doesn't fit is a bug of the pipeline. */
export function prepare(code: CodeDigests, task: AnyTask, request: Request): Prepared {
  const taskCode = code.tasks[task.name];
  if (taskCode === undefined) throw new Error(`BUG: no code digest for task ${task.name}`);
  const { options, text: optionsText } = optionsOf(task, request);
  const inputs = inputsOf(task, request);
  const { key, text } = keyOf({
    task: task.name,
    code: taskCode,
    uses: usesOf(code, task, request),
    options,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, list]) => {
        const digests = list.map((artifact) => artifact.digest);
        return [name, task.inputs[name] === 'many' ? digests : digests[0]!];
      }),
    ),
  }, optionsText);
  return { work: { key, task: task.name, options, inputs }, recipe: text };
}

// A schema's output is what canonical() takes, or it is a bug that canonical() reports; the type can't say so.
function asJson(value: unknown): Json {
  return (value ?? {}) as Json;
}

function usesOf(code: CodeDigests, task: AnyTask, request: Request): Record<string, Digest> {
  const uses: Record<string, Digest> = {};
  for (const member of request.uses ?? []) {
    const digest = code.members[member];
    if (digest === undefined) throw new Error(`BUG: ${task.name} (${request.label}) uses ${member}, which no table has`);
    uses[member] = digest;
  }
  return uses;
}

function inputsOf(task: AnyTask, request: Request): Record<string, readonly Artifact[]> {
  const given = request.inputs ?? {};
  const wrong = (what: string): Error => new Error(`BUG: ${task.name} (${request.label}): ${what}`);
  for (const name of Object.keys(given)) {
    if (task.inputs[name] === undefined) throw wrong(`no input ${name}; it has ${Object.keys(task.inputs).sort(byCodeUnit).join(', ')}`);
  }
  const inputs: Record<string, readonly Artifact[]> = {};
  for (const [name, kind] of Object.entries(task.inputs)) {
    const value = given[name];
    if (value === undefined) {
      if (kind !== 'optional') throw wrong(`input ${name} is missing`);
    } else if (isList(value)) {
      if (kind !== 'many') throw wrong(`input ${name} takes one artifact`);
      inputs[name] = value;
    } else {
      if (kind === 'many') throw wrong(`input ${name} takes a list`);
      inputs[name] = [value];
    }
  }
  return inputs;
}

function isList(value: Artifact | readonly Artifact[]): value is readonly Artifact[] {
  return Array.isArray(value);
}
