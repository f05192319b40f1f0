// sin and cos: reduction by multiples of pi/2 held in three parts, then the series on |r| <= pi/4.

// The first two parts of pi/2 have 33 bits each, so that n * part is exact for |n| < 2^20.
const halfPi = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;
const inverseHalfPi = 0.6366197723675814;
const largest = 1.6e6;

export function sin(x: number): number {
  return quarter(x, 0);
}

export function cos(x: number): number {
  return quarter(x, 1);
}

/** sin(x + turns * pi/2). */
function quarter(x: number, turns: number): number {
  if (x !== x || Math.abs(x) === Infinity) return NaN;
  if (Math.abs(x) > largest) throw new Error(`BUG: sin and cos reduce their argument exactly only up to ${largest}, got ${x}`);
  const n = Math.floor(x * inverseHalfPi + 0.5);
  const first = x - n * halfPi[0];
  const second = n * halfPi[1];
  const front = first - second;
  const rest = first - front - second - n * halfPi[2];
  const r = front + rest;
  const lost = front - r + rest;
  const place = (((n + turns) % 4) + 4) % 4;
  const value = place % 2 === 0 ? sineSeries(r, lost) : cosineSeries(r, lost);
  return place < 2 ? value : -value;
}

function sineSeries(r: number, lost: number): number {
  const square = r * r;
  let sum = 0;
  for (let k = 18; k >= 2; k -= 2) sum = (-square / (k * (k + 1))) * (1 + sum);
  return r + (lost + r * sum);
}

function cosineSeries(r: number, lost: number): number {
  const square = r * r;
  let sum = 0;
  for (let k = 19; k >= 3; k -= 2) sum = (-square / (k * (k + 1))) * (1 + sum);
  // 1 - r²/2 first, with what its rounding lost.
  const half = square / 2;
  const front = 1 - half;
  return front + (1 - front - half + (-half * sum - r * lost));
}
