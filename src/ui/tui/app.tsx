// One screen: a head, panels, a foot; exactly as large as it was told to be.
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { nameOf } from '../job-name.ts';
import type { View } from '../view.ts';
import { Goals } from './goals.tsx';
import { Jobs } from './jobs.tsx';
import { keyTable, type Heard, type ScreenState } from './keys.ts';
import { narrowRows, wideColumns, wideRows, type Contents } from './layout.ts';
import { Lines } from './lines.tsx';
import { indexOf, listJobs, type ListedJob } from './list.ts';
import type { Size } from './panel.tsx';
import { StageCells, StageTable } from './stages.tsx';
import { Foot, Head, headRows } from './status.tsx';
import { Units } from './units.tsx';

export interface AppProps {
  readonly view: View;
  readonly state: ScreenState;
  readonly heard: Heard;
  /** Milliseconds of the clock that the view was folded by. */
  readonly now: number;
  readonly size: Size;
}

export function App(props: AppProps): ReactNode {
  const { view, state, heard, now, size: { columns, rows } } = props;
  const jobs = listJobs(view, state.filter, now);
  const body = { ...props, jobs, size: { columns, rows: rows - headRows - 1 } };
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Head view={view} state={state} now={now} columns={columns} />
      {state.panel !== 'overview' ? <Alone {...body} /> : columns < wideColumns ? <Narrow {...body} /> : <Wide {...body} />}
      <Box flexGrow={1} />
      <Foot state={state} heard={heard} columns={columns} />
    </Box>
  );
}

interface BodyProps extends AppProps {
  readonly jobs: readonly ListedJob[];
}

function Narrow({ view, state, now, jobs, size: { columns, rows } }: BodyProps): ReactNode {
  const given = narrowRows(rows, columns, contentsOf(view));
  return (
    <>
      <Goals view={view} size={{ columns, rows: given.goals }} />
      <Units view={view} now={now} size={{ columns, rows: given.units }} />
      <StageCells view={view} size={{ columns, rows: given.stages }} />
      <Jobs jobs={jobs} state={state} size={{ columns, rows: given.jobs }} />
      <Log view={view} state={state} jobs={jobs} size={{ columns, rows: given.log }} />
      <Faults view={view} size={{ columns, rows: given.faults }} />
    </>
  );
}

const gap = 3;

function Wide({ view, state, now, jobs, size: { columns, rows } }: BodyProps): ReactNode {
  const left = Math.floor((columns - gap) / 2);
  const right = columns - gap - left;
  const given = wideRows(rows, contentsOf(view));
  return (
    <Box columnGap={gap} height={rows}>
      <Box flexDirection="column" width={left}>
        <Goals view={view} size={{ columns: left, rows: given.left.goals }} />
        <Units view={view} now={now} size={{ columns: left, rows: given.left.units }} />
        <StageTable view={view} size={{ columns: left, rows: given.left.stages }} />
      </Box>
      <Box flexDirection="column" width={right}>
        <Jobs jobs={jobs} state={state} size={{ columns: right, rows: given.right.jobs }} />
        <Log view={view} state={state} jobs={jobs} size={{ columns: right, rows: given.right.log }} />
        <Faults view={view} size={{ columns: right, rows: given.right.faults }} />
      </Box>
    </Box>
  );
}

/** One thing fills what is between head and foot. */
function Alone({ view, state, jobs, heard, size }: BodyProps): ReactNode {
  switch (state.panel) {
    case 'help':
      return <Lines title="keys" lines={keyTable.filter(({ wish }) => wish === undefined || heard[wish]).map(({ name, about }) => `${name.padEnd(5)}  ${about}`)} otherwise="" keep="first" size={size} />;
    case 'why':
      return <Lines title={`why: ${jobName(jobs, state)}`} lines={state.answer?.split('\n') ?? []} otherwise="looking it up" keep="first" scroll={state.scroll} size={size} />;
    default:
      return <Log view={view} state={state} jobs={jobs} scroll={state.scroll} size={size} />;
  }
}

function Log({ view, state, jobs, scroll = 0, size }: Pick<BodyProps, 'view' | 'state' | 'jobs' | 'size'> & { readonly scroll?: number }): ReactNode {
  const job = jobs[indexOf(jobs, state.cursor)];
  const lines = job === undefined ? [] : (view.logs.get(job.key) ?? []);
  return <Lines title={`log: ${jobName(jobs, state)}`} lines={lines} otherwise={job === undefined ? '' : 'it said nothing'} keep="last" scroll={scroll} size={size} />;
}

function Faults({ view, size }: Pick<BodyProps, 'view' | 'size'>): ReactNode {
  return <Lines title={view.faults.length === 1 ? 'fault' : `${view.faults.length} faults`} lines={faultLines(view)} otherwise="" keep="first" size={size} />;
}

function jobName(jobs: readonly ListedJob[], { cursor }: ScreenState): string {
  const job = jobs[indexOf(jobs, cursor)];
  return job === undefined ? 'no job' : nameOf(job);
}

function contentsOf(view: View): Contents {
  const [goals, units, stages] = [view.goals, view.parts, view.stages].map((record) => Object.keys(record).length);
  return { goals: goals!, units: units!, stages: stages!, faults: faultLines(view).length };
}

function faultLines({ faults }: View): readonly string[] {
  return faults.flatMap((text) => text.split('\n'));
}
