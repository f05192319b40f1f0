// AX615: the AX620E's NPU, shrunk.
import { ax620e } from './ax620e.ts';
import type { Target } from './target.ts';

const KiB = 1024;

export const ax615: Target = {
  ...ax620e,
  name: 'AX615',
  about: 'AX615: a smaller AX620E',
  modes: [
    { name: 'NPU1', engineSets: 1, ocmBytes: 256 * KiB },
    { name: 'NPU2', engineSets: 2, ocmBytes: 512 * KiB },
  ],
  array: { positions: 4, outChannels: 16, inChannels: 4, wideFactor: 4 },
  resultBytes: 3,
  vectorLanes: 6,
  moveBytes: 8,
  ddrBytesPerCycle: 8,
  weightWindowBytes: 128 * KiB,
  sources: {
    ...ax620e.sources,
    modes: 'Pulsar2 7.0 documentation: NPU1 is one virtual NPU, NPU2 the whole',
    ocmBytes: 'assumed: half of the AX620E\'s',
    array: 'assumed: half of the AX620E\'s, as published latencies are (ResNet50 on NPU2 11.621 ms beside 5.616)',
    resultBytes: 'assumed: two fifths of the AX620E\'s (MobileNetV2 on NPU2 takes 2.896 ms beside 0.923)',
    vectorLanes: 'assumed: as resultBytes',
    moveBytes: 'assumed: half of the AX620E\'s',
    weightWindowBytes: 'assumed: half of the AX620E\'s',
    ddrBytesPerCycle: 'assumed: half of the AX620E\'s',
    unsupported: "the documentation's operator list of AX615, as far as axbuild lowers what it lacks",
  },
};
