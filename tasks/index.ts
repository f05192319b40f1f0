// The stages. One file and one line add one; workers load only what they run.
import type { AnyTask } from '../src/engine/task.ts';

export const tasks: Readonly<Record<string, () => Promise<AnyTask>>> = {
  scan: async () => (await import('./scan.ts')).scan,
  load: async () => (await import('./load.ts')).load,
  optimise: async () => (await import('./optimise.ts')).optimise,
  unpack: async () => (await import('./unpack.ts')).unpack,
  fuse: async () => (await import('./fuse.ts')).fuse,
  observe: async () => (await import('./observe.ts')).observe,
  sample: async () => (await import('./sample.ts')).sample,
  merge: async () => (await import('./merge.ts')).merge,
  resolve: async () => (await import('./resolve.ts')).resolve,
  weights: async () => (await import('./weights.ts')).weights,
  batch: async () => (await import('./batch.ts')).batch,
  refit: async () => (await import('./refit.ts')).refit,
  partition: async () => (await import('./partition.ts')).partition,
  tile: async () => (await import('./tile.ts')).tile,
  values: async () => (await import('./values.ts')).values,
  check: async () => (await import('./check.ts')).check,
  link: async () => (await import('./link.ts')).link,
  alone: async () => (await import('./alone.ts')).alone,
  link_check: async () => (await import('./link-check.ts')).linkCheck,
  perf: async () => (await import('./perf.ts')).perf,
  cpu: async () => (await import('./cpu.ts')).cpu,
  assemble: async () => (await import('./assemble.ts')).assemble,
  export: async () => (await import('./export.ts')).exportFloat,
};
