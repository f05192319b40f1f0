// Rows of codes as s32: what the vector engine's kernels work on.

/** (code - zero) of `count` codes. May write up to 7 elements more. */
export function widenRun(to: usize, from: usize, count: i32, bytes: i32, zero: i32): void {
  const zeros = i32x4.splat(zero);
  const end = to + (<usize>count << 2);
  if (bytes == 1) {
    for (; to < end; to += 32, from += 8) {
      const codes = v128.load_ext<u8>(from);
      v128.store(to, i32x4.sub(i32x4.extend_low_i16x8_u(codes), zeros));
      v128.store(to, i32x4.sub(i32x4.extend_high_i16x8_u(codes), zeros), 16);
    }
  } else {
    for (; to < end; to += 32, from += 16) {
      const codes = v128.load(from);
      v128.store(to, i32x4.sub(i32x4.extend_low_i16x8_u(codes), zeros));
      v128.store(to, i32x4.sub(i32x4.extend_high_i16x8_u(codes), zeros), 16);
    }
  }
}

// @ts-ignore: decorator
@inline
export function codeAt(from: usize, bytes: i32): i32 {
  return bytes == 1 ? <i32>load<u8>(from) : <i32>load<u16>(from);
}

/** (code - zero) of cols x channels; `step` 0 repeats the first channel. */
export function widenRow(to: usize, from: usize, cols: i32, colPitch: usize, channels: i32, step: i32, bytes: i32, zero: i32): void {
  if (step == 0) {
    for (let x = 0; x < cols; x++, from += colPitch) {
      const value = i32x4.splat(codeAt(from, bytes) - zero);
      const end = to + (<usize>channels << 2);
      for (let at = to; at < end; at += 16) v128.store(at, value);
      to = end;
    }
  } else if (colPitch == <usize>(channels * bytes)) {
    widenRun(to, from, cols * channels, bytes, zero);
  } else {
    for (let x = 0; x < cols; x++, from += colPitch, to += <usize>channels << 2) widenRun(to, from, channels, bytes, zero);
  }
}

/** Adds (code - zero) of `count` codes to `sums`. */
export function addRun(sums: usize, from: usize, count: i32, bytes: i32, zero: i32): void {
  const zeros = i32x4.splat(zero);
  for (; count >= 8; count -= 8, sums += 32) {
    let codes: v128;
    if (bytes == 1) {
      codes = v128.load_ext<u8>(from);
      from += 8;
    } else {
      codes = v128.load(from);
      from += 16;
    }
    v128.store(sums, i32x4.add(v128.load(sums), i32x4.sub(i32x4.extend_low_i16x8_u(codes), zeros)));
    v128.store(sums, i32x4.add(v128.load(sums, 16), i32x4.sub(i32x4.extend_high_i16x8_u(codes), zeros)), 16);
  }
  for (; count > 0; count--, sums += 4, from += bytes) store<i32>(sums, load<i32>(sums) + codeAt(from, bytes) - zero);
}
