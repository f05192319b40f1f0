// The schemas that editors are given say what the readers accept.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Json } from '../../src/base/canonical.ts';
import { optionsOf } from '../../src/config/field.ts';
import { configSchema, manifestSchema } from '../../src/config/index.ts';
import { defaultsKeys, modelKeys, rootKeys } from '../../src/config/manifest-keys.ts';
import { readConfigFile } from '../../src/config/read.ts';
import { dottedFields, fieldsOf, messages, type MessageName } from '../../src/config/schema.ts';
import { valueOf } from '../../src/config/tree.ts';
import { readYaml } from '../../src/config/yaml.ts';
import { errorsOf } from './json-schema.ts';

const root = join(import.meta.dirname, '../..');
const inFile = (name: string): Json => valueOf(readConfigFile(join(root, name)));
const yaml = (text: string): Json => valueOf(readYaml({ file: 'axbuild.yaml', text }));
const names = (Object.keys(messages) as MessageName[]).filter((name) => name !== 'RunConfig');

test('every field of every message is there, with its words, legal values and default', () => {
  const defs = configSchema()['$defs'] as Record<string, { properties: Record<string, { description: string; enum?: string[]; items?: { enum?: string[] }; default?: unknown }> }>;
  for (const name of names) {
    const { properties } = defs[name]!;
    assert.deepEqual(Object.keys(properties), Object.keys(fieldsOf(name)), name);
    for (const [key, field] of Object.entries(fieldsOf(name))) {
      const property = properties[key]!;
      assert.ok(property.description.startsWith(field.about), `${name}.${key}`);
      assert.deepEqual((field.repeated ? property.items?.enum : property.enum) ?? undefined, optionsOf(field), `${name}.${key}`);
      if ('default' in field && field.defaultText === undefined && !field.required) assert.deepEqual(property.default, field.default, `${name}.${key}`);
    }
  }
});

test('every key of a manifest is there, and every dotted setting can be an axis and an override', () => {
  const schema = manifestSchema() as unknown as { properties: Record<string, { additionalProperties: { properties: object }; properties: object }>; $defs: Record<string, { properties: object }> };
  assert.deepEqual(Object.keys(schema.properties), Object.keys(rootKeys));
  assert.deepEqual(Object.keys(schema.properties['defaults']!.properties), Object.keys(defaultsKeys));
  assert.deepEqual(Object.keys(schema.properties['models']!.additionalProperties.properties), Object.keys(modelKeys));
  const paths = [...dottedFields('BuildConfig')].map(({ path }) => path);
  assert.deepEqual(Object.keys(schema.$defs['Settings']!.properties), paths);
  assert.deepEqual(Object.keys(schema.$defs['Matrix']!.properties), [...paths, 'exclude', 'include']);
});

test('the examples fit', () => {
  for (const name of ['examples/cls.json', 'examples/det.json']) assert.deepEqual(errorsOf(configSchema(), inFile(name)), [], name);
  assert.deepEqual(errorsOf(manifestSchema(), inFile('axbuild.yaml')), []);
  const page = readFileSync(join(root, 'docs/manifests.md'), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!);
  assert.ok(blocks.length > 5);
  for (const block of blocks) assert.deepEqual(errorsOf(manifestSchema(), yaml(block)), [], block);
});

test('what the reader refuses, the schema refuses', () => {
  const quant = 'quant: {input_configs: [{tensor_name: x, calibration_dataset: d.tar}]}';
  const cases: readonly (readonly [text: string, at: string])[] = [
    ['modells: {}', '/modells'],
    ['models: {det: {inputt: a}}', '/models/det/inputt'],
    ['models: {../x: {}}', '/models/../x'],
    ['models: {det: {overrides: {npu_mode: NPU9}}}', '/models/det/overrides/npu_mode'],
    ['models: {det: {matrix: {npu_mode: NPU2}}}', '/models/det/matrix/npu_mode'],
    ['models: {det: {matrix: {npu_mode: [NPU2, NPU9]}}}', '/models/det/matrix/npu_mode'],
    [`models: {det: {config: {${quant}, compiler: {check: two}}}}`, '/models/det/config'],
    ['models: {det: {tags: [a b]}}', '/models/det/tags'],
    ['manifests: a.yaml', '/manifests'],
  ];
  for (const [text, at] of cases) assert.deepEqual(errorsOf(manifestSchema(), yaml(text)), [at], text);
  assert.deepEqual(errorsOf(configSchema(), yaml('quant: {input_configs: [{tensor_name: x}]}')), ['/quant/input_configs/0/calibration_dataset']);
  assert.deepEqual(errorsOf(configSchema(), yaml(`${quant}\ncompiler: {check: 1.5, chek: 1}`)), ['/compiler/check', '/compiler/chek']);
});
