// base/real.ts: near Math.* (whose own bits differ between engines) everywhere, and bit patterns that must never move.
import assert from 'node:assert/strict';
import test from 'node:test';
import { cos, erf, exp, log, pow, roundHalfAway, roundHalfEven, scaleToMultiplier, sigmoid, sin, tanh } from '../../src/base/real.ts';

/** A linear congruential walk over [low, high]: the same numbers every run. */
function samples(low: number, high: number, count = 20_000): number[] {
  let state = 12345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  });
}

function assertNear(mine: (x: number) => number, reference: (x: number) => number, points: readonly number[]): void {
  let worst = 0;
  let worstAt = NaN;
  for (const x of points) {
    const want = reference(x);
    const error = Math.abs(mine(x) - want) / Math.max(Math.abs(want), 1e-300);
    if (!(error <= worst)) [worst, worstAt] = [error, x];
  }
  assert.ok(worst < 1e-14, `relative error ${worst} at ${worstAt}`);
}

const tiny = [1e-300, 1e-20, -1e-20, 1e-9, -1e-9, 0.549999, 0.55, 0.550001];

test('exp, tanh and sigmoid follow Math', () => {
  assertNear(exp, Math.exp, [...samples(-700, 709), ...samples(-2, 2), ...tiny]);
  assertNear(tanh, Math.tanh, [...samples(-25, 25), ...samples(-1, 1), ...tiny]);
  assertNear(sigmoid, (x) => 1 / (1 + Math.exp(-x)), [...samples(-300, 40), ...tiny]);
});

test('log follows Math from the subnormals to the largest double', () => {
  assertNear(log, Math.log, [...samples(0, 10), ...samples(0.99, 1.01), ...samples(0, 1e300), 5e-324, 1e-310, Number.MAX_VALUE, 1 + 2 ** -52, 1 - 2 ** -53]);
});

test('pow follows Math for all signs of base and exponent', () => {
  for (const y of [2, 3, 0.5, -0.5, 1 / 3, -1, 7.25, 60.5, -33]) assertNear((x) => pow(x, y), (x) => Math.pow(x, y), samples(1e-3, 50));
  for (const y of [2, 3, -1, -2]) assertNear((x) => pow(x, y), (x) => Math.pow(x, y), samples(-50, -1e-3));
  assertNear((y) => pow(1.0001, y), (y) => Math.pow(1.0001, y), samples(-7e6, 7e6));
  const special = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, Infinity, -Infinity, NaN];
  for (const x of special) {
    for (const y of special) {
      const want = x === 1 ? 1 : x === -1 && Math.abs(y) === Infinity ? 1 : Math.pow(x, y);
      const got = pow(x, y);
      const near = Number.isFinite(want) && want !== 0 && Math.abs(got - want) <= 1e-15 * Math.abs(want);
      assert.ok(near || Object.is(got, want), `pow(${x}, ${y}) = ${got}, not ${want}`);
    }
  }
});

test('sin and cos follow Math, near their zeros too', () => {
  const zeros = Array.from({ length: 2000 }, (_, k) => (k * Math.PI) / 2);
  const points = [...samples(-10, 10), ...samples(-1e6, 1e6), ...zeros, ...tiny];
  // Math's own results near a zero are right to an ulp; an absolute bound would hide a bad reduction.
  assertNear(sin, Math.sin, points.filter((x) => x !== 0));
  assertNear(cos, Math.cos, points);
});

test('erf agrees with published values', () => {
  // Abramowitz & Stegun table 7.1, extended with mpmath at 30 digits.
  const known: readonly (readonly [number, number])[] = [
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1.0, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2.0, 0.9953222650189527],
    [2.499, 0.9995908642442554],
    [2.501, 0.9995952208294163],
    [3.0, 0.9999779095030014],
    [3.5, 0.9999992569016276],
    [4.0, 0.9999999845827421],
    [5.5, 0.9999999999999927],
    [5.9, 0.9999999999999999],
  ];
  for (const [x, want] of known) {
    assert.ok(Math.abs(erf(x) - want) <= 2e-15 * want, `erf(${x}) = ${erf(x)}, not ${want}`);
    assert.equal(erf(-x), -erf(x));
  }
});

test('ends and NaN', () => {
  assert.deepEqual([exp(-Infinity), exp(Infinity), exp(1000), exp(-1000), exp(0)], [0, Infinity, Infinity, 0, 1]);
  assert.deepEqual([log(0), log(-1), log(1), log(Infinity)], [-Infinity, NaN, 0, Infinity]);
  assert.deepEqual([tanh(Infinity), tanh(-Infinity), tanh(0)], [1, -1, 0]);
  assert.deepEqual([sigmoid(Infinity), sigmoid(-Infinity), sigmoid(0)], [1, 0, 0.5]);
  assert.deepEqual([erf(Infinity), erf(-Infinity), erf(0)], [1, -1, 0]);
  for (const f of [exp, log, tanh, sigmoid, erf, sin, cos]) assert.ok(Number.isNaN(f(NaN)));
});

