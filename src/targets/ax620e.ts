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
  array: { positions: 8, outChannels: 16, inChannels: 4, wideFactor: 4 },
  arrays: 1,
  matmulFactor: 1.35,
  resultBytes: 7.5,
  vectorLanes: 15,
  moveBytes: 16,
  ddrBytesPerCycle: 16,
  dmaStartCycles: 200,
  instructionStartCycles: 64,
  handoverCycles: 1600,
  weightWindowBytes: 256 * KiB,
  unsupported: ['Cos'],
  sources: {
    modes: 'Pulsar2 7.0 documentation: NPU1 is one virtual NPU with less on-chip memory, NPU2 the whole',
    ocmBytes: "a failed allocation on NPU1 prints a region that ends at 524,288 bytes; the whole is assumed to be twice that",
    clockMhz: 'the compiler counts 1 ns a cycle in its traces',
    array: 'assumed: half of an AX650 set for the whole chip, as published latencies are (ResNet50 5.616 ms beside 2.867)',
    wideFactor: 'assumed, as on AX650',
    arrays: 'assumed: the one CONV core, of which a virtual NPU is half',
    matmulFactor: 'assumed, as on AX650',
    resultBytes: 'assumed: five eighths of an AX650 set for the whole chip, as MobileNetV2 takes 0.923 ms beside 0.595',
    vectorLanes: 'assumed: half of an AX650 set for the whole chip',
    moveBytes: 'assumed: as vectorLanes',
    ddrBytesPerCycle: 'assumed: 32 bits of LPDDR4',
    dmaStartCycles: 'assumed, as on AX650',
    instructionStartCycles: 'assumed, as on AX650',
    handoverCycles: 'assumed, as on AX650',
    weightWindowBytes: 'assumed: half of the on-chip memory of a virtual NPU',
    unsupported: "the documentation's operator list of AX620E, as far as axbuild lowers what it lacks",
  },
};
