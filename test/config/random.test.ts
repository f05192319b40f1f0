// Random forms of one configuration, and random damage to it. A failure prints the seed; SEED= repeats it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault, Faults } from '../../src/base/fault.ts';
import type { Json } from '../../src/base/canonical.ts';
import { checkMessage } from '../../src/config/check.ts';
import { readRelaxedJson } from '../../src/config/relaxed-json.ts';
import { placeOfSpan, valueOf } from '../../src/config/tree.ts';
import { readYaml } from '../../src/config/yaml.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = process.env['SOAK'] === '1' ? 2000 : 150;

let state = seed;
const below = (n: number): number => Math.floor((((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) / 2 ** 24) * n);
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
const shuffled = <T>(list: readonly T[]): T[] => list.map((item) => [below(1e6), item] as const).sort((a, b) => a[0] - b[0]).map(([, item]) => item);

const settings: Json = {
  input: 'm.onnx', output_dir: 'out', npu_mode: 'NPU1',
  quant: {
    input_configs: [{ tensor_name: 'x # no comment', calibration_dataset: 'a//b/*c*/.tar', calibration_mean: [103.939, -1, 2e-3], calibration_std: [58, 58, 58] }],
    layer_configs: [{ op_types: ['Conv', 'Add'], data_type: 'U16' }, { layer_name: 'ä "q" \\ \t 中' }],
    refine_weight_threshold: 1e-6, precision_analysis: false,
  },
  compiler: { check: 2, sub_configs: [{ start_tensor_names: ['a'], end_tensor_names: ['b'] }] },
};

const gap = (): string => pick(['', '', ' ', '\n', '\t\r\n', ' // {"x": 1}\n', '# ,\n', '/* " ] */', '/***/ ']);

function write(value: Json): string {
  if (Array.isArray(value)) return `[${gap()}${value.map(write).join(`${gap()},${gap()}`)}${value.length > 0 ? pick(['', ',']) : ''}${gap()}]`;
  if (value === null || typeof value !== 'object') return typeof value === 'number' && below(2) === 0 ? value.toExponential() : JSON.stringify(value);
  const members = shuffled(Object.entries(value)).map(([key, member]) => `${gap()}${JSON.stringify(key)}${gap()}:${gap()}${write(member ?? null)}${gap()}`);
  return `{${members.join(',')}${members.length > 0 ? pick(['', ',']) : ''}${gap()}}`;
}

test(`any layout of the same settings is the same configuration (SEED=${seed})`, () => {
  const expected = checkMessage(readRelaxedJson({ file: 'a', text: JSON.stringify(settings) }), 'BuildConfig');
  assert.deepEqual(expected.faults, []);
  for (let round = 0; round < rounds; round++) {
    const text: string = gap() + write(settings) + gap();
    const tree = readRelaxedJson({ file: 'a', text });
    assert.deepEqual(valueOf(tree), settings, text);
    assert.deepEqual(checkMessage(tree, 'BuildConfig').value, expected.value, text);
  }
});

test(`a place says where a value stands, whatever the layout (SEED=${seed})`, () => {
  for (let round = 0; round < rounds; round++) {
    const text: string = gap() + write(settings);
    const { spans } = checkMessage(readRelaxedJson({ file: 'a', text }), 'BuildConfig');
    const { line, column, width } = placeOfSpan(spans.get('compiler.check')!);
    assert.match(text.split('\n')[line! - 1]!.slice(column! - 1, column! - 1 + width!), /^2(e\+0)?$/, text);
  }
});

test(`damaged files are refused, or read as something else, and never break the reader (SEED=${seed})`, () => {
  const damage = ['{', '}', '[', ']', ',', ':', '"', '\\', '#', '/*', '*/', '//', '\n', '- ', '&a ', '*a', '<<: ', '!!x ', '|', '\0', '1e999', 'nul', '\ud800'];
  for (let round = 0; round < rounds; round++) {
    const whole = write(settings);
    const at = below(whole.length);
    const text: string = whole.slice(0, at) + pick(damage) + whole.slice(at + below(4));
    for (const read of [readRelaxedJson, readYaml]) {
      try {
        checkMessage(read({ file: 'a', text }), 'BuildConfig');
      } catch (error) {
        assert.ok(error instanceof Fault || error instanceof Faults, `${text}\n${error instanceof Error ? error.stack : error}`);
      }
    }
  }
});
