// `axbuild run`: a compiled.axmodel on the simulator, on .npy or .bin inputs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../base/fault.ts';
import { resolveRun } from '../config/index.ts';
import type { Arguments } from './arguments.ts';

export async function run({ flags }: Arguments): Promise<0> {
  const config = resolveRun(flags, process.cwd());
  const { readContainer } = await import('../axmodel/read.ts');
  const { fileNamesOf } = await import('../axmodel/files.ts');
  const { runContainer } = await import('../axmodel/run.ts');
  const { binaryTensor, numpyTensor } = await import('../dataset/tensor.ts');
  const { simulate } = await import('../npu/simulate.ts');

  const container = readContainer(readInput(config.model), config.model);
  const tensor = (name: string) => container.tensors[name]!;
  const bins = fileNamesOf([...container.inputs, ...container.outputs], '.bin');
  const cases = config.list === '' ? ['.'] : readInput(config.list, 'utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '');
  for (const [i, name] of cases.entries()) {
    console.log(`>>> [${i}] start`);
    const inputs: Record<string, Uint8Array> = {};
    for (const input of container.inputs) {
      const bin = join(config.input_dir, name, bins.get(input)!);
      const npy = bin.replace(/\.bin$/, '.npy');
      const { dtype, shape } = tensor(input);
      const path = existsSync(bin) || !existsSync(npy) ? bin : npy;
      const wanted = { tensor: input, dtype, shape, name: path };
      inputs[input] = path === npy ? numpyTensor(readInput(npy), wanted) : binaryTensor(readInput(bin), wanted);
    }
    const outputs = await runContainer(container, inputs, { simulate: (program, params, given) => simulate(program, params, given).outputs });
    for (const [output, bytes] of Object.entries(outputs)) {
      const path = join(config.output_dir, name, bins.get(output)!);
      mkdirSync(join(config.output_dir, name), { recursive: true });
      writeFileSync(path, bytes);
      console.log(`write [${output}] to [${path}] successfully, size: ${bytes.byteLength}`);
    }
    console.log(`>>> [${i}] finish`);
  }
  return 0;
}

function readInput(path: string): Uint8Array;
function readInput(path: string, encoding: 'utf8'): string;
function readInput(path: string, encoding?: 'utf8'): Uint8Array | string {
  if (!existsSync(path)) throw new Fault({ exit: 2, what: `no file at ${path}` });
  return encoding === undefined ? new Uint8Array(readFileSync(path)) : readFileSync(path, encoding);
}
