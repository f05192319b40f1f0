// Numbers that results are judged by, and how they moved.

/** Whole numbers with blanks between thousands; others (cosines) with five places. */
export function numberText(value: number): string {
  if (!Number.isInteger(value)) return value.toFixed(5);
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** 'cycles 1 234 -> 1 300 (+5.3 %)' */
export function movedText(name: string, was: number, now: number): string {
  return `${name} ${numberText(was)} -> ${numberText(now)} (${shareText(was, now)})`;
}

/** Signed, in percent of what it was. */
export function shareText(was: number, now: number): string {
  if (was === 0) return 'from 0';
  const share = ((now - was) / Math.abs(was)) * 100;
  const size = Math.abs(share);
  return `${share < 0 ? '-' : '+'}${size < 0.005 ? '0.00' : size < 10 ? size.toFixed(2) : size.toFixed(0)} %`;
}
