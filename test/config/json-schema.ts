// As much of JSON Schema (draft 2020-12) as ours use, read as trustingly as one reads what one wrote. A keyword that it does not know is
// an error of the test.
import type { Json } from '../../src/base/canonical.ts';

type Schema = { readonly [key: string]: Json };

const silent = ['$schema', '$defs', 'title', 'description', 'default'];

/** Where `value` does not fit, as paths: '/models/det/inputt'. */
export function errorsOf(root: Schema, value: Json): string[] {
  const errors = (schema: Schema, at: Json, path: string): string[] => {
    return Object.entries(schema).flatMap(([keyword, rule]) => {
      if (silent.includes(keyword)) return [];
      const check = keywords[keyword];
      if (check === undefined) throw new Error(`what does ${keyword} mean?`);
      return check(rule, { schema, at, path, errors, root });
    });
  };
  return [...new Set(errors(root, value, ''))];
}

interface Given {
  readonly schema: Schema;
  readonly at: Json;
  readonly path: string;
  readonly root: Schema;
  readonly errors: (schema: Schema, at: Json, path: string) => string[];
}

const isMap = (at: Json): at is Schema => typeof at === 'object' && at !== null && !Array.isArray(at);
const types: Readonly<Record<string, (at: Json) => boolean>> = {
  string: (at) => typeof at === 'string',
  boolean: (at) => typeof at === 'boolean',
  number: (at) => typeof at === 'number',
  integer: Number.isInteger,
  null: (at) => at === null,
  array: Array.isArray,
  object: isMap,
};

/** Each member of a map, with its path. */
const members = (at: Json, path: string): { key: string; value: Json; inside: string }[] => (isMap(at) ? Object.entries(at).map(([key, value]) => ({ key, value, inside: `${path}/${key}` })) : []);
const keywords: Readonly<Record<string, (rule: Json, given: Given) => string[]>> = {
  $ref: (rule, { root, at, path, errors }) => errors((root['$defs'] as Schema)[String(rule).replace('#/$defs/', '')] as Schema, at, path),
  type: (rule, { at, path }) => ((Array.isArray(rule) ? rule : [rule]).some((type) => types[String(type)]!(at)) ? [] : [path]),
  enum: (rule, { at, path }) => ((rule as Json[]).includes(at) ? [] : [path]),
  pattern: (rule, { at, path }) => (typeof at !== 'string' || new RegExp(String(rule)).test(at) ? [] : [path]),
  required: (rule, { at, path }) => (isMap(at) ? (rule as string[]).flatMap((key) => (key in at ? [] : [`${path}/${key}`])) : []),
  propertyNames: (rule, { at, path, errors }) => members(at, path).flatMap(({ key, inside }) => errors(rule as Schema, key, inside)),
  properties: (rule, { at, path, errors }) => members(at, path).flatMap(({ key, value, inside }) => (Object.hasOwn(rule as Schema, key) ? errors((rule as Schema)[key] as Schema, value, inside) : [])),
  additionalProperties: (rule, { schema, at, path, errors }) =>
    members(at, path).filter(({ key }) => !Object.hasOwn((schema['properties'] ?? {}) as Schema, key)).flatMap(({ value, inside }) => (rule === false ? [inside] : errors(rule as Schema, value, inside))),
  items: (rule, { at, path, errors }) => (Array.isArray(at) ? at.flatMap((item: Json, i) => errors(rule as Schema, item, `${path}/${i}`)) : []),
  anyOf: (rule, { at, path, errors }) => ((rule as Schema[]).some((one) => errors(one, at, path).length === 0) ? [] : [path]),
  allOf: (rule, { at, path, errors }) => (rule as Schema[]).flatMap((one) => errors(one, at, path)),
};
