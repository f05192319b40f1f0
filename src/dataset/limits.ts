// What an archive may hold. Far above any calibration set; below what would fill a machine's memory.
export interface Limits {
  readonly entries: number;
  readonly entryBytes: number;
  readonly totalBytes: number;
  /** Unpacked bytes per packed byte, once more than `ratioFreeBytes` come out. */
  readonly ratio: number;
  readonly ratioFreeBytes: number;
}

const MiB = 1024 * 1024;

export const limits: Limits = { entries: 100_000, entryBytes: 512 * MiB, totalBytes: 2048 * MiB, ratio: 200, ratioFreeBytes: 64 * MiB };

/** The most bytes that `packed` bytes may unpack to. */
export function unpackedMost(packed: number, { totalBytes, ratio, ratioFreeBytes }: Limits): number {
  return Math.min(totalBytes, Math.max(ratioFreeBytes, packed * ratio));
}
