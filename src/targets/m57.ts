// M57: one engine set of the generation after AX620E's.
import { ax650 } from './ax650.ts';
import type { Target } from './target.ts';

const KiB = 1024;

export const m57: Target = {
  ...ax650,
  name: 'M57',
  about: 'M57: one engine set',
  modes: [{ name: 'NPU1', engineSets: 1, ocmBytes: 1024 * KiB }],
  array: { positions: 24, outChannels: 16, inChannels: 4, wideFactor: 4 },
  arrays: 1,
  resultBytes: 24,
  vectorLanes: 32,
  moveBytes: 32,
  ddrBytesPerCycle: 16,
  weightWindowBytes: 512 * KiB,
  sources: {
    ...ax650.sources,
    modes: 'Pulsar2 7.0 documentation: NPU1 is 1 CONV, 1 TENG, 1 DAU, 1 SDMA',
    ocmBytes: 'assumed',
    array: "assumed: between AX620E's and AX650's; AX637, of the same generation, takes 3.42 ms for ResNet50",
    arrays: 'Pulsar2 7.0 documentation: 1 CONV',
    resultBytes: 'assumed: between AX620E\'s and AX650\'s',
    vectorLanes: 'assumed: the compiler counts 684,124 cycles for MobileNetV2, 782,940 on AX620E',
    moveBytes: 'assumed',
    ddrBytesPerCycle: 'assumed',
    weightWindowBytes: 'assumed: half of the on-chip memory',
    matmulFactor: 'assumed, as on AX650',
    handoverCycles: 'assumed, as on AX650',
    unsupported: 'the operator list of the Pulsar2 documentation has every operator that axbuild lowers',
  },
};