test('the bits never move', () => {
  const hex = (x: number): string => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    return view.getBigUint64(0).toString(16).padStart(16, '0');
  };
  const golden = {
    exp: [-20.3, -1, 0.1, 1, 3.7, 88.8, 700.1].map(exp),
    log: [1e-310, 0.3, 0.999, 1.5, 2, 10, 1e200].map(log),
    tanh: [-3, -0.3, 1e-8, 0.56, 1, 9].map(tanh),
    sigmoid: [-30, -2.5, 0.01, 1, 12].map(sigmoid),
    erf: [-0.4, 0.01, 1, 2.4, 3.3].map(erf),
    pow: [pow(2, 0.5), pow(10, -7), pow(0.3, 3), pow(1.7, 55.5)],
    sin: [-2, 0.5, 3.14, 100, 123456.7].map(sin),
    cos: [-2, 0.5, 1.57, 100, 123456.7].map(cos),
  };
  const got = Object.fromEntries(Object.entries(golden).map(([name, values]) => [name, values.map(hex)]));
  assert.deepEqual(got, {
    exp: ['3e1a3b8dc86d1c8e', '3fd78b56362cef38', '3ff1aec7b35a00d4', '4005bf0a8b14576a', '4044394144eeec81', '47f148906c06fc8a', '7f1058614179b2a5'],
    log: ['c0864e69394d9508', 'bff34378fcbda721', 'bf5064670d979b73', '3fd9f323ecbf984c', '3fe62e42fefa39ef', '40026bb1bbb55516', '407cc845b54b54f2'],
    tanh: ['bfefd77d111a0b00', 'bfd2a4dda7d914fa', '3e45798ee2308c3a', '3fe04159e3ace145', '3fe85efab514f394', '3fefffffefa59d78'],
    sigmoid: ['3d3a56e0c2ac7cc0', '3fb36b7112534848', '3fe0147ad61865a8', '3fe764d4f5d5a2bd', '3feffff31d5f129e'],
    erf: ['bfdb6ac7c4b20a07', '3f871bc266657b66', '3feaf767a741088c', '3feffa5c14ea981d', '3feffff9966790c8'],
    pow: ['3ff6a09e667f3bcc', '3e7ad7f29abcaf48', '3f9ba5e353f7ced8', '42966d5dcf2b7fe6'],
    sin: ['bfed18f6ead1b446', '3fdeaee8744b05f0', '3f5a18120c2c1274', 'bfe03425b78c4db8', 'bfeffa4cf2bce7e5'],
    cos: ['bfdaa22657537205', '3fec1528065b7d50', '3f4a181296fadbfb', '3feb981dbf665fdf', 'bfa3186f285e7650'],
  });
});

test('halves go to the even number, or away from zero', () => {
  const points = [-2.5, -1.5, -0.5, -0.4, 0.5, 0.49999999999999994, 1.5, 2.5, 2.6, 4503599627370497, -4503599627370495.5, 1e300];
  assert.deepEqual(points.map((x) => roundHalfEven(x) + 0), [-2, -2, 0, 0, 0, 0, 2, 2, 3, 4503599627370497, -4503599627370496, 1e300]);
  assert.deepEqual(points.map((x) => roundHalfAway(x) + 0), [-3, -2, -1, 0, 1, 0, 2, 3, 3, 4503599627370497, -4503599627370496, 1e300]);
});

test('a factor becomes a 31-bit multiplier and a shift', () => {
  assert.deepEqual(scaleToMultiplier(1), { multiplier: 2 ** 30, shift: 30 });
  assert.deepEqual(scaleToMultiplier(0.75), { multiplier: 3 * 2 ** 29, shift: 31 });
  assert.deepEqual(scaleToMultiplier(1 / 3), { multiplier: 1431655765, shift: 32 });
  assert.deepEqual(scaleToMultiplier(1 - 2 ** -40), { multiplier: 2 ** 30, shift: 30 });
  assert.deepEqual(scaleToMultiplier(2 ** -32), { multiplier: 2 ** 30, shift: 62 });
  assert.deepEqual(scaleToMultiplier(2 ** -32 * 0.75), { multiplier: 3 * 2 ** 28, shift: 62 });
  assert.deepEqual(scaleToMultiplier(0), { multiplier: 0, shift: 62 });
  assert.deepEqual(scaleToMultiplier(16383), { multiplier: 16383 * 2 ** 17, shift: 17 });
});

test('a factor of 2^14 or more becomes the largest there is', () => {
  const largest = { multiplier: 2147483517, shift: 17 };
  assert.deepEqual([16383.999, 16384, 1e9, Infinity].map(scaleToMultiplier), [largest, largest, largest, largest]);
  assert.throws(() => scaleToMultiplier(NaN), /BUG: NaN/);
  assert.throws(() => scaleToMultiplier(-1), /BUG: -1/);
});
