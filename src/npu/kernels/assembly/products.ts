// The inner loops: sums of products of s16, pairs at a time (i32x4.dot_i16x8_s), for eight output channels at `count` positions.
// Results are s32 [position][8], starting from the eight values at `bias`.

/**
 * Every input channel with every output channel. `steps`: (offset from the place, pairs) each; `panel`: for each pair the two weights of
 * eight channels.
 */
export function dense(places: usize, count: i32, panel: usize, steps: usize, stepsEnd: usize, acc: usize, bias: usize): void {
  const bias0 = v128.load(bias);
  const bias1 = v128.load(bias, 16);
  for (; count >= 4; count -= 4, places += 32, acc += 128) {
    let c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1, c30 = bias0, c31 = bias1;
    const p0 = load<u32>(places), p1 = load<u32>(places, 8), p2 = load<u32>(places, 16), p3 = load<u32>(places, 24);
    let b = panel;
    for (let step = steps; step < stepsEnd; step += 8) {
      const offset = load<u32>(step);
      let a0 = p0 + offset, a1 = p1 + offset, a2 = p2 + offset, a3 = p3 + offset;
      const end = b + (load<u32>(step, 4) << 5);
      while (b < end) {
        const b0 = v128.load(b), b1 = v128.load(b, 16);
        const s0 = v128.load_splat<u32>(a0);
        c00 = i32x4.add(c00, i32x4.dot_i16x8_s(s0, b0));
        c01 = i32x4.add(c01, i32x4.dot_i16x8_s(s0, b1));
        const s1 = v128.load_splat<u32>(a1);
        c10 = i32x4.add(c10, i32x4.dot_i16x8_s(s1, b0));
        c11 = i32x4.add(c11, i32x4.dot_i16x8_s(s1, b1));
        const s2 = v128.load_splat<u32>(a2);
        c20 = i32x4.add(c20, i32x4.dot_i16x8_s(s2, b0));
        c21 = i32x4.add(c21, i32x4.dot_i16x8_s(s2, b1));
        const s3 = v128.load_splat<u32>(a3);
        c30 = i32x4.add(c30, i32x4.dot_i16x8_s(s3, b0));
        c31 = i32x4.add(c31, i32x4.dot_i16x8_s(s3, b1));
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        b += 32;
      }
    }
    v128.store(acc, c00);
    v128.store(acc, c01, 16);
    v128.store(acc, c10, 32);
    v128.store(acc, c11, 48);
    v128.store(acc, c20, 64);
    v128.store(acc, c21, 80);
    v128.store(acc, c30, 96);
    v128.store(acc, c31, 112);
  }
  for (; count > 0; count--, places += 8, acc += 32) {
    let c0 = bias0, c1 = bias1;
    let b = panel;
    for (let step = steps; step < stepsEnd; step += 8) {
      let a = load<u32>(places) + load<u32>(step);
      const end = b + (load<u32>(step, 4) << 5);
      for (; b < end; b += 32, a += 4) {
        const s = v128.load_splat<u32>(a);
        c0 = i32x4.add(c0, i32x4.dot_i16x8_s(s, v128.load(b)));
        c1 = i32x4.add(c1, i32x4.dot_i16x8_s(s, v128.load(b, 16)));
      }
    }
    v128.store(acc, c0);
    v128.store(acc, c1, 16);
  }
}

// @ts-ignore: decorator
@inline
function zipLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function zipHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/**
 * Each channel with itself (depthwise). `steps`: the offsets of two taps each, from the first of the eight channels; `panel`: for each pair
 * of taps the two weights of eight channels.
 */
export function depthwise(places: usize, count: i32, panel: usize, steps: usize, stepsEnd: usize, acc: usize, bias: usize, channel: usize): void {
  const bias0 = v128.load(bias);
  const bias1 = v128.load(bias, 16);
  for (; count >= 2; count -= 2, places += 16, acc += 64) {
    let c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1;
    const p0 = <usize>load<u32>(places) + channel, p1 = <usize>load<u32>(places, 8) + channel;
    let b = panel;
    for (let step = steps; step < stepsEnd; step += 8, b += 32) {
      const first = load<u32>(step), second = load<u32>(step, 4);
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let s = v128.load(p0 + first), t = v128.load(p0 + second);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(zipLow(s, t), b0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(zipHigh(s, t), b1));
      s = v128.load(p1 + first);
      t = v128.load(p1 + second);
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(zipLow(s, t), b0));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(zipHigh(s, t), b1));
    }
    v128.store(acc, c00);
    v128.store(acc, c01, 16);
    v128.store(acc, c10, 32);
    v128.store(acc, c11, 48);
  }
  if (count > 0) {
    let c0 = bias0, c1 = bias1;
    const p = <usize>load<u32>(places) + channel;
    let b = panel;
    for (let step = steps; step < stepsEnd; step += 8, b += 32) {
      const s = v128.load(p + load<u32>(step)), t = v128.load(p + load<u32>(step, 4));
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(zipLow(s, t), v128.load(b)));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(zipHigh(s, t), v128.load(b, 16)));
    }
    v128.store(acc, c0);
    v128.store(acc, c1, 16);
  }
}
