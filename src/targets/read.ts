// A target from a YAML file: the same fields as a row of the table, `base` naming a row whose fields it starts from.
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { Fault, nearest, type Place } from '../base/fault.ts';
import { targetOf, targets } from './index.ts';
import type { Target } from './target.ts';

const count = z.int().positive();
const rate = z.number().positive();

const schema = z.strictObject({
  name: z.string().min(1),
  about: z.string(),
  modes: z.array(z.strictObject({ name: z.string().min(1), engineSets: count, ocmBytes: count })).min(1),
  clockMhz: rate,
  array: z.strictObject({ positions: count, outChannels: count, inChannels: count, wideFactor: rate }),
  vectorLanes: count,
  moveBytes: count,
  ddrBytesPerCycle: rate,
  dmaStartCycles: z.number().nonnegative(),
  instructionStartCycles: z.number().nonnegative(),
  unsupported: z.array(z.string()),
  sources: z.record(z.string(), z.string()),
});

/** `file` is where the text comes from, for faults. */
export function readTarget(text: string, file: string): Target {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    const row = text.split('\n')[line - 1];
    return { file, line, column: col, ...(row !== undefined && { text: row }) };
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new Fault({ what: broken.message.split('\n')[0]!, place: placeAt(broken.pos[0]), exit: 2 });
  const given: unknown = document.toJS();
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new Fault({ what: 'a target file holds a mapping', place: { file }, exit: 2 });
  const { base, ...fields } = given as Record<string, unknown>; // a mapping, by the line above
  const row = base === undefined ? {} : baseOf(base, file);
  const parsed = schema.safeParse({ ...row, ...fields });
  if (parsed.success) return parsed.data;
  throw faultOf(parsed.error.issues[0]!, { file, keys: Object.keys(schema.shape) });
}

function baseOf(name: unknown, file: string): Omit<Target, 'name'> {
  const found = typeof name === 'string' ? targetOf(name) : undefined;
  if (found === undefined) throw new Fault({ what: `unknown target ${JSON.stringify(name)}`, place: { file }, facts: [['known', targets.map((target) => target.name).join(', ')]], exit: 2 });
  // A chip of one's own needs a name of its own.
  const { name: _, ...rest } = found;
  return rest;
}

function faultOf(issue: z.core.$ZodIssue, { file, keys }: { file: string; keys: readonly string[] }): Fault {
  const at = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return new Fault({ what: `${at}: ${issue.message}`, place: { file }, exit: 2 });
  const key = issue.keys[0]!;
  const near = at === '' ? nearest(key, keys) : undefined;
  return new Fault({
    what: `unknown key "${at === '' ? key : `${at}.${key}`}"`,
    place: { file },
    facts: [['known', keys.join(', ')], ...(near === undefined ? [] : [['try', near] as const])],
    exit: 2,
  });
}
