// A job of the pool, for all who asked for it.
import type { Listener, Need } from './executor.ts';
import type { Reply } from './job.ts';
import type { Waiting } from './queue.ts';
import type { Work } from './recipe.ts';

/** A build that uses the pool. */
export interface Client {
  /** When it left, or was aborted, in milliseconds of this process: nobody waits for what still runs for it. */
  goneMs?: number;
}

export interface Asker {
  readonly client: Client;
  readonly label: string;
  readonly listener: Listener;
  answer(reply: Reply): void;
}

export interface PoolJob extends Waiting {
  askers: readonly Asker[];
}

export function isWanted({ askers }: PoolJob): boolean {
  return askers.some(({ client }) => client.goneMs === undefined);
}

/** Since when nobody waits for any of the jobs; undefined while somebody does. */
export function orphanedMs(bulk: readonly PoolJob[]): number | undefined {
  return bulk.some(isWanted) ? undefined : Math.max(...bulk.flatMap(({ askers }) => askers.map(({ client }) => client.goneMs ?? Infinity)));
}

/** Answers what the client asked for with 'skipped'. True when nobody else asked for it. */
export function withdraw(job: PoolJob, client: Client): boolean {
  const [own, others] = parted(job.askers, (asker) => asker.client === client);
  job.askers = others;
  for (const asker of own) asker.answer({ kind: 'skipped' });
  return own.length > 0 && others.length === 0;
}

// A repair writes what another run of the same recipe would leave alone: they are two jobs.
export function nameOf({ key, overwrite = false }: Work): string {
  return overwrite ? `${key} overwrite` : key;
}

export type Cost = Pick<Need, 'cores' | 'memoryBytes'>;

/** Jobs of a bulk run one after the other. */
export function costOf(bulk: readonly PoolJob[]): Cost {
  return { cores: Math.max(...bulk.map(({ need }) => need.cores)), memoryBytes: Math.max(...bulk.map(({ need }) => need.memoryBytes)) };
}

/** Those for which it holds, and the others. */
export function parted<T>(all: readonly T[], holds: (one: T) => boolean): [T[], T[]] {
  const [yes, no]: [T[], T[]] = [[], []];
  for (const one of all) (holds(one) ? yes : no).push(one);
  return [yes, no];
}
