// Why a job ran, as text: what differs in its own recipe, then where that comes from.
import type { Cause, Change, ChangedInput, Origin, Why } from '../engine/why.ts';
import { valueText } from './value.ts';

export interface WhyWords {
  readonly why: Why;
  /** How the user names an option of a task, and where he wrote it; undefined: no setting decides it. */
  settingOf(task: string, option: string): { readonly name: string; readonly inOtherWords: boolean; readonly place?: string } | undefined;
  pathOf(path: string): string;
}

const linesMax = 12;

export function whyText(words: WhyWords): string {
  const { why: { job, recipe, inputs, causes, elsewhere } } = words;
  const name = `${job.task} ${job.label}`;
  const outcome = { hit: 'hit', built: 'ran', failed: 'failed', skipped: 'was skipped' }[job.outcome];
  const lines = [recipe === 'not asked for' ? `${name}  was not asked for in the last build, which did not get that far` : `${name}  ${outcome} in the last build`];
  lines.push(...reasons[recipe](job.outcome).map((line) => `  ${line}`));
  lines.push(...limited(inputs.map((input) => `  input ${inputLine(input, words)}`)));
  const reached = causes.flatMap((cause) => causeLines(cause, words));
  if (reached.length > 0) lines.push('because', ...reached);
  if (needsMore(words, recipe, causes)) {
    const told = new Set(lines);
    const more = elsewhere.flatMap((cause) => causeLines({ ...cause, changes: cause.changes.filter((change) => isPlain(change, cause, words)) }, words)).filter((line) => !told.has(line));
    if (more.length > 0) lines.push('in the same build', ...limited([...new Set(more)]));
  }
  return `${lines.join('\n')}\n`;
}

/** Beyond what differs in the recipe. */
const reasons: Readonly<Record<Why['recipe'], (outcome: Why['job']['outcome']) => readonly string[]>> = {
  'first': (outcome) => [outcome === 'hit' ? 'no build before had this job, but its recipe was known: another job had done the same' : 'no build before had this job'],
  'changed': (outcome) => (outcome === 'hit' ? ['its recipe differs from the build before, and the cache knew it from an earlier one'] : []),
  'same': (outcome) => [outcome === 'hit' ? 'nothing that it sees has changed' : outcome === 'built' ? 'nothing that it sees has changed, but the cache had lost its receipt or what it made' : 'its recipe is that of the build before'],
  'not asked for': () => [],
  'forgotten': () => ['its recipe differs from the build before; the cache has dropped one of the two'],
};

function inputLine({ name, now, was }: ChangedInput, words: WhyWords): string {
  if (now === undefined) return `${name}: no longer from ${originWords(was, words)}`;
  const maker = originWords(now, words);
  if (was === undefined) return `${name}: new, from ${maker}`;
  const before = originWords(was, words);
  return maker === before || was.kind === 'unknown' ? `${name}: other bytes from ${maker}` : `${name}: from ${maker}, before from ${before}`;
}

function originWords(origin: Origin | undefined, { pathOf }: WhyWords): string {
  if (origin === undefined || origin.kind === 'unknown') return 'what is no longer known';
  return origin.kind === 'job' ? origin.name : pathOf(origin.path);
}

function causeLines(cause: Cause, words: WhyWords): string[] {
  const [first] = cause.path;
  if (first === undefined) throw new Error('BUG: a cause without a job');
  const at = `${first.task} ${first.label}`;
  const by = cause.path.length > 2 ? `  by way of ${cause.path.slice(1, -1).map(({ task, label }) => `${task} ${label}`).join(', ')}` : '';
  const told = cause.changes.filter((change) => isPlain(change, cause, words));
  // Options that no setting names follow from what other jobs made.
  const derived = cause.changes.filter((change) => !told.includes(change)).map((change) => changeLine(change, { cause, words }));
  const what = [
    ...told.map((change) => changeLine(change, { cause, words })),
    ...derived.slice(0, 1).map((line) => (derived.length === 1 ? line : `${line}, and ${derived.length - 1} more options that no setting names`)),
    ...cause.sources.map((path) => `${words.pathOf(path)}: its content`),
    ...(cause.path.length > 1 ? cause.rewired.map((input) => `input ${inputLine(input, words)}`) : []),
    ...(cause.isNew ? ['it is new in that build'] : []),
  ];
  return limited(what.map((line) => `  ${at}  ${line}${by}`));
}

function changeLine({ kind, name, was, now }: Change, { cause, words }: { cause: Cause; words: WhyWords }): string {
  if (kind === 'code') return "axbuild's own code of this task";
  if (kind === 'member') return `axbuild's own code: ${name}${was === undefined ? ', which it did not use before' : now === undefined ? ', which it no longer uses' : ''}`;
  const setting = words.settingOf(cause.path[0]!.task, name);
  const values = `${valueText(was)} -> ${valueText(now)}`;
  if (setting === undefined) return `${name}: ${values}`;
  const place = setting.place === undefined ? '' : `  ${setting.place}`;
  return setting.inOtherWords ? `${name}: ${values}, by ${setting.name}${place}` : `${setting.name}: ${values}${place}`;
}

function isPlain(change: Change, { path }: Cause, { settingOf }: WhyWords): boolean {
  return change.kind !== 'option' || settingOf(path[0]!.task, change.name) !== undefined;
}

/** Nothing that was found is the user's doing. */
function needsMore(words: WhyWords, recipe: Why['recipe'], causes: readonly Cause[]): boolean {
  if (recipe === 'first') return true;
  return recipe === 'changed' && !causes.some((cause) => cause.sources.length > 0 || cause.changes.some((change) => isPlain(change, cause, words)));
}

function limited(lines: readonly string[]): string[] {
  return lines.length <= linesMax ? [...lines] : [...lines.slice(0, linesMax - 1), `  and ${lines.length - linesMax + 1} more`];
}
