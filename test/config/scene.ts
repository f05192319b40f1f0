// A folder with configuration files, and what comes of resolving them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Fault, Faults } from '../../src/base/fault.ts';
import { resolveConfig, type BuildConfig, type FlagValues, type ResolvedConfig } from '../../src/config/index.ts';

export function folderWith(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** What every build needs, as the file's first line, so that the settings under test start on line 2. */
export const needed = '"input": "m.onnx", "output_dir": "out",';
export const calibration = '"input_configs": [{ "tensor_name": "x", "calibration_dataset": "d.tar" }]';

export function resolveText(t: TestContext, text: string, { file = 'det.json', flags = {} }: { file?: string; flags?: FlagValues } = {}): ResolvedConfig {
  return resolveConfig({ configs: [{ file }], base: folderWith(t, { [file]: text }), flags });
}

export function configOf(t: TestContext, text: string, more: { file?: string; flags?: FlagValues } = {}): BuildConfig {
  return resolveText(t, text, more).config;
}

/** The message and exit code of what `act` throws. */
export function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if ((error instanceof Fault || error instanceof Faults) && error.exit === 2) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
