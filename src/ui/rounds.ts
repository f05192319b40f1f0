// What a round of `axbuild watch` did, beyond what a build says: a pure fold of events, and its lines.
import { byCodeUnit } from '../base/canonical.ts';
import type { Event } from '../engine/events.ts';
import { countOf, durationOf } from './amounts.ts';

type Numbers = Readonly<Record<string, number>>;

export interface Rounds {
  /** Numbers of each goal as the rounds before left them. */
  readonly before: Readonly<Record<string, Numbers>>;
  readonly now: Readonly<Record<string, Numbers>>;
  /** Labels of jobs that ran, by task. */
  readonly ran: Readonly<Record<string, readonly string[]>>;
  readonly hits: number;
  /** Of the hits: what they took when they ran. */
  readonly savedSeconds: number;
  readonly isUnderWay: boolean;
  /** Another round took over. */
  readonly isHandedOver: boolean;
}

export const noRounds: Rounds = { before: {}, now: {}, ran: {}, hits: 0, savedSeconds: 0, isUnderWay: false, isHandedOver: false };

export function foldRounds(rounds: Rounds, event: Event): Rounds {
  switch (event.event) {
    case 'build':
      return { ...begun(rounds), isUnderWay: true };
    case 'changed':
      return rounds.isUnderWay ? { ...rounds, isHandedOver: true } : begun(rounds);
    case 'summary':
      return { ...rounds, isUnderWay: false };
    case 'finished': {
      const { task, label, outcome, saved = 0 } = event;
      if (outcome === 'hit') return { ...rounds, hits: rounds.hits + 1, savedSeconds: rounds.savedSeconds + saved };
      return outcome === 'built' && event.was !== 'built' ? { ...rounds, ran: { ...rounds.ran, [task]: [...(rounds.ran[task] ?? []), label] } } : rounds;
    }
    case 'goal':
      return event.numbers === undefined ? rounds : { ...rounds, now: { ...rounds.now, [event.goal]: event.numbers } };
    default:
      return rounds;
  }
}

/** Before anything of a round is known. */
function begun({ before, now }: Rounds): Rounds {
  return { ...noRounds, before: { ...before, ...now } };
}

/** More than these are told as counts. */
const namesMax = 8;

/** At the end of a round. */
export function roundLines({ before, now, ran, hits, savedSeconds, isHandedOver }: Rounds): string[] {
  // In no order of time: which of several workers is done first says nothing.
  const jobs = Object.entries(ran).map(([task, labels]) => [task, [...labels].sort(byCodeUnit)] as const).sort(([a], [b]) => byCodeUnit(a, b));
  const count = jobs.reduce((sum, [, labels]) => sum + labels.length, 0);
  const words = jobs.map(([task, labels]) => (count <= namesMax ? labels.map((label) => nameOf(task, label)).join(', ') : labels.length === 1 ? task : `${task} ${labels.length}`));
  return [
    ...(isHandedOver ? ['  handed over: the next round goes on with what it needs'] : []),
    ...(count > 0 ? [`  ran    ${words.join(', ')}`] : []),
    ...(savedSeconds > 0 ? [`  saved  ${durationOf(savedSeconds * 1000)} of ${countOf(hits, 'job')} that hit`] : []),
    ...Object.entries(now).flatMap(([goal, numbers]) => numberLines(goal, before[goal], numbers)),
  ];
}

function numberLines(goal: string, before: Numbers | undefined, now: Numbers): string[] {
  const moved = Object.entries(now).flatMap(([name, value]) => {
    const was = before?.[name];
    if (was !== undefined && written(was) === written(value)) return [];
    return was === undefined ? [`${name} ${written(value)}`] : [`${name} ${written(was)} -> ${written(value)}`];
  });
  return moved.length === 0 ? [] : [`  now    ${goal}: ${moved.join(', ')}`];
}

function written(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** The goal's name is said once, in its own line. */
function nameOf(task: string, label: string): string {
  const rest = label.slice(label.indexOf(' ') + 1);
  return label.includes(' ') ? `${task} ${rest}` : task;
}

const pathsMax = 3;

export function changedLine(paths: readonly string[]): string {
  const shown = paths.slice(0, pathsMax).join(', ');
  if (paths.length === 0) return 'rebuild';
  return `changed  ${shown}${paths.length > pathsMax ? ` and ${paths.length - pathsMax} more` : ''}`;
}
