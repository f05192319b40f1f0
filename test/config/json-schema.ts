// As much of JSON Schema (draft 2020-12) as ours use. A keyword that it does not know is an error of the test.
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
      return check({ rule, schema, at, path, errors, root });
    });
  };
  return [...new Set(errors(root, value, ''))];
}

interface Given {
  readonly rule: any; // JSON of any shape: that is what schemas are
  readonly schema: any;
  readonly at: any;
  readonly path: string;
  readonly root: any;
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

const keywords: Readonly<Record<string, (given: Given) => string[]>> = {
  $ref: ({ rule, root, at, path, errors }) => errors(root.$defs[rule.replace('#/$defs/', '')], at, path),
  type: ({ rule, at, path }) => ([rule].flat().some((type: string) => types[type]!(at)) ? [] : [path]),
  enum: ({ rule, at, path }) => (rule.includes(at) ? [] : [path]),
  pattern: ({ rule, at, path }) => (typeof at !== 'string' || new RegExp(rule).test(at) ? [] : [path]),
  required: ({ rule, at, path }) => (isMap(at) ? rule.flatMap((key: string) => (key in at ? [] : [`${path}/${key}`])) : []),
  propertyNames: ({ rule, at, path, errors }) => (isMap(at) ? Object.keys(at).flatMap((key) => errors(rule, key, `${path}/${key}`)) : []),
  properties: ({ rule, at, path, errors }) => (isMap(at) ? Object.keys(at).flatMap((key) => (Object.hasOwn(rule, key) ? errors(rule[key], at[key]!, `${path}/${key}`) : [])) : []),
  additionalProperties: ({ rule, schema, at, path, errors }) => (isMap(at) ? Object.keys(at).filter((key) => !Object.hasOwn(schema.properties ?? {}, key)).flatMap((key) => (rule === false ? [`${path}/${key}`] : errors(rule, at[key]!, `${path}/${key}`))) : []),
  items: ({ rule, at, path, errors }) => (Array.isArray(at) ? at.flatMap((item, i) => errors(rule, item, `${path}/${i}`)) : []),
  anyOf: ({ rule, at, path, errors }) => (rule.some((one: Schema) => errors(one, at, path).length === 0) ? [] : [path]),
  allOf: ({ rule, at, path, errors }) => rule.flatMap((one: Schema) => errors(one, at, path)),
};
