// Times and bytes in the few columns that a screen has.
import { secondsOf } from '../amounts.ts';

/** Time left, where past durations tell any. */
export function leftOf(seconds: number | undefined): string {
  return seconds === undefined ? '' : `  about ${shortTime(seconds)} left`;
}

/** '0.4 s', '12 s', '3 min', '1 h 05' */
export function shortTime(seconds: number): string {
  if (seconds < 99.5) return secondsOf(seconds);
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

/** '0.2 of 19 GB' */
export function memoryOf(used: number, most: number): string {
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(bytes < 10e9 ? 1 : 0);
  return `${gigabytes(used)} of ${gigabytes(most)} GB`;
}
