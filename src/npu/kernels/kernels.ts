// The WebAssembly kernels over a memory. Built from assembly/ by scripts/build-kernels.js.
import { formOf } from '../encode.ts';
import { kernelsWasm } from './kernels.generated.ts';

/** Executes the instruction whose words (addresses resolved) start at `block`; returns saturations, or -1 - channel for bad parameters. */
export type Run = (block: number, scratch: number) => number;

export interface Kernels {
  readonly memory: WebAssembly.Memory;
  /** The kernel of an instruction, by name. */
  run(name: string): Run;
  /** Scratch bytes that the instruction at `block` needs. */
  scratchBytes(name: string, block: number): number;
}

let compiled: WebAssembly.Module | undefined;

export function loadKernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelsWasm, 'base64'));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const find = (name: string): Run | undefined => {
    const found = exports[name];
    // Exports of our own module: functions of two numbers.
    return typeof found === 'function' ? (found as Run) : undefined;
  };
  return {
    memory,
    run(name) {
      const run = find(`run_${formOf(name).instruction.name}`);
      if (run === undefined) throw new Error(`BUG: no kernel for ${name}`);
      return run;
    },
    scratchBytes(name, block) {
      return (find(`scratch_${name}`) ?? find('scratch_common')!)(block, 0) >>> 0;
    },
  };
}
