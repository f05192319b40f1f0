// Several samples at once: how tensors look then, and which programs run them.
import type { Chain, ContainerTensor } from './container.ts';

/** The tensor of `batch` samples: samples lie one after the other. */
export function batched(tensor: ContainerTensor, batch: number): ContainerTensor {
  const [samples, ...rest] = tensor.shape;
  return samples === undefined || batch === 1 ? tensor : { ...tensor, shape: [samples * batch, ...rest] };
}

/** Batches that every NPU unit of a chain has a program for, ascending; 1 for a chain without any. */
export function batchesOf({ units }: Chain): readonly number[] {
  const first = units.find((unit) => unit.type === 'NPU');
  return first === undefined ? [1] : first.programs.map((program) => program.batch).sort((a, b) => a - b);
}

export interface BatchRun {
  /** The program's batch. */
  readonly batch: number;
  /** How many samples it computes: fewer than its batch where none is small enough. */
  readonly samples: number;
}

/** Largest first: 9 samples on batches 1, 2, 4 run as 4, 4, 1. What is left below the smallest batch runs on that. */
export function planBatches(samples: number, batches: readonly number[]): BatchRun[] {
  const runs: BatchRun[] = [];
  for (let left = samples; left > 0; left -= runs.at(-1)!.samples) {
    const batch = batches.findLast((size) => size <= left) ?? batches[0]!;
    runs.push({ batch, samples: Math.min(batch, left) });
  }
  return runs;
}
