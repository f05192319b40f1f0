// How a domain is cut: sizes of the tiles, their sequence, and the shapes worth trying.
import { evenly, type Box, type Size } from './plane.ts';

export interface Domain extends Size {
  readonly batch: number;
}

export interface Tiling {
  readonly tile: Size;
  /** The loop over channels is the outer one: constants stay while positions pass, and inputs are fetched again for each part. */
  readonly channelsOuter: boolean;
  /** Two buffers of everything that moves, so that transfers overlap computing. */
  readonly double: boolean;
  /** All parts of the constants stay in the arena. */
  readonly keep: boolean;
}

export interface Counts {
  readonly rows: number;
  readonly cols: number;
  readonly channels: number;
  readonly all: number;
}

export function countsOf(domain: Domain, tile: Size): Counts {
  const rows = Math.ceil(domain.rows / tile.rows);
  const cols = Math.ceil(domain.cols / tile.cols);
  const channels = Math.ceil(domain.channels / tile.channels);
  return { rows, cols, channels, all: domain.batch * rows * cols * channels };
}

/** The tiles in the order they run. */
export function tilesOf(domain: Domain, { tile, channelsOuter }: Tiling): Box[] {
  const boxes: Box[] = [];
  const channelsFrom = (n: number, y: number, x: number, c: number): void => {
    boxes.push({
      n, y, x, c,
      rows: Math.min(tile.rows, domain.rows - y), cols: Math.min(tile.cols, domain.cols - x), channels: Math.min(tile.channels, domain.channels - c),
    });
  };
  const positions = (visit: (n: number, y: number, x: number) => void): void => {
    for (let n = 0; n < domain.batch; n++) {
      for (let y = 0; y < domain.rows; y += tile.rows) for (let x = 0; x < domain.cols; x += tile.cols) visit(n, y, x);
    }
  };
  const channels = (visit: (c: number) => void): void => {
    for (let c = 0; c < domain.channels; c += tile.channels) visit(c);
  };
  if (channelsOuter) channels((c) => positions((n, y, x) => channelsFrom(n, y, x, c)));
  else positions((n, y, x) => channels((c) => channelsFrom(n, y, x, c)));
  return boxes;
}

export interface Choices {
  readonly domain: Domain;
  /** Tiles are multiples of this, where they aren't whole. */
  readonly grain: Size;
  /** Cutting positions saves memory: something of the tile's size is buffered. */
  readonly positions: boolean;
  /** Channels must be the outer loop (a sum over positions is carried on from tile to tile). */
  readonly reduces: boolean;
  /** There are constants that a part of the channels needs a part of. */
  readonly sliced: boolean;
}

/** Every tiling worth a thought, largest first. */
export function tilingsOf({ domain, grain, positions, reduces, sliced }: Choices): Tiling[] {
  const found: Tiling[] = [];
  const rows = positions ? parts(domain.rows, grain.rows) : [domain.rows];
  const cols = positions ? parts(domain.cols, grain.cols) : [domain.cols];
  const channels = parts(domain.channels, grain.channels);
  // A cut through rows alone moves longer runs: columns are cut where few rows are left.
  const few = rows.find((r) => r <= 8 * grain.rows);
  for (const r of rows) {
    for (const c of cols) {
      if (c !== domain.cols && r !== few && r !== rows.at(-1)) continue;
      // Half the tile with two buffers takes the same memory as the tile with one, and overlaps: one buffer is for the smallest tiles.
      const single = r === rows.at(-1) && c === cols.at(-1);
      for (const k of channels) addLoops(found, { domain, reduces, sliced, single }, { rows: r, cols: c, channels: k });
    }
  }
  return found;
}

/** The same tile in every order of loops. */
function addLoops(found: Tiling[], { domain, reduces, sliced, single }: Pick<Choices, 'domain' | 'reduces' | 'sliced'> & { single: boolean }, tile: Size): void {
  const counts = countsOf(domain, tile);
  if (counts.all === 1) {
    found.push({ tile, channelsOuter: reduces, double: false, keep: true });
    return;
  }
  const inBoth = counts.channels > 1 && counts.all > counts.channels;
  for (const channelsOuter of reduces ? yes : inBoth ? either : no) {
    for (const double of single ? either : yes) {
      // With channels innermost the parts of the constants come round again at every position: keeping them may pay.
      for (const keep of sliced && inBoth && !channelsOuter ? either : no) found.push({ tile, channelsOuter, double, keep });
    }
  }
}

const either = [true, false];
const yes = [true];
const no = [false];

/** Sizes of equal parts: whole, halves, quarters … down to one grain. */
function parts(total: number, grain: number): number[] {
  const sizes: number[] = [];
  for (let pieces = 1; ; pieces *= 2) {
    const size = evenly(total, pieces, grain);
    if (size !== sizes.at(-1)) sizes.push(size);
    if (size <= grain) break;
    if (pieces > total) break;
  }
  return sizes;
}
