// Addresses for data with known lifetimes: whatever is alive at the same time lies apart. Several greedy orders are tried and the lowest
// peak wins; then what stands at the top is placed first, as long as that helps.

export interface Item {
  readonly bytes: number;
  /** First and last step of its life, both included. */
  readonly from: number;
  readonly to: number;
}

export interface Allocation {
  /** Of each item, in the order given. */
  readonly offsets: readonly number[];
  readonly peak: number;
  /** Most bytes alive at one step: no allocation can have a lower peak. */
  readonly live: number;
}

export const addressAlign = 64;
const repairs = 24;
/** A peak this near to the bound is good enough: the rest is not worth the search. */
const slackShare = 1 / 16;

/** `enough`: a peak that nobody asks to be lower, as long as it is within a quarter of the bound. */
export function allocate(items: readonly Item[], { enough = 0 }: { enough?: number } = {}): Allocation {
  const sizes = items.map(({ bytes }) => Math.ceil(bytes / addressAlign) * addressAlign);
  const live = liveBytes(items.map((item, i) => ({ ...item, bytes: sizes[i]! })));
  const goal = Math.max(live + Math.floor(live * slackShare), Math.min(enough, live + Math.floor(live / 4)));
  const lifetimes = { from: Int32Array.from(items, ({ from }) => from), to: Int32Array.from(items, ({ to }) => to) };
  const span = (i: number): number => items[i]!.to - items[i]!.from + 1;
  const orders: ((a: number, b: number) => number)[] = [
    (a, b) => sizes[b]! - sizes[a]! || span(b) - span(a),
    (a, b) => sizes[b]! * span(b) - sizes[a]! * span(a),
    (a, b) => span(b) - span(a) || sizes[b]! - sizes[a]!,
    (a, b) => items[a]!.from - items[b]!.from || sizes[b]! - sizes[a]!,
  ];
  let best: { offsets: number[]; peak: number } | undefined;
  for (const compare of orders) {
    let order = items.map((_, i) => i).sort((a, b) => compare(a, b) || a - b);
    for (let repair = 0; repair <= repairs; repair++) {
      const offsets = place(order, sizes, lifetimes);
      const peak = offsets.reduce((most, offset, i) => Math.max(most, offset + sizes[i]!), 0);
      if (best === undefined || peak < best.peak) best = { offsets, peak };
      if (peak <= goal) break;
      const top = order.find((i) => offsets[i]! + sizes[i]! === peak)!;
      if (order[0] === top) break;
      order = [top, ...order.filter((i) => i !== top)];
    }
    if (best !== undefined && best.peak <= goal) break;
  }
  return { offsets: best?.offsets ?? [], peak: best?.peak ?? 0, live };
}

/** Most bytes alive at one step. */
export function liveBytes(items: readonly Item[]): number {
  const changes = items.flatMap(({ bytes, from, to }) => [[from, bytes], [to + 1, -bytes]] as const);
  // Deaths come before births of the same step.
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let [now, most] = [0, 0];
  for (const [, change] of changes) most = Math.max(most, (now += change));
  return most;
}

/** Each item at the lowest gap that holds it, among those placed before it that it meets. */
function place(order: readonly number[], sizes: readonly number[], { from, to }: Lifetimes): number[] {
  const offsets = new Array<number>(sizes.length).fill(0);
  const placed: number[] = []; // by offset
  for (const i of order) {
    const [size, born, dies] = [sizes[i]!, from[i]!, to[i]!];
    let at = 0;
    let next = placed.length;
    for (let p = 0; p < placed.length; p++) {
      const other = placed[p]!;
      if (from[other]! > dies || to[other]! < born) continue;
      if (offsets[other]! - at >= size) break;
      at = Math.max(at, offsets[other]! + sizes[other]!);
    }
    while (next > 0 && offsets[placed[next - 1]!]! > at) next--;
    placed.splice(next, 0, i);
    offsets[i] = at;
  }
  return offsets;
}

interface Lifetimes {
  readonly from: Int32Array;
  readonly to: Int32Array;
}
