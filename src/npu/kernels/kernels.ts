// The WebAssembly kernels over a memory. Built from assembly/ by scripts/build-kernels.js.
import { forms } from '../encode.ts';
import { kernelsWasm } from './kernels.generated.ts';

/** Executes the instruction whose words (addresses resolved) start at `block`; returns saturations, or -1 - channel for bad parameters. */
export type Run = (block: number, scratch: number) => number;

export interface Kernel {
  readonly run: Run;
  /** Scratch bytes that the instruction at `block` needs; absent: scratchBytes of all. */
  readonly scratchBytes?: (block: number) => number;
}

export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly scratchBytes: number;
  /** By instruction name; every one of the table is there. */
  readonly byName: ReadonlyMap<string, Kernel>;
}

let compiled: WebAssembly.Module | undefined;

export function loadKernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelsWasm, 'base64'));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const find = (name: string): ((...words: number[]) => number) | undefined => {
    const found = exports[name];
    // Exports of our own module: numbers in, a number out.
    return typeof found === 'function' ? (found as (...words: number[]) => number) : undefined;
  };
  const kernels = forms.map(({ instruction: { name } }): [string, Kernel] => {
    const run = find(`run_${name}`);
    const scratch = find(`scratch_${name}`);
    if (run === undefined) throw new Error(`BUG: no kernel for ${name}`);
    return [name, scratch === undefined ? { run } : { run, scratchBytes: (block) => scratch(block) >>> 0 }];
  });
  return { memory, scratchBytes: find('scratch_common')!(), byName: new Map(kernels) };
}
