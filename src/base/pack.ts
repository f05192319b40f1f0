// A pack is a small header (canonical JSON) followed by named sections of bytes, each aligned to 16 bytes, so that
// typed views need no copy. It is the form of every artifact that is not pure JSON or pure bytes.
//
//   "AXPK" u32 version=1 | u32 header bytes | u32 0 | header JSON, padded | section 0, padded | section 1 …
//   header = { meta, sections: [[name, offset, bytes]] }, offsets from the start of the first section.
import { canonical, type Json } from './canonical.ts';
import { Fault } from './fault.ts';

export interface Pack {
  readonly meta: Json;
  readonly sections: ReadonlyMap<string, Uint8Array>;
}

const magic = 0x4b505841; // "AXPK", little-endian
const align = (n: number): number => (n + 15) & ~15;

/** Sections keep the order given. */
export function writePack(meta: Json, sections: Iterable<readonly [string, Uint8Array]> = []): Uint8Array {
  const list = [...sections];
  let at = 0;
  const table = list.map(([name, bytes]) => {
    const row = [name, at, bytes.byteLength] as const;
    at += align(bytes.byteLength);
    return row;
  });
  const header = Buffer.from(canonical({ meta, sections: table }), 'utf8');
  const start = 16 + align(header.byteLength);
  const out = new Uint8Array(start + at);
  new DataView(out.buffer).setUint32(0, magic, true);
  new DataView(out.buffer).setUint32(4, 1, true);
  new DataView(out.buffer).setUint32(8, header.byteLength, true);
  out.set(header, 16);
  list.forEach(([, bytes], i) => out.set(bytes, start + table[i]![1]));
  return out;
}

/** Throws a Fault on bytes that are no pack. Sections are views into `bytes`. */
export function readPack(bytes: Uint8Array): Pack {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 16 || view.getUint32(0, true) !== magic || view.getUint32(4, true) !== 1) {
    throw new Fault({ what: 'these bytes are not an axbuild pack' });
  }
  const length = view.getUint32(8, true);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + 16, Math.min(length, bytes.byteLength - 16)).toString('utf8');
  const header = headerOf(text);
  const start = 16 + align(length);
  const sections = new Map<string, Uint8Array>();
  for (const [name, offset, size] of header.sections) {
    if (!(offset >= 0 && size >= 0 && start + offset + size <= bytes.byteLength)) throw new Fault({ what: `pack section ${name} ends outside the bytes` });
    sections.set(name, bytes.subarray(start + offset, start + offset + size));
  }
  return { meta: header.meta, sections };
}

function headerOf(text: string): { meta: Json; sections: [string, number, number][] } {
  try {
    const header = JSON.parse(text) as { meta?: Json; sections?: unknown };
    if (header.meta !== undefined && Array.isArray(header.sections)) return { meta: header.meta, sections: header.sections as [string, number, number][] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Fault({ what: 'the header of this axbuild pack is damaged' });
}
