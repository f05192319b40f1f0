// Names of archive entries: which are samples, and which are attempts to climb out.
import { Fault } from '../base/fault.ts';

/** The name of a sample, or undefined for hidden and metadata files. Throws a Fault for a name that leaves the archive's folder. */
export function sampleName(raw: string, archive: string): string | undefined {
  const segments = raw.split(/[/\\]/);
  const why = segments.includes('..') ? 'it climbs out of its folder'
    : raw.startsWith('/') || raw.startsWith('\\') ? 'it is absolute'
    : /^[A-Za-z]:/.test(raw) ? 'it names a drive'
    : raw.includes('\0') ? 'it holds a zero byte'
    : undefined;
  if (why !== undefined) throw new Fault({ what: `${archive}: entry "${raw.replaceAll('\0', '\\0')}" is refused: ${why}` });
  const named = segments.filter((segment) => segment !== '.' && segment !== '');
  if (named.length === 0 || named.some((segment) => segment.startsWith('.') || segment === '__MACOSX')) return undefined;
  return named.join('/');
}
