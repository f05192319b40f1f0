// Multiplication by a real factor in whole numbers (docs/integer-spec.md §2).

/** 2^(16 - shift) and half a unit of the result, by shift. */
const unit = Float64Array.from({ length: 63 }, (_, shift) => 2 ** (16 - shift));
const half = Float64Array.from({ length: 63 }, (_, shift) => 2 ** (shift - 17));

/**
 * (v * multiplier + 2^(shift-1)) >> shift, exactly, for |v| <= 2^48 and shift in 17..62. The low 16 bits of the product can't reach the
 * result, which leaves sums below 2^53 for every v that fits into 37 bits: exact in doubles.
 */
export function rescale(v: number, multiplier: number, shift: number): number {
  if (v > 137438953471 || v < -137438953472) return rescaleWide(v, multiplier, shift);
  const high = v * (multiplier >>> 16) + Math.floor((v * (multiplier & 0xffff)) / 65536);
  return Math.floor((high + half[shift]!) * unit[shift]!);
}

/**
 * The same for 48-bit v, cut at bit 25: v * multiplier = top * 2^25 + bottom. From shift 26 on the low 25 bits of that sum can't reach the
 * result either; a smaller shift means a factor above 2^4 on a huge number, far outside of any output range, and may be slow.
 */
function rescaleWide(v: number, multiplier: number, shift: number): number {
  if (shift < 26) return Number((BigInt(v) * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift));
  const top = Math.floor(v / 33554432);
  const rest = v - top * 33554432;
  const carry = Math.floor((rest * (multiplier >>> 16) + Math.floor((rest * (multiplier & 0xffff)) / 65536)) / 512);
  return Math.floor((top * multiplier + carry + half[shift - 9]!) * unit[shift - 9]!);
}
