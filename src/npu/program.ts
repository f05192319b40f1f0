// A linked program as bytes: a pack whose meta is canonical JSON and whose one section, `code`, holds the instruction words
// (docs/program-format.md).
import { viewAs, bytesOf } from '../base/bytes.ts';
import type { Json } from '../base/canonical.ts';
import { Fault } from '../base/fault.ts';
import { readPack, writePack } from '../base/pack.ts';
import { engines } from './isa.ts';
import type { Program, ProgramStats } from './object.ts';

export const programVersion = 2;

export function writeProgram({ code, inputs, outputs, edges, objects, owners, stats, ...rest }: Program): Uint8Array {
  const meta: Json = {
    version: programVersion,
    ...rest,
    inputs: inputs.map(({ bytes }) => ({ bytes })),
    outputs: outputs.map(({ bytes }) => ({ bytes })),
    edges: edges.map(({ space, offset, completeAfter }) => ({ space, offset, completeAfter })),
    ...(objects !== undefined && { objects: [...objects] }),
    owners: owners.map(([group, count]) => [group, count]),
    stats: { ...stats, busy: { ...stats.busy }, ddrBytes: { ...stats.ddrBytes } },
  };
  return writePack(meta, [['code', bytesOf(code)]]);
}

/** Throws a Fault on bytes that hold no program. Instructions are checked when they are decoded. */
export function readProgram(bytes: Uint8Array): Program {
  const { meta, sections } = readPack(bytes);
  const code = sections.get('code');
  if (!isRecord(meta) || code === undefined || code.byteLength % 4 !== 0) throw malformed('code');
  if (meta.version !== programVersion) throw new Fault({ what: `program format ${String(meta.version)} is not known`, facts: [['known', String(programVersion)]] });
  const stats = record(meta, 'stats');
  return {
    // A copy: the words outlive the artifact's bytes.
    code: viewAs(Uint32Array, code).slice(),
    ...counts(meta, ['paramsBytes', 'swapBytes', 'ocmBytes']),
    constantOffsets: list(meta, 'constantOffsets').map((value) => wholeNumber(value, 'constantOffsets')),
    chosen: list(meta, 'chosen').map((value) => wholeNumber(value, 'chosen')),
    ...(meta['objects'] !== undefined && { objects: list(meta, 'objects').map((value) => wholeNumber(value, 'objects')) }),
    owners: list(meta, 'owners').map(readOwner),
    inputs: list(meta, 'inputs').map((row) => counts(asRecord(row, 'inputs'), ['bytes'])),
    outputs: list(meta, 'outputs').map((row) => counts(asRecord(row, 'outputs'), ['bytes'])),
    edges: list(meta, 'edges').map((row) => ({ ...counts(asRecord(row, 'edges'), ['space', 'offset']), completeAfter: number(asRecord(row, 'edges'), 'completeAfter') })),
    stats: readStats(stats),
  };
}

function readOwner(run: Json): [group: number, count: number] {
  if (!Array.isArray(run) || run.length !== 2) throw malformed('owners');
  return [wholeNumber(run[0] as Json, 'owners'), wholeNumber(run[1] as Json, 'owners')];
}

function readStats(stats: JsonRecord): ProgramStats {
  return {
    ...counts(stats, ['cycles', 'overlapCycles', 'macs', 'ocmPeak', 'ocmLive', 'swapPeak', 'swapLive']),
    busy: counts(record(stats, 'busy'), engines),
    ddrBytes: counts(record(stats, 'ddrBytes'), ['params', 'load', 'store']),
  };
}

type JsonRecord = { readonly [key: string]: Json | undefined };

function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asRecord(value: Json | undefined, name: string): JsonRecord {
  if (!isRecord(value)) throw malformed(name);
  return value;
}

function record(from: JsonRecord, name: string): JsonRecord {
  return asRecord(from[name], name);
}

function list(from: JsonRecord, name: string): readonly Json[] {
  const value = from[name];
  if (!Array.isArray(value)) throw malformed(name);
  return value;
}

function number(from: JsonRecord, name: string): number {
  const value = from[name];
  if (typeof value !== 'number') throw malformed(name);
  return value;
}

function counts<K extends string>(from: JsonRecord, names: readonly K[]): Record<K, number> {
  const read = {} as Record<K, number>; // filled by the next line
  for (const name of names) read[name] = wholeNumber(from[name], name);
  return read;
}

function wholeNumber(value: Json | undefined, name: string): number {
  if (typeof value !== 'number' || value < 0 || !Number.isSafeInteger(value)) throw malformed(name);
  return value;
}

function malformed(name: string): Fault {
  return new Fault({ what: `these bytes are not an axbuild program: ${name} is missing or malformed` });
}
