// Which job a person means: its whole name, its task and the end of its label, or any part that only one job has.
import { Fault, nearest } from '../base/fault.ts';

export interface NamedJob {
  readonly task: string;
  readonly label: string;
}

const listed = 12;

/** Throws a Fault when no job is meant, or more than one. */
export function findJob<Job extends NamedJob>(jobs: readonly Job[], words: string): Job {
  const text = words.trim();
  for (const fits of [isWhole, endsSo, contains]) {
    const found = jobs.filter((job) => fits(job, text));
    if (found.length === 1) return found[0]!;
    if (found.length > 1) throw new Fault({ exit: 2, what: `"${text}" is the name of ${found.length} jobs`, facts: [...found.slice(0, listed).map((job) => ['like', nameOf(job)] as const), ...(found.length > listed ? [['and', `${found.length - listed} more`] as const] : [])] });
  }
  throw new Fault({ exit: 2, what: `no job is called "${text}"`, facts: nearNames(jobs, text).map((name) => ['try', name] as const) });
}

type Fits = (job: NamedJob, text: string) => boolean;

const isWhole: Fits = (job, text) => nameOf(job) === text || `${job.task}:${job.label}` === text;

const endsSo: Fits = ({ task, label }, text) => {
  const { of, rest } = split(text);
  return (of === undefined || of === task) && (label === rest || label.endsWith(` ${rest}`));
};

const contains: Fits = (job, text) => {
  const { of, rest } = split(text);
  return of === undefined ? nameOf(job).includes(text) : of === job.task && job.label.includes(rest);
};

/** 'tile:p2o.Conv.4' names a task first; so does 'tile p2o.Conv.4', which `contains` and `isWhole` see to. */
function split(text: string): { of: string | undefined; rest: string } {
  const found = /^(\w+)[: ](.+)$/.exec(text);
  return found === null ? { of: undefined, rest: text } : { of: found[1], rest: found[2]!.trim() };
}

function nameOf({ task, label }: NamedJob): string {
  return `${task} ${label}`;
}

/** By what stands behind the goal as well: that is what people type. */
function nearNames(jobs: readonly NamedJob[], text: string): string[] {
  const { of, rest } = split(text);
  const own = jobs.filter(({ task }) => of === undefined || task === of);
  const ends = new Map<string, string>();
  for (const job of own.length > 0 ? own : jobs) for (const end of [nameOf(job), job.label, job.label.slice(job.label.indexOf(' ') + 1)]) if (!ends.has(end)) ends.set(end, nameOf(job));
  const names: string[] = [];
  for (let left = new Map(ends); names.length < 3; ) {
    const near = nearest(rest, left.keys()) ?? nearest(text, left.keys());
    if (near === undefined) break;
    const name = ends.get(near)!;
    names.push(name);
    left = new Map([...left].filter(([, of]) => of !== name));
  }
  return names;
}
