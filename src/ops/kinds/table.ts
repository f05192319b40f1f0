// The table of a fused chain: where its domain lies, where its nodes stand, and how far it strays from the function.
import { Fault } from '../../base/fault.ts';
import { roundHalfAway, roundHalfEven } from '../../base/real.ts';
import { applyChain } from '../functions.ts';
import type { Quant, UnaryCall } from '../group.ts';
import { clamp } from './codes.ts';
import { breakpointsOf, domainOf, type Domain } from './domain.ts';

export interface TableRequest {
  readonly chain: readonly UnaryCall[];
  readonly quant: Quant;
  readonly lo: number;
  readonly hi: number;
  /** The largest code of the output's type. */
  readonly top: number;
  readonly reach: readonly [number, number];
  readonly unit: number;
  readonly largestFactor: number;
}

export interface Table {
  readonly table: Int32Array;
  readonly bits: { readonly index: number; readonly fraction: number; readonly value: number };
  /** What brings 0 to its place in the domain. */
  readonly zero: number;
  /** One step of the domain, as a real number. */
  readonly step: number;
}

const byTop: Readonly<Record<number, Table['bits']>> = {
  255: { index: 9, fraction: 7, value: 8 },
  65535: { index: 12, fraction: 12, value: 6 },
};

/** Throws a Fault when linear pieces can't follow the function within half a step of the output. */
export function buildTable(request: TableRequest): Table {
  const { chain, quant, reach, top } = request;
  const bits = byTop[top]!;
  const f = (x: number): number => applyChain(chain, x) / quant.scale + quant.zero;
  const breakpoints = breakpointsOf(chain, reach);
  const domain = domainOf((x) => clamp(f(x), request.lo, request.hi), { reach, breakpoints });
  const { zero, step } = place(withKinks(domain, breakpoints), breakpoints, { ...request, bits });
  const segment = 2 ** bits.fraction;
  const node = (i: number): number => (i * segment - zero) * step;
  const table = Int32Array.from({ length: 2 ** bits.index + 1 }, (_, i) => clamp(roundHalfAway(f(node(i)) * 2 ** bits.value), -(2 ** 30), 2 ** 30));
  // The tails begin before the second node and behind the last but one: their codes exactly, not values that may round to a neighbour.
  const tail = (x: number): number => roundHalfEven(clamp(f(x), request.lo, request.hi)) * 2 ** bits.value;
  table[0] = tail(domain[0]);
  table[table.length - 1] = tail(domain[1]);
  refuseStray(request, { f, node, domain, table, value: bits.value });
  return { table, bits, zero, step };
}

type Pitch = Pick<TableRequest, 'unit' | 'largestFactor'> & Pick<Table, 'bits'>;

/** A kink just outside of the domain joins it: a piece that bends there would bend inside too. */
function withKinks([left, right]: Domain, breakpoints: readonly number[]): Domain {
  const near = (right - left) / 64;
  return [Math.min(left, ...breakpoints.filter((x) => x >= left - near)), Math.max(right, ...breakpoints.filter((x) => x <= right + near))];
}

/**
 * Nodes one width apart, at least two of them spare at each end. The first and the last breakpoint fall on nodes; those between too,
 * if a width not much larger than necessary allows it.
 */
function place([left, right]: Domain, breakpoints: readonly number[], { bits, unit, largestFactor }: Pitch): { zero: number; step: number } {
  const segment = 2 ** bits.fraction;
  const inside = breakpoints.filter((x) => x >= left && x <= right);
  const first = inside[0] ?? left;
  const span = (inside.at(-1) ?? left) - first;
  // The factor of the rescale has an upper limit, and 0 stays within 2^30 steps of the domain: both keep the integers small.
  const finest = Math.max(unit / largestFactor, Math.max(Math.abs(left), Math.abs(right)) / 2 ** 30);
  const narrowest = Math.max((right - left) / (2 ** bits.index - 4), finest * segment);
  const most = Math.floor(span / narrowest);
  const width = most > 0 ? span / piecesFor(inside, most) : narrowest;
  const before = Math.floor((first - left) / width) + 2;
  const step = width / segment;
  return { zero: before * segment - roundHalfAway(first / step), step };
}

/** Into how many pieces the span of the breakpoints is cut: the most that puts all of them on nodes, down to three quarters of `most`. */
function piecesFor(breakpoints: readonly number[], most: number): number {
  const first = breakpoints[0]!;
  const span = breakpoints.at(-1)! - first;
  for (let pieces = most; pieces >= Math.max(1, most * 0.75); pieces--) {
    const onNodes = breakpoints.every((x) => {
      const at = ((x - first) / span) * pieces;
      return Math.abs(at - roundHalfAway(at)) < 1e-6;
    });
    if (onNodes) return pieces;
  }
  return most;
}

interface Drawn {
  readonly f: (x: number) => number;
  readonly node: (i: number) => number;
  readonly domain: Domain;
  readonly table: Int32Array;
  readonly value: number;
}

function refuseStray({ chain, quant, lo, hi, top, unit }: TableRequest, { f, node, domain: [left, right], table, value }: Drawn): void {
  // An output whose whole range is below one step of the input saturates whatever the table says.
  if (top * quant.scale < unit) return;
  let worst = 0;
  let worstAt = 0;
  for (let i = 0; i + 1 < table.length; i++) {
    const [from, to] = [table[i]! / 2 ** value, table[i + 1]! / 2 ** value];
    for (const part of [0.1, 0.25, 0.5, 0.75, 0.9]) {
      const x = node(i) + (node(i + 1) - node(i)) * part;
      if (x < left || x > right) continue;
      const error = Math.abs(clamp(from + (to - from) * part, lo, hi) - clamp(f(x), lo, hi));
      if (error > worst) [worst, worstAt] = [error, x];
    }
  }
  if (worst <= 0.5) return;
  throw new Fault({
    what: `a table of ${table.length - 1} pieces can't follow ${chain.map(({ fn }) => fn).join(', ')}`,
    facts: [
      ['error', `${worst.toFixed(1)} of ${top} steps of the output, near x = ${worstAt}`],
      ['limit', '0.5 steps'],
      ['try', top === 255 ? 'let this operator run on the CPU' : 'give this operator 8 bits, or let it run on the CPU'],
    ],
  });
}
