// Times, bytes and counts as people read them.

export function secondsOf(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

/** Down to tenths of a millisecond: for sums of past durations. */
export function durationOf(ms: number): string {
  if (ms >= 1000) return secondsOf(ms / 1000);
  return ms >= 1 ? `${ms.toFixed(0)} ms` : 'under 1 ms';
}

export function bytesOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, size] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  return `${(bytes / size).toFixed(bytes < 10 * size ? 1 : 0)} ${unit}`;
}

/** '1 job', '2 jobs' */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** 12345 -> '12,345' */
export function wholeOf(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** One of the numbers that a goal is judged by. */
export function numberOf(name: string, value: number): string {
  if (name === 'bytes') return bytesOf(value);
  return Number.isInteger(value) ? wholeOf(value) : String(Number(value.toPrecision(5)));
}
