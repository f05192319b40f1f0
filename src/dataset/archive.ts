// Archives of calibration samples: .tar, .tar.gz and .zip, told apart by their content. Folders and files that start with a dot (or lie in
// __MACOSX) are left out; the rest comes back in the order of its names. Archives are read as coming from strangers.
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { byCodeUnit } from '../base/canonical.ts';
import { Fault } from '../base/fault.ts';
import { limits as usual, unpackedMost, type Limits } from './limits.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

export interface Entry {
  /** As the archive has it, without a leading "./". */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a reader of one format is told. */
export interface Opened {
  readonly bytes: Uint8Array;
  /** How faults call the archive. */
  readonly name: string;
  readonly limits: Limits;
}

interface Format {
  readonly name: string;
  matches(bytes: Uint8Array): boolean;
  read(archive: Opened): Promise<readonly Entry[]>;
}

const gunzip = promisify(gunzipCallback);

const formats: readonly Format[] = [
  { name: '.zip', matches: (bytes) => startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]) || startsWith(bytes, [0x50, 0x4b, 0x05, 0x06]), read: async (archive) => readZip(archive) },
  { name: '.tar.gz', matches: (bytes) => startsWith(bytes, [0x1f, 0x8b]), read: readTarGz },
  { name: '.tar', matches: isTar, read: readTar },
];

/** The files of an archive in the order of their names. Throws a Fault that names the archive, and the entry where one is to blame. */
export async function readArchive(bytes: Uint8Array, name: string, limits: Limits = usual): Promise<Entry[]> {
  if (bytes.byteLength === 0) throw new Fault({ what: `${name}: empty, 0 bytes` });
  const format = formats.find((one) => one.matches(bytes));
  if (format === undefined) throw new Fault({ what: `${name}: not an archive`, facts: [['known', formats.map((one) => one.name).join(', ')]] });
  const entries = [...await format.read({ bytes, name, limits })].sort((a, b) => byCodeUnit(a.name, b.name));
  const twice = entries.find((entry, i) => entries[i + 1]?.name === entry.name);
  if (twice !== undefined) throw new Fault({ what: `${name}: two entries "${twice.name}"` });
  if (entries.length === 0) throw new Fault({ what: `${name}: no files in this archive` });
  return entries;
}

async function readTarGz({ bytes, name, limits }: Opened): Promise<readonly Entry[]> {
  const most = unpackedMost(bytes.byteLength, limits);
  const tar = await gunzip(bytes, { maxOutputLength: most }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new Fault({ what: `${name}: unpacks to more than ${most} bytes`, facts: [['packed', `${bytes.byteLength} bytes`]] });
    throw new Fault({ what: `${name}: truncated or corrupt`, facts: [['because', error instanceof Error ? error.message : String(error)]] });
  });
  if (!isTar(tar)) throw new Fault({ what: `${name}: no .tar inside of this .gz` });
  return readTar({ bytes: tar, name, limits });
}

// A header's checksum field holds the sum of its bytes, itself taken as blanks; an empty archive is all zeros.
function isTar(bytes: Uint8Array): boolean {
  if (bytes.byteLength < 512) return false;
  const header = bytes.subarray(0, 512);
  if (header.every((byte) => byte === 0)) return true;
  const written = Number.parseInt(Buffer.from(header.subarray(148, 156)).toString('latin1').replace(/[\0 ]+/g, ' ').trim(), 8);
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0) === written;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}
