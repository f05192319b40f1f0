// Everything that can be wrong with a setting, as faults. Exit code 2: nothing was started.
import { Fault, Faults, nearest } from '../base/fault.ts';
import { defaultOf, optionsOf, type Field } from './field.ts';
import { placeOfSpan, valueOf, type Span, type Tree } from './tree.ts';

type Facts = readonly (readonly [string, string])[];

export function faultAt(span: Span, what: string, facts: Facts = []): Fault {
  return new Fault({ exit: 2, place: placeOfSpan(span), what, facts });
}

/** Throws what there is: one Fault as itself, several each once, those of a file in the order of their places. */
export function throwAny(faults: readonly Fault[]): void {
  const unique = [...new Map(faults.map((fault) => [fault.message, fault])).values()];
  const files = [...new Set(unique.map(({ parts: { place } }) => place?.file))];
  const rank = ({ parts: { place } }: Fault): readonly [number, number, number] => [files.indexOf(place?.file), place?.line ?? 0, place?.column ?? 0];
  const sorted = unique.map((fault) => ({ fault, at: rank(fault) })).sort(({ at: a }, { at: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map(({ fault }) => fault);
  if (sorted.length > 0) throw sorted.length === 1 ? sorted[0] : new Faults(sorted);
}

/** `homes`: where else in the schema a key of this name belongs. */
export function unknownKey(key: string, span: Span, { parent, known, homes }: { parent: string; known: readonly string[]; homes: readonly string[] }): Fault {
  const near = nearest(key, known);
  const facts: (readonly [string, string])[] = [];
  if (near === undefined && homes.length > 0) facts.push(['belongs to', homes.join(', ')]);
  else if (near === undefined || known.length <= 10) facts.push(['known', known.join(', ')]);
  if (near !== undefined) facts.push(['try', near]);
  return faultAt(span, `unknown key "${key}"${parent && ` in ${parent}`}`, facts);
}

export function unknownValue(name: string, { field, text, span }: { field: Field; text: string; span: Span }): Fault {
  const known = optionsOf(field) ?? [];
  const near = nearest(text, known);
  return faultAt(span, `unknown ${wordsOf(name)} "${text}"`, [['known', known.join(', ')], ...(near === undefined ? [] : [['try', near] as const])]);
}

export function wrongType(name: string, { field, tree }: { field: Field; tree: Tree }): Fault {
  const remedy = remedyFor(field, tree);
  return faultAt(tree.span, `${name} takes ${typeWords(field)}, not ${treeWords(tree)}`, remedy === undefined ? [] : [['try', remedy]]);
}

export function outOfLimits(name: string, { text, value, span }: { text: string; value: number; span: Span }): Fault {
  return faultAt(span, `${name} ${value} is out of limits`, [['limits', text]]);
}

export function missing(name: string, { field, span }: { field: Field; span: Span }): Fault {
  return faultAt(span, `${name} is missing`, [['about', field.about]]);
}

/** A legal value of an option whose stage isn't built: refused, never accepted and ignored. */
export function notBuilt(name: string, { field, tree }: { field: Field; tree: Tree }): Fault {
  const only = `${defaultWords(field)} (the default)`;
  const built = field.built === undefined || field.built === 'all' ? only : field.built.join(', ');
  const value = tree.kind === 'scalar' ? ` ${String(tree.value)}` : '';
  return faultAt(tree.span, `${name}${value} is not built yet`, [['built', built]]);
}

/** 'calibration method' for calibration_method: the words a person would use. */
export function wordsOf(name: string): string {
  return name.replaceAll('_', ' ');
}

/** The type of a field, in words. */
export function typeWords(field: Field): string {
  const one = {
    string: optionsOf(field) === undefined ? 'a text' : `one of ${optionsOf(field)?.join(', ')}`,
    path: 'a path',
    bool: 'true or false',
    int: 'a whole number',
    float: 'a number',
    enum: `one of ${optionsOf(field)?.join(', ')}`,
    message: 'a map',
    struct: 'a map',
  }[field.type];
  const many = { string: 'texts', path: 'paths', bool: 'true or false', int: 'whole numbers', float: 'numbers', enum: one, message: 'maps', struct: 'maps' }[field.type];
  return field.repeated ? `a list of ${many}` : one;
}

/** The default of a field, as a person would write it. */
export function defaultWords(field: Field): string {
  if (field.defaultText !== undefined) return field.defaultText;
  const value = defaultOf(field);
  if (Array.isArray(value)) return '[]';
  if (value === '') return 'empty';
  return typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value ?? '{}');
}

function treeWords(tree: Tree): string {
  if (tree.kind !== 'scalar') return `a ${tree.kind}`;
  if (typeof tree.value === 'string') return `the text "${tree.value}"`;
  return typeof tree.value === 'number' ? `the number ${tree.value}` : String(tree.value);
}

function remedyFor(field: Field, tree: Tree): string | undefined {
  if (field.repeated) return tree.kind === 'scalar' && field.type !== 'message' ? `[${JSON.stringify(valueOf(tree))}]` : undefined;
  if (tree.kind !== 'scalar' || tree.value === null) return undefined;
  const { value } = tree;
  if (field.type === 'string' || field.type === 'path') return `"${value}"`;
  if (field.type === 'bool') return { 'true': 'true', 'True': 'true', '1': 'true', 'false': 'false', 'False': 'false', '0': 'false' }[String(value)];
  const number = Number(value);
  const fits = typeof value === 'string' && value.trim() !== '' && Number.isFinite(number);
  return fits && (field.type === 'float' || (field.type === 'int' && Number.isInteger(number))) ? String(number) : undefined;
}
