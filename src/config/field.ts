// What the schema says of one field. Types, defaults, help, flags, faults and the reference page are all made from these records.
import { enums, type EnumName } from './enums.ts';

/** A limit on a number: the sentence a person reads, and the test. */
export interface Limit {
  readonly text: string;
  readonly fits: (value: number) => boolean;
}

interface Common {
  readonly about: string;
  /** It has a command-line flag: its dotted path. */
  readonly flag?: true;
  readonly repeated?: true;
  readonly required?: true;
  /** proto3 `optional`: unset differs from default, which is what sub_configs inherit by. */
  readonly optional?: true;
  /** What axbuild builds today: every legal value, some of them, or (absent) the default only; anything else is refused, never ignored. */
  readonly built?: 'all' | readonly string[];
  /** Said instead of `default` where the default is computed. */
  readonly defaultText?: string;
}

export type Field = Common & (
  | { readonly type: 'string'; readonly default?: string; readonly options?: readonly string[] }
  /** A file or folder: relative ones start at the manifest's folder, or at the working directory. */
  | { readonly type: 'path'; readonly default?: string }
  | { readonly type: 'bool'; readonly default?: boolean }
  | { readonly type: 'int' | 'float'; readonly default?: number; readonly limit?: Limit }
  /** `options`: the values that make sense here, if not all of the enum. */
  | { readonly type: 'enum'; readonly enum: EnumName; readonly default?: string; readonly options?: readonly string[] }
  | { readonly type: 'message'; readonly message: string }
  /** google.protobuf.Struct: any JSON object. */
  | { readonly type: 'struct' }
);

export type Fields = Readonly<Record<string, Field>>;

export interface MessageTable {
  readonly about: string;
  readonly fields: Fields;
}

export function between(low: number, high: number): Limit {
  return { text: `${low} to ${high}`, fits: (value) => value >= low && value <= high };
}

export function atLeast(low: number): Limit {
  return { text: `${low} or more`, fits: (value) => value >= low };
}

/** The legal values of an enum field (or of a string that has only a few), else undefined. */
export function optionsOf(field: Field): readonly string[] | undefined {
  if (field.type === 'string') return field.options;
  return field.type === 'enum' ? field.options ?? Object.keys(enums[field.enum]) : undefined;
}

/** The value of a field that nobody sets; undefined for messages, whose fields have their own. */
export function defaultOf(field: Field): string | number | boolean | readonly never[] | undefined {
  if (field.repeated) return [];
  if (field.type === 'message' || field.type === 'struct') return undefined;
  if (field.default !== undefined) return field.default;
  return { string: '', path: '', bool: false, int: 0, float: 0, enum: optionsOf(field)?.[0] ?? '' }[field.type];
}
