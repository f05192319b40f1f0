// `axbuild targets`: the chips and their modes; one chip in full, each number with its source.
import { Fault, nearest } from '../base/fault.ts';
import { targets as table } from '../targets/index.ts';
import type { Target } from '../targets/target.ts';
import { tableLines } from '../ui/table.ts';
import type { Arguments } from './arguments.ts';

export async function targets({ words, options }: Arguments): Promise<0> {
  const chosen = words.map(targetNamed);
  const shown = chosen.length === 0 ? table : chosen;
  const text = 'json' in options ? `${JSON.stringify(shown)}\n` : shown.map(chosen.length === 0 ? summaryText : targetText).join('\n');
  process.stdout.write(text);
  return 0;
}

function targetNamed(name: string): Target {
  const known = table.map((target) => target.name);
  const found = table.find((target) => target.name === name);
  if (found !== undefined) return found;
  const near = nearest(name, known);
  throw new Fault({ exit: 2, what: `no target is called "${name}"`, facts: [['known', known.join(', ')], ...(near === undefined ? [] : [['try', near] as const])] });
}

/** The chip and its modes. */
export function summaryText({ name, about, modes, sources }: Target): string {
  const lines = [`${name}  ${about}`, ...tableLines([['mode', 'engine sets', 'on-chip'], ...modes.map((mode) => [mode.name, mode.engineSets, memoryOf(mode.ocmBytes)])])];
  for (const field of ['modes', 'ocmBytes']) if (sources[field] !== undefined) lines.push(`  ${labels[field]}: ${sources[field]}`);
  return `${lines.join('\n')}\n`;
}

/** Every number of the row, and where it comes from: a new field of Target shows here by itself. */
export function targetText(target: Target): string {
  const { name: _, about: __, modes: ___, sources, ...numbers } = target;
  const rows = Object.entries(numbers).flatMap(([field, value]) => rowsOf(field, value).map(([label, text]) => [label, text, sourceOf(sources, label, field)]));
  // Fields of a part may have a source of their own.
  return `${summaryText(target)}${tableLines([['number', 'value', 'source'], ...rows]).join('\n')}\n`;
}

const labels: Readonly<Record<string, string>> = { modes: 'modes', ocmBytes: 'on-chip' };

function rowsOf(field: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return [[field, value.length === 0 ? 'none' : value.map(textOf).join(', ')]];
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([part, one]) => [`${field}.${part}`, textOf(one)]);
  return [[field, textOf(value)]];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sourceOf(sources: Target['sources'], label: string, field: string): string {
  return sources[label] ?? sources[label.slice(label.indexOf('.') + 1)] ?? sources[field] ?? 'not said';
}

function memoryOf(bytes: number): string {
  return `${bytes / 2 ** 20} MiB`;
}
