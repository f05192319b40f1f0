// Texts of the command line as settings. The type of the field decides how a text is read; what can't be read stays a text, so that the
// check reports it like any other wrong value.
import { dottedFields, type MessageName } from './schema.ts';
import type { Field } from './field.ts';
import type { Setting } from './merge.ts';
import { spanOf, treeOf } from './tree.ts';

/** Values given for a flag, by its dotted path: none for a bare bool flag, several for a list. */
export type FlagValues = Readonly<Record<string, readonly string[]>>;

export const boolWords: Readonly<Record<string, boolean>> = { true: true, 1: true, True: true, false: false, 0: false, False: false };

/** Relative paths start at `cwd`. */
export function flagSettings(message: MessageName, flags: FlagValues, cwd?: string): readonly Setting[] {
  const fields = new Map([...dottedFields(message)].map(({ path, field }) => [path, field]));
  return Object.entries(flags).map(([path, texts]) => {
    const field = fields.get(path);
    if (field === undefined) throw new Error(`BUG: no field ${path} for a flag`);
    const at = spanOf(`--${path}`, cwd);
    const values = texts.map((text) => scalarOf(text, field));
    return { path, at, value: treeOf(field.repeated ? values : values[0] ?? true, at) };
  });
}

function scalarOf(text: string, field: Field): string | number | boolean {
  if (field.type === 'bool') return boolWords[text] ?? text;
  const isNumber = (field.type === 'int' || field.type === 'float') && text.trim() !== '' && Number.isFinite(Number(text));
  return isNumber ? Number(text) : text;
}
