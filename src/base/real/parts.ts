// Doubles taken apart: a number as mantissa and power of two, a product as its rounded value and what rounding lost.

const bits = new DataView(new ArrayBuffer(8));

/** 2^k for whole k in -1022..1023. */
export function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** x * 2^k for any whole k, with one rounding (two where the result is subnormal). */
export function timesPowerOfTwo(x: number, k: number): number {
  if (k > 1023) return x * powerOfTwo(1023) * powerOfTwo(Math.min(k - 1023, 1023));
  if (k < -1022) return x * powerOfTwo(Math.max(k + 1000, -1022)) * powerOfTwo(-1000);
  return x * powerOfTwo(k);
}

/** x = mantissa * 2^exponent with the mantissa in [1, 2), for finite x > 0. */
export function splitPower(x: number): { readonly mantissa: number; readonly exponent: number } {
  const scaled = x < powerOfTwo(-1022) ? x * powerOfTwo(54) : x;
  bits.setFloat64(0, scaled);
  const high = bits.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  return { mantissa: bits.getFloat64(0), exponent: scaled === x ? exponent : exponent - 54 };
}

/** a * b - product exactly, where product = a * b rounded (Dekker); |a|, |b| < 2^990 and no underflow. */
export function productError(a: number, b: number, product: number): number {
  const splitter = 134217729; // 2^27 + 1
  const ta = splitter * a;
  const aHigh = ta - (ta - a);
  const aLow = a - aHigh;
  const tb = splitter * b;
  const bHigh = tb - (tb - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
