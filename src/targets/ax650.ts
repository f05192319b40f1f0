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
  array: { positions: 8, outChannels: 16, inChannels: 16, wideFactor: 4 },
  vectorLanes: 128,
  moveBytes: 64,
  ddrBytesPerCycle: 21,
  dmaStartCycles: 200,
  instructionStartCycles: 64,
  unsupported: [],
  sources: {
    modes: 'Pulsar2 7.0 documentation: NPU1, NPU2, NPU3 are one, two, three groups of 2 CONV + 1 TENG + 1 SDMA',
    ocmBytes: 'on-chip memory ends at 0xAFFFFF (11 MiB); the share of a mode is assumed',
    clockMhz: 'the compiler counts 1 ns a cycle in its traces; boards were measured at 854 to 949 MHz',
    array: 'about 1,650 multiply-accumulates a cycle sustained by one set, measured; 2,048 = 8 x 16 x 16 and its shape are assumed, fitted to published latencies',
    wideFactor: 'assumed: a 16-bit product takes four 8-bit ones',
    vectorLanes: 'assumed',
    moveBytes: 'assumed',
    ddrBytesPerCycle: "weights of large models stream at 21 GB/s, measured; one transfer of the documentation's trace makes 10.7 GB/s",
    dmaStartCycles: 'assumed',
    instructionStartCycles: 'assumed',
    unsupported: 'the operator list of the Pulsar2 documentation has every operator that axbuild lowers',
  },
};
