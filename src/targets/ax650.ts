// AX650 A/N, AX8850. The vendor publishes resources per mode and latencies of networks; the inside of an engine is not public. Rates that
// had to be assumed were fitted to the published NPU1 latencies (docs/cost-model.md).
import type { Target } from './target.ts';

const MiB = 1024 * 1024;

export const ax650: Target = {
  name: 'AX650',
  about: 'AX650A, AX650N, AX8850: three engine sets, 11 MiB of on-chip memory',
  modes: [
    { name: 'NPU1', engineSets: 1, ocmBytes: 3.5 * MiB },
    { name: 'NPU2', engineSets: 2, ocmBytes: 7 * MiB },
    { name: 'NPU3', engineSets: 3, ocmBytes: 11 * MiB },
  ],
  clockMhz: 1000,
  array: { positions: 16, outChannels: 16, inChannels: 4, wideFactor: 4 },
  arrays: 2,
  matmulFactor: 1.35,
  resultBytes: 24,
  vectorLanes: 60,
  moveBytes: 64,
  ddrBytesPerCycle: 38,
  dmaStartCycles: 200,
  instructionStartCycles: 64,
  handoverCycles: 1600,
  weightWindowBytes: 2 * MiB,
  unsupported: [],
  sources: {
    modes: 'Pulsar2 7.0 documentation: NPU1, NPU2, NPU3 are one, two, three groups of 2 CONV + 1 TENG + 1 SDMA',
    ocmBytes: 'on-chip memory ends at 0xAFFFFF (11 MiB); the share of a mode is assumed',
    clockMhz: 'the compiler counts 1 ns a cycle in its traces; boards were measured at 854 to 949 MHz',
    array: 'about 1,650 multiply-accumulates a cycle sustained by one set, measured; 2,048 = 2 x 16 x 16 x 4 and the shape are assumed',
    arrays: 'Pulsar2 7.0 documentation: 2 CONV a group',
    matmulFactor: 'assumed: stacks of products were measured at 5.7 to 7.5 TOPS where convolutions reach 7.75 to 9.4',
    resultBytes: 'fitted: bench/fit.ts',
    wideFactor: 'assumed: a 16-bit product takes four 8-bit ones',
    vectorLanes: 'fitted: bench/fit.ts',
    moveBytes: 'assumed',
    ddrBytesPerCycle: "fitted: bench/fit.ts. Weights of large models stream at 21 GB/s, measured; one transfer of the documentation's trace makes 10.7 GB/s",
    dmaStartCycles: 'assumed',
    instructionStartCycles: 'assumed',
    handoverCycles: 'fitted: bench/fit.ts',
    weightWindowBytes: 'assumed: what fits the published latencies of ResNets on NPU3',
    unsupported: 'the operator list of the Pulsar2 documentation has every operator that axbuild lowers',
  },
};
