// Which panel gets how many rows. It depends on the screen and on how much there is to show of what lasts (goals, units, stages, faults),
// never on what runs at the moment: panels must not jump while one looks at them.

export type PanelName = 'goals' | 'units' | 'stages' | 'jobs' | 'log' | 'faults';

/** In rows, each with its title's. `most` may be Infinity. */
export interface Want {
  readonly name: PanelName;
  readonly least: number;
  readonly most: number;
}

export type Rows = Readonly<Record<PanelName, number>>;

const none: Rows = { goals: 0, units: 0, stages: 0, jobs: 0, log: 0, faults: 0 };

/** The least of each in turn as long as it fits, then more in turn; those that take any number share what is left evenly. */
export function allot(rows: number, wants: readonly Want[]): Rows {
  const given: Record<PanelName, number> = { ...none };
  let left = rows;
  for (const { name, least } of wants) {
    if (least > left) continue;
    given[name] = least;
    left -= least;
  }
  const shown = wants.filter(({ name }) => given[name] > 0);
  for (const { name, most } of shown) {
    if (most === Infinity) continue;
    const more = Math.min(left, most - given[name]);
    given[name] += more;
    left -= more;
  }
  const open = shown.filter(({ most }) => most === Infinity);
  open.forEach(({ name }, i) => {
    const share = Math.ceil(left / (open.length - i));
    given[name] += share;
    left -= share;
  });
  return given;
}

export interface Contents {
  readonly goals: number;
  readonly units: number;
  readonly stages: number;
  /** Lines of text. */
  readonly faults: number;
}

/** From here on there are two columns. */
export const wideColumns = 120;

const cellColumns = 19;

/** Stages side by side, where they are cells and not lines. */
export function cellsIn(columns: number): number {
  return Math.max(1, Math.floor(columns / cellColumns));
}

export function narrowRows(rows: number, columns: number, { goals, units, stages, faults }: Contents): Rows {
  return allot(rows, [
    want('faults', faults, 4, 9),
    want('goals', goals, 1, 4),
    { name: 'jobs', least: 4, most: Infinity },
    want('stages', Math.ceil(stages / cellsIn(columns)), 6, 6),
    want('units', units, 1, 3),
    { name: 'log', least: 3, most: Infinity },
  ]);
}

export interface WideRows {
  readonly left: Rows;
  readonly right: Rows;
}

export function wideRows(rows: number, { goals, units, stages, faults }: Contents): WideRows {
  return {
    left: allot(rows, [want('goals', goals, 3, Math.ceil(rows / 3)), want('stages', stages === 0 ? 0 : stages + 1, 8, rows), want('units', units, 2, rows)]),
    right: allot(rows, [want('faults', faults, 8, Math.ceil(rows / 2)), { name: 'jobs', least: 6, most: Infinity }, { name: 'log', least: 4, most: Infinity }]),
  };
}

/** A title and up to `most` lines; at least those there are of the first `least`; nothing where there are none. */
function want(name: PanelName, lines: number, least: number, most: number): Want {
  return lines === 0 ? { name, least: 0, most: 0 } : { name, least: 1 + Math.min(lines, least), most: 1 + Math.min(lines, most) };
}
