// .tar through tar-stream.
import { extract, type Header } from 'tar-stream';
import { Fault } from '../base/fault.ts';
import type { Entry, Opened } from './archive.ts';
import { sampleName } from './entry-name.ts';

const kinds: Readonly<Record<string, 'file' | 'skip'>> = { file: 'file', 'contiguous-file': 'file', directory: 'skip', 'pax-global-header': 'skip' };

export async function readTar({ bytes, name, limits }: Opened): Promise<readonly Entry[]> {
  if (!hasEndMark(bytes)) throw new Fault({ what: `${name}: truncated or corrupt`, facts: [['because', 'the end-of-archive mark is missing']] });
  const entries: Entry[] = [];
  let count = 0;
  let total = 0;
  const tar = extract();
  tar.end(bytes);
  try {
    for await (const item of tar) {
      const { header } = item;
      if (++count > limits.entries) throw new Fault({ what: `${name}: more than ${limits.entries} entries` });
      const sample = isSkipped(header, name) ? undefined : sampleName(header.name, name);
      const size = header.size ?? 0;
      if (size > limits.entryBytes) throw new Fault({ what: `${name}: entry "${header.name}" has ${size} bytes`, facts: [['at most', String(limits.entryBytes)]] });
      total += size;
      if (total > limits.totalBytes) throw new Fault({ what: `${name}: more than ${limits.totalBytes} bytes in all` });
      const chunks: Uint8Array[] = [];
      for await (const chunk of item) chunks.push(chunk as Uint8Array); // the stream of an entry yields Buffers
      if (sample !== undefined) entries.push({ name: sample, bytes: new Uint8Array(Buffer.concat(chunks)) });
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault({ what: `${name}: truncated or corrupt`, facts: [['because', error instanceof Error ? error.message : String(error)]] });
  }
  return entries;
}

function isSkipped({ name, type, linkname }: Header, archive: string): boolean {
  const kind = kinds[type ?? 'file'];
  if (kind === undefined) throw new Fault({ what: `${archive}: entry "${name}" is refused: it is a ${type}${linkname ? ` to "${linkname}"` : ''}`, facts: [['allowed', 'files and folders']] });
  if (kind === 'skip') sampleName(name, archive); // a folder that climbs out is refused as well
  return kind === 'skip';
}

// Archives end in blocks of zeros. One that was cut between two entries has none, and would pass for a smaller one.
function hasEndMark(bytes: Uint8Array): boolean {
  return bytes.byteLength >= 512 && bytes.byteLength % 512 === 0 && bytes.subarray(bytes.byteLength - 512).every((byte) => byte === 0);
}
