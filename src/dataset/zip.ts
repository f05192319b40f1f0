// .zip through fflate, which checks neither sums nor links: the archive's directory is read here first.
import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import { Fault } from '../base/fault.ts';
import type { Entry, Opened } from './archive.ts';
import { sampleName } from './entry-name.ts';
import { unpackedMost } from './limits.ts';

interface Listed {
  readonly name: string;
  readonly crc: number;
  readonly isEncrypted: boolean;
  /** Unix mode, 0 where the archive was made elsewhere. */
  readonly mode: number;
}

export function readZip({ bytes, name, limits }: Opened): readonly Entry[] {
  const corrupt = (because: string): Fault => new Fault({ what: `${name}: truncated or corrupt`, facts: [['because', because]] });
  const listed = directory(bytes);
  if (listed === undefined) throw corrupt('the directory at its end is missing');
  if (listed.length > limits.entries) throw new Fault({ what: `${name}: more than ${limits.entries} entries` });
  const wanted = new Map<string, { sample: string; crc: number }>();
  for (const { name: entry, crc, isEncrypted, mode } of listed) {
    const sample = sampleName(entry, name);
    if ((mode & 0o170000) === 0o120000) throw new Fault({ what: `${name}: entry "${entry}" is refused: it is a symlink`, facts: [['allowed', 'files and folders']] });
    if (isEncrypted) throw new Fault({ what: `${name}: entry "${entry}" is encrypted` });
    if (sample === undefined || entry.endsWith('/')) continue;
    if (wanted.has(entry)) throw new Fault({ what: `${name}: two entries "${entry}"` });
    wanted.set(entry, { sample, crc });
  }
  const most = unpackedMost(bytes.byteLength, limits);
  let total = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name: entry, originalSize }) => {
        if (!wanted.has(entry)) return false;
        if (originalSize > limits.entryBytes) throw new Fault({ what: `${name}: entry "${entry}" has ${originalSize} bytes`, facts: [['at most', String(limits.entryBytes)]] });
        total += originalSize;
        if (total > most) throw new Fault({ what: `${name}: unpacks to more than ${most} bytes`, facts: [['packed', `${bytes.byteLength} bytes`]] });
        return true;
      },
    });
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw corrupt(error instanceof Error ? error.message : String(error));
  }
  return [...wanted].map(([entry, { sample, crc }]) => {
    const content = files[entry];
    if (content === undefined || crc32(content) !== crc) throw corrupt(`the checksum of entry "${entry}" is wrong`);
    return { name: sample, bytes: content };
  });
}

/** The central directory; undefined where there is none. Field offsets: APPNOTE.TXT 4.3.12, 4.3.14 to 4.3.16. */
function directory(bytes: Uint8Array): Listed[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return undefined;
  let count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (end >= 20 && view.getUint32(end - 20, true) === 0x07064b50) { // zip64
    const wide = Number(view.getBigUint64(end - 12, true));
    if (wide + 56 > bytes.byteLength || view.getUint32(wide, true) !== 0x06064b50) return undefined;
    count = Number(view.getBigUint64(wide + 32, true));
    at = Number(view.getBigUint64(wide + 48, true));
  }
  const listed: Listed[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.byteLength || view.getUint32(at, true) !== 0x02014b50) return undefined;
    const flags = view.getUint16(at + 8, true);
    const nameBytes = view.getUint16(at + 28, true);
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + nameBytes));
    listed.push({
      name: name.toString(flags & 0x800 ? 'utf8' : 'latin1'),
      crc: view.getUint32(at + 16, true),
      isEncrypted: (flags & 1) !== 0,
      mode: view.getUint16(at + 4, true) >> 8 === 3 ? view.getUint32(at + 38, true) >>> 16 : 0, // made by Unix
    });
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return listed;
}
