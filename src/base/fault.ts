// A fault is an error that a user can act on: place, what, facts, what to do. A bug throws a plain Error instead.
// The whole text of a fault is built here and nowhere else, so that every fault looks alike:
//
//   axbuild.yaml:14:25  unknown calibration method "MinMx"
//      14 │     calibration_method: MinMx
//         │                         ~~~~~
//      known  MinMax, Percentile, MSE, KL
//      try    MinMax

export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The offending line of the file, and how many characters of it, from `column`, are meant. */
  readonly text?: string;
  readonly width?: number;
}

export interface FaultParts {
  readonly what: string;
  readonly place?: Place;
  /** Aligned rows of (label, value); the last is often ['try', remedy]. */
  readonly facts?: readonly (readonly [string, string])[];
  /** 2: the command or the configuration is wrong, nothing was started. 1 (default): a job failed. */
  readonly exit?: 1 | 2;
  /** A file, absolute, whose coming or changing may mend it, where that is not the place. */
  readonly waitsFor?: string;
}

// A process may hold this module twice (a command's file is bundled apart from the entry): a fault is known by its mark, not by its class.
const marks = { fault: Symbol.for('axbuild.fault'), faults: Symbol.for('axbuild.faults') } as const;

function isMarked(value: unknown, mark: symbol): boolean {
  return typeof value === 'object' && value !== null && mark in value;
}

export class Fault extends Error {
  readonly [marks.fault] = true;
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isMarked(value, marks.fault);
  }
  readonly parts: FaultParts;
  constructor(parts: FaultParts) {
    super(faultText(parts));
    this.name = 'Fault';
    this.parts = parts;
  }
  get exit(): 1 | 2 {
    return this.parts.exit ?? 1;
  }
}

/** Several faults found in one go, for instance by preflight. */
export class Faults extends Error {
  readonly [marks.faults] = true;
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isMarked(value, marks.faults);
  }
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => fault.message).join('\n'));
    this.name = 'Faults';
    this.faults = faults;
  }
  get exit(): 1 | 2 {
    return this.faults.some((fault) => fault.exit === 2) ? 2 : 1;
  }
}

/** The text a person reads; no trailing newline. */
export function faultText({ what, place, facts = [] }: FaultParts): string {
  const lines: string[] = [];
  const at = place === undefined ? '' : [place.file, place.line, place.column].filter((part) => part !== undefined).join(':') + '  ';
  lines.push(at + what);
  if (place?.line !== undefined && place.text !== undefined) {
    const number = String(place.line);
    const gap = ' '.repeat(number.length);
    lines.push(`   ${number} │ ${place.text}`);
    if (place.column !== undefined) {
      lines.push(`   ${gap} │ ${' '.repeat(place.column - 1)}${'~'.repeat(Math.max(1, place.width ?? 1))}`);
    }
  }
  const wide = Math.max(0, ...facts.map(([label]) => label.length));
  for (const [label, value] of facts) lines.push(`   ${label.padEnd(wide)}  ${value}`);
  return lines.join('\n');
}

/** The known word nearest to `word` by edit distance, if it is near enough to be a slip. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
