// Where a function of one variable has something to say: its kinks, and the interval outside of which its output code is constant.
import { roundHalfEven } from '../../base/real.ts';
import { functionOf, applyChain } from '../functions.ts';
import type { UnaryCall } from '../group.ts';

export type Domain = readonly [left: number, right: number];

/** Kinks of a chain within `reach`, ascending: those of each function, followed back through the functions before it. */
export function breakpointsOf(chain: readonly UnaryCall[], reach: Domain): readonly number[] {
  const found = new Set<number>();
  chain.forEach(({ fn, args }, k) => {
    const before = chain.slice(0, k);
    for (const kink of functionOf(fn).breakpoints(args)) {
      if (k === 0) found.add(kink);
      else for (const x of crossings((x) => applyChain(before, x) < kink, pointsIn(reach, [...found]))) found.add(x);
    }
  });
  return [...found].filter((x) => x > reach[0] && x < reach[1]).sort((a, b) => a - b);
}

/** The part of `reach` outside of which round(f) is what it is at the ends. All of it where f is not constant there. */
export function domainOf(f: (x: number) => number, { reach, breakpoints }: { readonly reach: Domain; readonly breakpoints: readonly number[] }): Domain {
  const points = pointsIn(reach, breakpoints);
  const code = (x: number): number => roundHalfEven(f(x));
  const [first, last] = [code(reach[0]), code(reach[1])];
  const differs = points.findIndex((x) => code(x) !== first);
  if (differs < 0) return reach;
  const differsLast = points.findLastIndex((x) => code(x) !== last);
  const left = bisect((x) => code(x) !== first, points[differs - 1]!, points[differs]!);
  const right = bisect((x) => code(x) === last, points[differsLast]!, points[differsLast + 1]!);
  return [left[0], right[1]];
}

/** Where `on` changes between neighbouring points. */
function crossings(on: (x: number) => boolean, points: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b] = [points[i]!, points[i + 1]!];
    if (on(a) !== on(b)) found.push(bisect((x) => on(x) !== on(a), a, b)[1]);
  }
  return found;
}

/** Halves [a, b] while `on` is false at a and true at b; returns the neighbours between which it changes. */
function bisect(on: (x: number) => boolean, a: number, b: number): Domain {
  let [low, high] = [a, b];
  for (let i = 0; i < 200; i++) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (on(middle)) high = middle;
    else low = middle;
  }
  return [low, high];
}

/** Points to look at: even over the reach, and ever denser towards 0 and around the kinks, so that nothing hides between two. */
function pointsIn([low, high]: Domain, kinks: readonly number[]): readonly number[] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const points = [low, high];
  for (let i = 1; i < 512; i++) points.push(low + ((high - low) * i) / 512);
  for (const centre of [0, ...kinks]) {
    points.push(centre);
    for (let distance = size, i = 0; i < 320; distance *= 0.9, i++) points.push(centre - distance, centre + distance);
  }
  return [...new Set(points)].filter((x) => x >= low && x <= high).sort((a, b) => a - b);
}
