// The configuration and the manifest as JSON Schema (draft 2020-12), for editors: made from the tables that the readers use.
import type { Json } from '../base/canonical.ts';
import { defaultOf, optionsOf, type Field } from './field.ts';
import { defaultsKeys, includeKeys, matrixKeys, modelKeys, rootKeys } from './manifest-keys.ts';
import { dottedFields, fieldsOf, messages, type MessageName } from './schema.ts';

type Schema = { readonly [key: string]: Json };

const draft = 'https://json-schema.org/draft/2020-12/schema';

export function configSchema(): Schema {
  return { $schema: draft, title: 'axbuild configuration', ...reference('BuildConfig'), $defs: messageSchemas() };
}

export function manifestSchema(): Schema {
  return {
    $schema: draft,
    title: 'axbuild manifest',
    ...keyed(rootKeys, {
      extends: text,
      environment: { type: 'object', propertyNames: { pattern: '^[A-Za-z_]\\w*$' }, additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
      defaults: keyed(defaultsKeys, modelSchemas),
      matrix: { $ref: '#/$defs/Matrix' },
      models: { type: ['object', 'null'], propertyNames: { pattern: '^[A-Za-z0-9][\\w.-]*$' }, additionalProperties: keyed(modelKeys, modelSchemas) },
      manifests: { type: 'array', items: text },
    }),
    $defs: { ...messageSchemas(), Settings: settings, Matrix: matrix, Tags: tags },
  };
}

const text: Schema = { type: 'string' };
const tagPattern = '^[\\w.-]+$';
const tags: Schema = { anyOf: [{ type: 'string', pattern: tagPattern }, { type: 'array', items: { type: 'string', pattern: tagPattern } }] };

/** A setting by its dotted path; paths into lists are not spelled out. */
const settings: Schema = { type: 'object', properties: Object.fromEntries([...dottedFields('BuildConfig')].map(({ path, field }) => [path, fieldSchema(field)])) };

/** One property an axis: a list of values, or values by name. */
const matrix: Schema = {
  type: ['object', 'boolean', 'null'],
  properties: {
    ...Object.fromEntries([...dottedFields('BuildConfig')].map(({ path, field }) => [path, {
      description: field.about,
      anyOf: [{ type: 'array', items: valueSchema(field) }, { type: 'object', additionalProperties: valueSchema(field) }],
    }])),
    ...properties(matrixKeys, {
      exclude: { type: 'array', items: { $ref: '#/$defs/Settings' } },
      include: { type: 'array', items: { allOf: [{ $ref: '#/$defs/Settings' }, { type: 'object', properties: properties(includeKeys, { name: text, tags: { $ref: '#/$defs/Tags' } }) }] } },
    }),
  },
};

const modelSchemas: Readonly<Record<keyof typeof modelKeys, Schema>> = {
  input: text,
  config: { anyOf: [text, reference('BuildConfig'), { type: 'null' }] },
  overrides: { $ref: '#/$defs/Settings' },
  tags: { $ref: '#/$defs/Tags' },
  output_dir: text,
  matrix: { $ref: '#/$defs/Matrix' },
};

/** A map of these keys and no others. */
function keyed<K extends string>(keys: Readonly<Record<K, string>>, schemas: NoInfer<Readonly<Record<K, Schema>>>): Schema {
  return { type: 'object', properties: properties(keys, schemas), additionalProperties: false };
}

function properties<K extends string>(keys: Readonly<Record<K, string>>, schemas: NoInfer<Readonly<Record<K, Schema>>>): Schema {
  return Object.fromEntries(Object.entries(keys).map(([key, description]) => [key, { description: description as string, ...schemas[key as K] }]));
}

function messageSchemas(): Schema {
  const names = (Object.keys(messages) as MessageName[]).filter((name) => name !== 'RunConfig'); // the keys of messages
  return Object.fromEntries(names.map((name) => {
    const fields = fieldsOf(name);
    const required = name === 'BuildConfig' ? [] : Object.keys(fields).filter((key) => fields[key]?.required);
    return [name, {
      description: messages[name].about,
      type: ['object', 'null'],
      properties: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, fieldSchema(field)])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    }];
  }));
}

function fieldSchema(field: Field): Schema {
  const standard = field.type === 'message' || field.type === 'struct' || field.required || field.defaultText !== undefined ? undefined : defaultOf(field);
  return { description: about(field), ...valueSchema(field), ...(standard !== undefined && { default: standard }) };
}

function about(field: Field): string {
  const limit = field.type === 'int' || field.type === 'float' ? field.limit : undefined;
  const built = field.built === undefined && !(field.type === 'message' && !field.repeated) ? ['Only the default is built yet.'] : Array.isArray(field.built) ? [`Built: ${field.built.join(', ')}.`] : [];
  return [field.about, ...(limit === undefined ? [] : [`Limits: ${limit.text}.`]), ...built].join(' ');
}

/** A list of texts may also be one of them; what is empty is unset. */
function valueSchema(field: Field): Schema {
  const { repeated, ...one } = field;
  const element = elementSchema(one);
  if (repeated === undefined) return element;
  return { type: field.type === 'string' ? ['array', 'string', 'null'] : ['array', 'null'], items: element };
}

function elementSchema(field: Field): Schema {
  const options = optionsOf(field);
  if (options !== undefined) return { enum: [...options] };
  if (field.type === 'message') return reference(field.message);
  const type = { string: 'string', path: 'string', bool: 'boolean', int: 'integer', float: 'number', enum: 'string', struct: 'object' }[field.type];
  return { type };
}

function reference(message: string): Schema {
  return { $ref: `#/$defs/${message}` };
}
