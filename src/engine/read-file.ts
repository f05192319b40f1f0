// A whole file in memory of its own, which starts aligned (node's small buffers share memory, and don't).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export function readBytes(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(fstatSync(file).size);
    // In a loop, because one read ends at 2 GiB.
    for (let at = 0; at < bytes.byteLength; ) {
      const read = readSync(file, bytes, at, Math.min(bytes.byteLength - at, 1 << 30), null);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
