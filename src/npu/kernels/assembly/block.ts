// A kernel reads its operands from the instruction's own words: `block` points at them in memory, with each `addr` resolved by the caller:
// its first word is the absolute address, 0 for none. fields.generated.ts has the word of every field.

// @ts-ignore: decorator
@inline
export function word(block: usize, index: i32): i32 {
  return load<i32>(block + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function pitch(block: usize, index: i32): usize {
  return load<u32>(block + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function real(block: usize, index: i32): f32 {
  return load<f32>(block + (<usize>index << 2));
}

/** Elements handled at one time by kernels that work on rows of s32, so that the rows stay in the first-level cache. */
export const CHUNK: i32 = 4096;
const ROW: usize = 4 * (<usize>CHUNK + 16);

// Scratch of every kernel: the expanded table first, then rows of s32 (ROW_SUM and ROW_RESULT together: one of s64).
export const TABLE_BYTES: usize = 8 * 4096;
export const ROW_A: usize = TABLE_BYTES;
export const ROW_B: usize = ROW_A + ROW;
export const ROW_SUM: usize = ROW_B + ROW;
export const ROW_RESULT: usize = ROW_SUM + ROW;
export const FACTOR: usize = ROW_RESULT + ROW;
export const OWN: usize = FACTOR + 256;

/** Scratch bytes of a kernel that needs none of its own. */
export function scratch_common(): usize {
  return OWN;
}
