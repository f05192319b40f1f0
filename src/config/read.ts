// Configuration files by format: one line adds one.
import { readFileSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { Fault, type Place } from '../base/fault.ts';
import { readRelaxedJson } from './relaxed-json.ts';
import type { Source, Tree } from './tree.ts';
import { readYaml } from './yaml.ts';

type Read = (source: Source & { readonly text: string }) => Tree;

const formats: Readonly<Record<string, Read | 'not built yet'>> = {
  '.json': readRelaxedJson,
  '.yaml': readYaml,
  '.yml': readYaml,
  '.toml': 'not built yet',
  '.prototxt': 'not built yet',
};

const bytesMost = 16 * 1024 * 1024;

/** Reads the file at `path`. `file` is what faults call it, `from` where the user named it, `folder` where relative paths in it start. */
export function readConfigFile(path: string, { file = path, from, folder }: { file?: string; from?: Place; folder?: string } = {}): Tree {
  const read = formats[extname(path).toLowerCase()];
  const built = Object.keys(formats).filter((format) => typeof formats[format] === 'function').join(', ');
  const at = from === undefined ? {} : { place: from };
  if (read === undefined) throw new Fault({ exit: 2, ...at, what: `${file}: not a format of configuration files`, facts: [['known', built]] });
  if (read === 'not built yet') throw new Fault({ exit: 2, ...at, what: `${file}: reading ${extname(path)} is not built yet`, facts: [['built', built]] });
  return read({ file, text: textAt(path, { file, at }), ...(folder !== undefined && { folder }) });
}

function textAt(path: string, { file, at }: { file: string; at: { readonly place?: Place } }): string {
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > bytesMost) throw new Fault({ exit: 2, ...at, what: `${file}: ${size} bytes are too many for a configuration`, facts: [['at most', `${bytesMost}`]], waitsFor: resolve(path) });
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault({ exit: 2, ...at, what: `${file}: ${reason(error)}`, waitsFor: resolve(path) });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault({ exit: 2, ...at, what: `${file}: not UTF-8 text`, waitsFor: resolve(path) });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file', ENOTDIR: 'no such file', EISDIR: 'a folder, not a file', EACCES: 'not readable', EPERM: 'not readable',
};

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? String(error);
}
