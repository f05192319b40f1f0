// A build as a Chrome trace (chrome://tracing, ui.perfetto.dev): a lane a process, the critical path coloured and linked by arrows, hits as instants.

interface NamedJob {
  readonly task: string;
  readonly label: string;
}

/** Milliseconds since the build began. */
export interface TracedBuild {
  readonly spans: readonly (NamedJob & { readonly outcome: string; readonly lane: number; readonly startMs: number; readonly ms: number; readonly isCritical: boolean })[];
  readonly hits: readonly (NamedJob & { readonly atMs: number; readonly savedMs: number })[];
  readonly critical: { readonly ms: number; readonly jobs: readonly (NamedJob & { readonly ms: number })[] };
}

export interface TraceAbout {
  readonly command: readonly string[];
  readonly goals: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** The building process; hits lie here too. */
const builder = 0;

export function chromeTrace({ spans, hits, critical }: TracedBuild, about: TraceAbout): string {
  const lanes = [builder, ...new Set(spans.map(({ lane }) => lane).filter((lane) => lane !== builder))];
  const tidOf = (lane: number): { pid: number; tid: number } => ({ pid: 1, tid: lanes.indexOf(lane) });
  const names = lanes.flatMap((lane, tid) => [
    { name: 'thread_name', ph: 'M', ...tidOf(lane), args: { name: lane === builder ? 'building process, hits' : `worker ${tid} (process ${lane})` } },
    { name: 'thread_sort_index', ph: 'M', ...tidOf(lane), args: { sort_index: tid } },
  ]);
  const jobs = spans.map(({ task, label, outcome, lane, startMs, ms, isCritical }) => ({
    name: `${task} ${label}`, cat: isCritical ? `${task},critical` : task, ph: 'X', ts: micros(startMs), dur: micros(ms), ...tidOf(lane),
    ...(isCritical && { cname: 'terrible' }),
    args: { task, label, outcome, critical: isCritical },
  }));
  const onPath = spans.filter(({ isCritical }) => isCritical);
  const arrows = onPath.slice(1).flatMap((to, i) => {
    const from = onPath[i]!;
    const arrow = { name: 'critical path', cat: 'critical', id: i };
    return [{ ...arrow, ph: 's', ts: micros(from.startMs + from.ms), ...tidOf(from.lane) }, { ...arrow, ph: 'f', bp: 'e', ts: micros(to.startMs), ...tidOf(to.lane) }];
  });
  const found = hits.map(({ task, label, atMs, savedMs }) => ({ name: `${task} ${label}`, cat: `${task},hit`, ph: 'i', s: 't', ts: micros(atMs), ...tidOf(builder), args: { task, label, outcome: 'hit', saved_ms: tenths(savedMs) } }));
  return `${JSON.stringify({
    displayTimeUnit: 'ms',
    otherData: {
      tool: 'axbuild', ...about,
      ran: spans.length, ran_ms: tenths(sum(spans)),
      hits: hits.length, saved_ms: tenths(hits.reduce((total, { savedMs }) => total + savedMs, 0)),
      critical_path: { ms: tenths(critical.ms), jobs: critical.jobs.map(({ task, label, ms }) => ({ job: `${task} ${label}`, ms: tenths(ms) })) },
    },
    traceEvents: [{ name: 'process_name', ph: 'M', pid: 1, tid: 0, args: { name: `axbuild ${about.command.join(' ')}` } }, ...names, ...jobs, ...arrows, ...found],
  })}\n`;
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function sum(spans: readonly { readonly ms: number }[]): number {
  return spans.reduce((total, { ms }) => total + ms, 0);
}
