// What differs between two builds, as text.
import type { BuildDifference, Difference, GoalDifference } from '../engine/builds.ts';
import type { BuildRecord } from '../engine/store.ts';
import { bytesOf, durationOf, secondsOf } from './amounts.ts';
import { ranText, timeText } from './history.ts';
import { numberText, shareText } from './number.ts';
import { tableLines, type Cell } from './table.ts';
import { valueText } from './value.ts';

const jobsMax = 12;

export function diffText({ from, to, goals }: BuildDifference): string {
  return `${[...tableLines([from, to].map(headOf), 0), ...goals.flatMap(goalLines), ...jobLines(to)].join('\n')}\n`;
}

function headOf(build: BuildRecord): Cell[] {
  return [`build ${build.number}`, timeText(build.at), secondsOf(build.seconds), ranText(build), `axbuild ${build.command.join(' ')}`];
}

function goalLines({ goal, was, now, settings, numbers, outputs }: GoalDifference): string[] {
  const head = goalHead(was?.outcome, now?.outcome);
  const sections = [
    ...section('settings', settings, ({ name, was: a, now: b }) => [name, valueText(a), '->', valueText(b)]),
    ...section('numbers', numbers, ({ name, was: a, now: b }) => [name, a === undefined ? 'none' : numberText(a), '->', b === undefined ? 'none' : numberText(b), a === undefined || b === undefined ? '' : shareText(a, b)]),
    ...section('outputs', outputs, ({ name, was: a, now: b }) => [name, fileText(a), '->', fileText(b)]),
  ];
  return [`${goal}  ${head ?? (sections.length === 0 ? 'nothing differs' : '')}`.trimEnd(), ...sections];
}

/** Said where the two can't be compared. */
function goalHead(was: string | undefined, now: string | undefined): string | undefined {
  if (was === undefined || now === undefined) return now === undefined ? 'gone' : now === 'built' ? 'new' : `new, ${now}`;
  if (was === 'built' && now === 'built') return undefined;
  return was === now ? `${now} in both` : `${was}, then ${now}`;
}

function section<Value>(title: string, rows: readonly Difference<Value>[], cells: (row: Difference<Value>) => Cell[]): string[] {
  return rows.length === 0 ? [] : [`  ${title}`, ...tableLines(rows.map(cells), 4)];
}

function fileText(file: { readonly digest: string; readonly size: number } | undefined): string {
  return file === undefined ? 'none' : `${file.digest.slice(0, 12)} ${bytesOf(file.size)}`;
}

/** The slowest first. */
function jobLines({ number, jobs, tasks }: BuildRecord): string[] {
  if (jobs.length === 0) return [`no job ran in build ${number}`];
  const count = Object.values(tasks).reduce((sum, { built, failed, skipped }) => sum + built + failed + skipped, 0);
  const rows = [...jobs].sort((a, b) => b.ms - a.ms).slice(0, jobsMax).map(({ task, label, outcome, ms }) => [`${task} ${label}`, outcome, durationOf(ms)]);
  return [`ran in build ${number}`, ...tableLines(rows), ...(count > jobsMax ? [`  and ${count - jobsMax} more`] : [])];
}
