// `axbuild run`: a compiled.axmodel on the simulator, on .npy or .bin inputs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { batched } from '../axmodel/batch.ts';
import type { ContainerTensor } from '../axmodel/container.ts';
import { fileNamesOf } from '../axmodel/files.ts';
import { readContainer } from '../axmodel/read.ts';
import { bytesDue, chainOf, runContainer } from '../axmodel/run.ts';
import { textOf } from '../base/bytes.ts';
import { Fault } from '../base/fault.ts';
import { resolveRun } from '../config/index.ts';
import { readNpy } from '../dataset/npy.ts';
import { binaryTensor, numpyTensor } from '../dataset/tensor.ts';
import { simulate } from '../npu/simulate.ts';
import type { Arguments } from './arguments.ts';
import { shortPath } from './short-path.ts';

export async function run({ flags }: Arguments): Promise<0> {
  const { model, input_dir, output_dir, list, batch_size: size, group_index: group } = resolveRun(flags, process.cwd());
  const container = readContainer(read(model, 'model'), shortPath(model));
  const chain = chainOf(container, group);
  const files = fileNamesOf([...chain.inputs, ...chain.outputs], '.bin');
  for (const [i, name] of (list === '' ? ['.'] : casesIn(list)).entries()) {
    say(`>>> [${i}] start`);
    const given = chain.inputs.map((tensor) => ({ ...container.tensors[tensor]!, ...find(join(input_dir, name, files.get(tensor)!), container.tensors[tensor]!) }));
    const samples = size > 0 ? size : Math.max(1, ...given.map((input) => samplesIn(input, input)));
    const inputs = Object.fromEntries(given.map((input) => [input.name, readTensor(input, batched(input, samples))]));
    const outputs = await runContainer(container, inputs, {
      group, samples,
      simulate: (program, params, bytes) => simulate(program, params, bytes).outputs,
      onBatch: ({ batch, samples: count }) => { if (samples > 1) say(`batch ${batch}, ${count} sample(s)`); },
    });
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

interface Found {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Of two files the .bin counts, as with the vendor's tool. */
function find(bin: string, { name, dtype, shape }: ContainerTensor): Found {
  const npy = bin.replace(/\.bin$/, '.npy');
  const path = existsSync(bin) ? bin : npy;
  if (existsSync(path)) return { path, bytes: read(path, 'input') };
  throw new Fault({
    exit: 2,
    what: `no data for input "${name}"`,
    facts: [['looked for', `${shortPath(bin)}, ${shortPath(npy)}`], ['input takes', `${dtype} [${shape.join(',')}]`]],
  });
}

/** How many samples a file holds; 1 where it holds no whole number of them, which reading it then tells. */
function samplesIn({ path, bytes }: Found, tensor: ContainerTensor): number {
  const size = path.endsWith('.npy') ? readNpy(bytes, shortPath(path)).data.byteLength : bytes.byteLength;
  const samples = size / bytesDue(tensor);
  return Number.isInteger(samples) ? samples : 1;
}

function readTensor({ path, bytes }: Found, { name: tensor, dtype, shape }: ContainerTensor): Uint8Array {
  const wanted = { tensor, dtype, shape, name: shortPath(path) };
  return path.endsWith('.npy') ? numpyTensor(bytes, wanted) : binaryTensor(bytes, wanted);
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
