// Softmax of spec §5, row by row: exact integers, scalar.
import { pitch, word } from './block';
import * as f from './fields.generated';
import { rescale32 } from './rescale';
import { codeAt } from './rows';

export function run_softmax(block: usize, scratch: usize): i32 {
  const inBytes = word(block, f.SOFTMAX_IN_BYTES);
  const outBytes = word(block, f.SOFTMAX_OUT_BYTES);
  const rows = word(block, f.SOFTMAX_ROWS);
  const channels = word(block, f.SOFTMAX_CHANNELS);
  const table = pitch(block, f.SOFTMAX_EXP_TABLE);
  const m: i64 = word(block, f.SOFTMAX_MULTIPLIER);
  const s: i64 = word(block, f.SOFTMAX_SHIFT);
  const levels: i64 = word(block, f.SOFTMAX_LEVELS);
  for (let y = 0; y < rows; y++) {
    const from = pitch(block, f.SOFTMAX_IN) + <usize>y * pitch(block, f.SOFTMAX_IN_ROW_PITCH);
    const out = pitch(block, f.SOFTMAX_OUT) + <usize>y * pitch(block, f.SOFTMAX_OUT_ROW_PITCH);
    let top = 0;
    for (let c = 0; c < channels; c++) top = max(top, codeAt(from + <usize>(c * inBytes), inBytes));
    let sum: i64 = 0;
    for (let c = 0; c < channels; c++) sum += exponential(top - codeAt(from + <usize>(c * inBytes), inBytes), inBytes, table, m, s);
    for (let c = 0; c < channels; c++) {
      const e = exponential(top - codeAt(from + <usize>(c * inBytes), inBytes), inBytes, table, m, s);
      // A table of zeros would divide by 0; no quantiser makes one.
      const q = sum == 0 ? 0 : <i64>(<u64>(2 * e * levels + sum) / <u64>(2 * sum));
      if (outBytes == 1) store<u8>(out + c, <u8>q);
      else store<u16>(out + (<usize>c << 1), <u16>q);
    }
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function exponential(d: i32, bytes: i32, table: usize, m: i64, s: i64): i64 {
  if (bytes == 1) return load<u32>(table + (<usize>d << 2));
  const x = <i32>max<i64>(min<i64>(rescale32(d, m, s), (1 << 20) - 1), 0);
  const node = table + (<usize>(x >> 8) << 2);
  const here: i64 = load<u32>(node);
  const next: i64 = load<u32>(node, 4);
  return ((here << 8) + (next - here) * (x & 255) + 128) >> 8;
}
