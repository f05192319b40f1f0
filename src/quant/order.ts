// Order among numbered things, each of which waits for others.

/** Indices of what something waits for. */
export type Before = ReadonlySet<number>;

/** Each after all that it waits for, the smallest that is ready first; undefined if some wait for each other. */
export function topological(before: readonly Before[]): readonly number[] | undefined {
  const order: number[] = [];
  const done = new Set<number>();
  while (order.length < before.length) {
    const next = before.findIndex((sources, i) => !done.has(i) && [...sources].every((source) => done.has(source)));
    if (next < 0) return undefined;
    done.add(next);
    order.push(next);
  }
  return order;
}

/** Whether `from` comes before `to`, directly or through others, or is the same. */
export function leadsTo(before: readonly Before[], from: number, to: number): boolean {
  const seen = new Set([to]);
  for (const at of seen) {
    if (at === from) return true;
    before[at]!.forEach((other) => seen.add(other));
  }
  return false;
}
