// One screen: a head, panels, a foot; exactly as large as it was told to be.
import { nameOf } from '../job-name.ts';
import type { View } from '../view.ts';
import { goals } from './goals.ts';
import { jobs } from './jobs.ts';
import { keyTable, type Heard, type ScreenState } from './keys.ts';
import { narrowRows, wideColumns, wideRows, type Contents } from './layout.ts';
import { lines } from './lines.ts';
import { indexOf, listJobs, type ListedJob } from './list.ts';
import { padded, type Size } from './panel.ts';
import { written, type Row } from './row.ts';
import { stageCells, stageTable } from './stages.ts';
import { foot, head, headRows } from './status.ts';
import { units } from './units.ts';

export interface Given {
  readonly view: View;
  readonly state: ScreenState;
  readonly heard: Heard;
  /** Milliseconds of the clock that the view was folded by. */
  readonly now: number;
  readonly size: Size;
  readonly hasColours: boolean;
}

/** Its rows, as a terminal wants them. */
export function frameOf(given: Given): readonly string[] {
  const { view, state, heard, now, size: { columns, rows }, hasColours } = given;
  const listed = listJobs(view, state.filter, now);
  const body = { ...given, listed, size: { columns, rows: rows - headRows - 1 } };
  const texts = (some: readonly Row[]): readonly string[] => some.map((row) => written(row, columns, hasColours));
  const middle = state.panel !== 'overview' ? texts(padded(alone(body), body.size.rows)) : columns < wideColumns ? texts(padded(narrow(body), body.size.rows)) : wide(body);
  return [...texts(head({ view, state, now, columns })), ...middle, ...texts([foot(state, heard, columns)])];
}

interface Body extends Given {
  readonly listed: readonly ListedJob[];
}

function narrow({ view, state, now, listed, size: { columns, rows } }: Body): readonly Row[] {
  const given = narrowRows(rows, columns, contentsOf(view));
  return [
    ...goals(view, { columns, rows: given.goals }),
    ...units(view, now, { columns, rows: given.units }),
    ...stageCells(view, { columns, rows: given.stages }),
    ...jobs(listed, state, { columns, rows: given.jobs }),
    ...log({ view, state, listed, size: { columns, rows: given.log } }),
    ...faults(view, { columns, rows: given.faults }),
  ];
}

const gap = 3;

function wide({ view, state, now, listed, hasColours, size: { columns, rows } }: Body): readonly string[] {
  const left = Math.floor((columns - gap) / 2);
  const right = columns - gap - left;
  const given = wideRows(rows, contentsOf(view));
  const lefts = padded([...goals(view, { columns: left, rows: given.left.goals }), ...units(view, now, { columns: left, rows: given.left.units }), ...stageTable(view, { columns: left, rows: given.left.stages })], rows);
  const rights = padded([
    ...jobs(listed, state, { columns: right, rows: given.right.jobs }),
    ...log({ view, state, listed, size: { columns: right, rows: given.right.log } }),
    ...faults(view, { columns: right, rows: given.right.faults }),
  ], rows);
  // The right one begins at its column, however wide the terminal shows what is on the left.
  return lefts.map((row, i) => `${written(row, left, hasColours)}\x1b[K\x1b[${left + gap + 1}G${written(rights[i]!, right, hasColours)}`);
}

/** One thing fills what is between head and foot. */
function alone({ view, state, listed, heard, size }: Body): readonly Row[] {
  switch (state.panel) {
    case 'help':
      return lines({ title: 'keys', lines: keyTable.filter(({ wish }) => wish === undefined || heard[wish]).map(({ name, about }) => `${name.padEnd(5)}  ${about}`), otherwise: '', keep: 'first' }, size);
    case 'why':
      return lines({ title: `why: ${jobName(listed, state)}`, lines: state.answer?.split('\n') ?? [], otherwise: 'looking it up', keep: 'first', scroll: state.scroll }, size);
    default:
      return log({ view, state, listed, scroll: state.scroll, size });
  }
}

function log({ view, state, listed, scroll = 0, size }: Pick<Body, 'view' | 'state' | 'listed' | 'size'> & { readonly scroll?: number }): readonly Row[] {
  const job = listed[indexOf(listed, state.cursor)];
  return lines({ title: `log: ${jobName(listed, state)}`, lines: (job && view.logs.get(job.key)) ?? [], otherwise: job === undefined ? '' : 'it said nothing', keep: 'last', scroll }, size);
}

function faults(view: View, size: Size): readonly Row[] {
  return lines({ title: view.faults.length === 1 ? 'fault' : `${view.faults.length} faults`, lines: faultLines(view), otherwise: '', keep: 'first' }, size);
}

function jobName(listed: readonly ListedJob[], { cursor }: ScreenState): string {
  const job = listed[indexOf(listed, cursor)];
  return job === undefined ? 'no job' : nameOf(job);
}

function contentsOf(view: View): Contents {
  const [goalCount, unitCount, stageCount] = [view.goals, view.parts, view.stages].map((record) => Object.keys(record).length);
  return { goals: goalCount!, units: unitCount!, stages: stageCount!, faults: faultLines(view).length };
}

function faultLines({ faults: texts }: View): readonly string[] {
  return texts.flatMap((text) => text.split('\n'));
}
