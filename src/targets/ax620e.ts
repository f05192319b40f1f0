// AX620E = AX630C, AX620Q: one engine set that two virtual NPUs share in time; NPU1 is one of them, NPU2 the whole. Both halves are rows of
// rates here: a virtual NPU computes at half of the whole's.
import type { Target } from './target.ts';

const KiB = 1024;

export const ax620e: Target = {
  name: 'AX620E',
  about: 'AX630C, AX620Q, AX631: one engine set, shared by two virtual NPUs',
  modes: [
    { name: 'NPU1', engineSets: 1, ocmBytes: 512 * KiB },
    { name: 'NPU2', engineSets: 2, ocmBytes: 1024 * KiB },
  ],
  clockMhz: 1000,
  array: { positions: 2, outChannels: 16, inChannels: 16, wideFactor: 4 },
  vectorLanes: 32,
  moveBytes: 32,
  ddrBytesPerCycle: 8,
  dmaStartCycles: 200,
  instructionStartCycles: 64,
  unsupported: ['Cos'],
  sources: {
    modes: 'Pulsar2 7.0 documentation: NPU1 is one virtual NPU with less on-chip memory, NPU2 the whole',
    ocmBytes: "a failed allocation on NPU1 prints a region that ends at 524,288 bytes; the whole is assumed to be twice that",
    clockMhz: 'the compiler counts 1 ns a cycle in its traces',
    array: 'assumed: half of an AX650 set for the whole chip, as published latencies are (ResNet50 5.616 ms beside 2.867)',
    wideFactor: 'assumed, as on AX650',
    vectorLanes: 'assumed: half of an AX650 set for the whole chip',
    moveBytes: 'assumed: as vectorLanes',
    ddrBytesPerCycle: 'assumed: one LPDDR4 channel',
    dmaStartCycles: 'assumed, as on AX650',
    instructionStartCycles: 'assumed, as on AX650',
    unsupported: "the documentation's operator list of AX620E, as far as axbuild lowers what it lacks",
  },
};
