// The history of a workspace, as a table: a row a goal.
import { goalAsOf } from '../engine/builds.ts';
import type { BuildRecord, GoalNote } from '../engine/store.ts';
import { countOf, secondsOf } from './amounts.ts';
import { movedText, numberText } from './number.ts';
import { tableLines, type Cell } from './table.ts';

export interface HistoryText {
  /** Of the workspace, the newest first. */
  readonly builds: readonly BuildRecord[];
  /** Those to tell of, and of which goals. */
  readonly told: readonly BuildRecord[];
  isAsked(goal: string): boolean;
}

export function historyText({ builds, told, isAsked }: HistoryText): string {
  const rows = told.flatMap((build) => build.goals.filter(({ goal }) => isAsked(goal)).map((note, i): Cell[] => {
    const whole = i === 0 ? [`${build.number}`, timeText(build.at), ranText(build), secondsOf(build.seconds)] : ['', '', '', ''];
    return [...whole, note.goal, note.outcome, numbersText(note, goalAsOf(builds, { number: build.number - 1, goal: note.goal }))];
  }));
  return `${tableLines([['build', 'when', 'ran', 'took', 'goal', 'outcome', 'numbers'], ...rows], 0).join('\n')}\n`;
}

/** By the clock of this machine: '2026-11-28 09:04:11'. */
export function timeText(at: number): string {
  const date = new Date(at);
  const [month, day, ...clock] = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day} ${clock.join(':')}`;
}

export function ranText({ tasks, savedMs }: BuildRecord): string {
  const count = (outcome: 'built' | 'failed' | 'hit'): number => Object.values(tasks).reduce((sum, counts) => sum + counts[outcome], 0);
  const failed = count('failed');
  return `${countOf(count('built'), 'job')}${failed > 0 ? `, ${failed} failed` : ''}, ${count('hit')} hit, saved ${secondsOf(savedMs / 1000)}`;
}

/** What moved since the build before; all of them where there was none. */
function numbersText({ numbers = {} }: GoalNote, before: GoalNote | undefined): string {
  const told = Object.entries(numbers).flatMap(([name, now]) => {
    const was = before?.numbers?.[name];
    if (was === undefined) return [`${name} ${numberText(now)}`];
    return was === now ? [] : [movedText(name, was, now)];
  });
  return told.length === 0 && Object.keys(numbers).length > 0 ? 'as before' : told.join(', ');
}
