// A target from a YAML file: the same fields as a row of the table, `base` naming a row whose fields it starts from.
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { Fault, Faults, nearest, type Place } from '../base/fault.ts';
import { targetOf, targets } from './index.ts';
import type { Target } from './target.ts';

const count = z.int().positive();
const rate = z.number().positive();

const mode = z.strictObject({ name: z.string().min(1), engineSets: count, ocmBytes: count });
const array = z.strictObject({ positions: count, outChannels: count, inChannels: count, wideFactor: rate });

const schema = z.strictObject({
  name: z.string().min(1),
  about: z.string(),
  modes: z.array(mode).min(1),
  clockMhz: rate,
  array,
  arrays: count,
  matmulFactor: rate,
  resultBytes: rate,
  vectorLanes: rate,
  moveBytes: rate,
  ddrBytesPerCycle: rate,
  dmaStartCycles: z.number().nonnegative(),
  instructionStartCycles: z.number().nonnegative(),
  handoverCycles: z.number().nonnegative(),
  weightWindowBytes: z.int().nonnegative(),
  unsupported: z.array(z.string()),
  sources: z.record(z.string(), z.string()),
});

/** `file` is where the text comes from, for faults. */
export function readTarget(text: string, file: string): Target {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at: PlaceAt = (start, end) => {
    const { line, col } = lines.linePos(start);
    const row = (text.split('\n')[line - 1] ?? '').trimEnd();
    return { file, line, column: col, text: row, width: Math.max(1, Math.min(end - start, row.length - col + 1)) };
  };
  const refuse: Refuse = (what, place, facts = []) => new Fault({ what, place, facts, exit: 2 });
  const [broken] = document.errors;
  if (broken !== undefined) throw refuse(broken.message.split('\n')[0]!.replace(/ at line \d+, column \d+:$/, ''), at(broken.pos[0], broken.pos[0]));
  if (!isMap(document.contents)) throw refuse('a target file holds a map', { file }, [['like', 'name: my-chip, base: AX650, then what differs']]);
  const { base, ...fields } = document.toJS() as Record<string, unknown>; // a map, by the line above
  const row = base === undefined ? {} : rowOf(base);
  if (row === undefined) throw refuse(`unknown target ${JSON.stringify(base)}`, placeOf(document, ['base'], at), [['known', targets.map((target) => target.name).join(', ')]]);
  const given = { ...row, ...fields };
  const absent = Object.keys(schema.shape).filter((key) => !Object.hasOwn(given, key));
  if (absent.length > 0) throw refuse(`${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} missing`, { file }, [['try', absent.includes('name') ? 'name: my-chip' : `base: ${targets[0]!.name}, to start from that chip`]]);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => faultOf(issue, { document, at, refuse }));
  faults.sort((a, b) => (a.parts.place?.line ?? 0) - (b.parts.place?.line ?? 0));
  throw faults.length === 1 ? faults[0]! : new Faults(faults);
}

type PlaceAt = (start: number, end: number) => Place;
type Refuse = (what: string, place: Place, facts?: Fault['parts']['facts']) => Fault;

function rowOf(name: unknown): Omit<Target, 'name'> | undefined {
  const found = typeof name === 'string' ? targetOf(name) : undefined;
  if (found === undefined) return undefined;
  // A chip of one's own needs a name of its own.
  const { name: _, ...rest } = found;
  return rest;
}

function faultOf(issue: z.core.$ZodIssue, { document, at, refuse }: { document: Document; at: PlaceAt; refuse: Refuse }): Fault {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('').replace(/^\./, '');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const known = path[0] === 'modes' ? Object.keys(mode.shape) : path[0] === 'array' ? Object.keys(array.shape) : ['base', ...Object.keys(schema.shape)];
    const near = nearest(key, known);
    return refuse(`unknown key "${key}"${name && ` in ${name}`}`, placeOfKey(document, [...path, key], at), [['known', known.join(', ')], ...(near === undefined ? [] : [['try', near] as const])]);
  }
  const isAbsent = document.getIn(path) === undefined;
  return refuse(isAbsent ? `${name} is missing` : `${name}: ${issue.message.replace(/^Invalid input: /, '')}`, placeOf(document, path, at));
}

/** Of the value at a path, or of what holds it. */
function placeOf(document: Document, path: readonly (string | number)[], at: PlaceAt): Place {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return at(node.range[0], node.range[1]);
  return path.length === 0 ? at(0, 0) : placeOf(document, path.slice(0, -1), at);
}

function placeOfKey(document: Document, path: readonly (string | number)[], at: PlaceAt): Place {
  const holder: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key: unknown = isMap(holder) ? holder.items.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key : undefined;
  return isNode(key) && key.range ? at(key.range[0], key.range[1]) : placeOf(document, path, at);
}
