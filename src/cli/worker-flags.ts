// How V8 runs a worker. Set before the worker's bundle is loaded: machine code kept beside it is good for the flags that it was made under.
import { setFlagsFromString } from 'node:v8';

const flags = [
  // Kernels are compiled once and well while the worker waits, not piece by piece while they run.
  '--no-liftoff', '--no-wasm-lazy-compilation',
  // JavaScript is optimised four times as late as usual: most jobs end before V8's threads are done with their code, and these threads take the
  // cores from other jobs. Later versions of Node have a cheap compiler in between, and no such flag.
  ...(process.version.startsWith('v20.') ? ['--interrupt-budget=300000'] : []),
];

for (const flag of flags) setFlagsFromString(flag);
