// The jobs that run, failed or were built, with the cursor.
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { secondsOf } from '../amounts.ts';
import { nameOf } from '../job-name.ts';
import { colourOf } from './colours.ts';
import { indexOf, type ListedJob } from './list.ts';
import type { ScreenState } from './keys.ts';
import { More, Panel, Row, type Size } from './panel.tsx';
import { fitted, windowOf } from './text.ts';

export function Jobs({ jobs, state: { cursor, filter }, size }: { readonly jobs: readonly ListedJob[]; readonly state: ScreenState; readonly size: Size }): ReactNode {
  const at = indexOf(jobs, cursor);
  const { items, more } = windowOf(jobs, size.rows - 1, at);
  const name = Math.max(8, size.columns - 32);
  return (
    <Panel title={filter === 'all' ? 'jobs' : `jobs: ${filter}`} size={size}>
      {items.map((job) => {
        const isUnder = job === jobs[at];
        return <Row key={job.key}>{isUnder ? '❯ ' : '  '}<Text color={colourOf(job.state)}>{job.state.padEnd(9)}</Text><Text bold={isUnder}>{fitted(nameOf(job), name)}</Text>{`  ${timeOf(job)}`}</Row>;
      })}
      <More count={more} />
    </Panel>
  );
}

function timeOf({ seconds, expected }: ListedJob): string {
  return `${secondsOf(seconds).padStart(6)}${expected === undefined ? '' : ` of ${secondsOf(expected)}`}`;
}
