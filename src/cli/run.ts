// `axbuild run`: a compiled.axmodel on the simulator, on .npy or .bin inputs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileNamesOf } from '../axmodel/files.ts';
import { readContainer } from '../axmodel/read.ts';
import { runContainer } from '../axmodel/run.ts';
import { textOf } from '../base/bytes.ts';
import { Fault } from '../base/fault.ts';
import { resolveRun } from '../config/index.ts';
import { binaryTensor, numpyTensor } from '../dataset/tensor.ts';
import { simulate } from '../npu/simulate.ts';
import type { Arguments } from './arguments.ts';
import { shortPath } from './short-path.ts';

export async function run({ flags }: Arguments): Promise<0> {
  const { model, input_dir, output_dir, list } = resolveRun(flags, process.cwd());
  const container = readContainer(read(model, 'model'), shortPath(model));
  const files = fileNamesOf([...container.inputs, ...container.outputs], '.bin');
  for (const [i, name] of (list === '' ? ['.'] : casesIn(list)).entries()) {
    say(`>>> [${i}] start`);
    const inputs = Object.fromEntries(container.inputs.map((tensor) => {
      const { dtype, shape } = container.tensors[tensor]!;
      return [tensor, readTensor(join(input_dir, name, files.get(tensor)!), { tensor, dtype, shape })];
    }));
    const outputs = await runContainer(container, inputs, { simulate: (program, params, given) => simulate(program, params, given).outputs });
    for (const [tensor, bytes] of Object.entries(outputs)) {
      const path = join(output_dir, name, files.get(tensor)!);
      write(path, bytes);
      say(`write [${tensor}] to [${shortPath(path)}] successfully, size: ${bytes.byteLength}`);
    }
    say(`>>> [${i}] finish`);
  }
  return 0;
}

function casesIn(list: string): string[] {
  const cases = textOf(read(list, 'list')).split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (cases.length === 0) throw new Fault({ exit: 2, place: { file: shortPath(list) }, what: 'this list names no case', facts: [['like', 'one folder of input_dir a line']] });
  return cases;
}

/** Of two files the .bin counts, as with the vendor's tool. */
function readTensor(bin: string, wanted: Omit<Parameters<typeof binaryTensor>[1], 'name'>): Uint8Array {
  const npy = bin.replace(/\.bin$/, '.npy');
  if (existsSync(bin)) return binaryTensor(read(bin, 'input'), { ...wanted, name: shortPath(bin) });
  if (existsSync(npy)) return numpyTensor(read(npy, 'input'), { ...wanted, name: shortPath(npy) });
  const { tensor, dtype, shape } = wanted;
  throw new Fault({
    exit: 2,
    what: `no data for input "${tensor}"`,
    facts: [['looked for', `${shortPath(bin)}, ${shortPath(npy)}`], ['input takes', `${dtype} [${shape.join(',')}]`]],
  });
}

function read(path: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Fault({ exit: 2, what: isAbsent ? `no ${what} at ${path}` : `the ${what} at ${path} cannot be read`, facts: isAbsent ? [] : [['because', because(error)]] });
  }
}

function write(path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  } catch (error) {
    throw new Fault({ place: { file: path }, what: 'this output cannot be written', facts: [['because', because(error)]] });
  }
}

function because(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
