// What a file says, before anyone asks whether it makes sense: maps, lists and scalars, each with the span of text it came from.
import type { Json } from '../base/canonical.ts';
import type { Place } from '../base/fault.ts';

/** A text with a name. Values without a text (flags) have a name only. */
export interface Source {
  readonly file: string;
  readonly text?: string;
  /** Absolute; where relative paths in it start. Absent: whoever reads it knows. */
  readonly folder?: string;
}

export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export interface Scalar {
  readonly kind: 'scalar';
  readonly span: Span;
  readonly value: string | number | boolean | null;
}

export interface List {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly Tree[];
}

export interface Mapping {
  readonly kind: 'map';
  readonly span: Span;
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Tree;
}

export type Tree = Scalar | List | Mapping;

// A file without line breaks would fill the screen.
const lineMost = 200;

/** Line, column and the first line of a span. Tabs become spaces, so that the squiggles stand under what they mean. */
export function placeOfSpan({ source, start, end }: Span): Place {
  const { file, text } = source;
  if (text === undefined) return { file };
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', start);
  const line = text.slice(lineStart, newline < 0 ? text.length : newline).replace(/\r$/, '');
  const column = start - lineStart + 1;
  const width = Math.max(1, Math.min(end, lineStart + line.trimEnd().length) - start);
  const shown = line.length > lineMost ? `${line.slice(0, lineMost)}…` : line;
  return {
    file,
    line: text.slice(0, lineStart).split('\n').length,
    column,
    ...(column <= lineMost && { text: shown.replaceAll('\t', ' ') }),
    width: Math.min(width, Math.max(1, lineMost - column + 1)),
  };
}

export function entryOf(map: Mapping, key: string): Entry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** An empty map that stands for what nobody wrote. */
export function emptyMap(file: string): Mapping {
  return { kind: 'map', span: spanOf(file), entries: [] };
}

/** A span without a text. */
export function spanOf(file: string, folder?: string): Span {
  return { source: { file, ...(folder !== undefined && { folder }) }, start: 0, end: 0 };
}

/** A tree of a value that no file holds; its span's file is what faults call it. */
export function treeOf(value: Json, span: Span): Tree {
  if (value === null || typeof value !== 'object') return { kind: 'scalar', span, value };
  if (isList(value)) return { kind: 'list', span, items: value.map((item) => treeOf(item, span)) };
  const entries = Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [{ key, keySpan: span, value: treeOf(member, span) }]));
  return { kind: 'map', span, entries };
}

/** The value of a tree, without its places. */
export function valueOf(tree: Tree): Json {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(valueOf);
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, valueOf(value)]));
}

// Array.isArray does not narrow readonly arrays.
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
