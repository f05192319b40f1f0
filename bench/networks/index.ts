// Networks that users bring, drawn by scripts: real topology and shapes, random weights. One file a network or a family.
import type { Drawn } from './drawing.ts';
import { mobileNetV1 } from './mobilenet-v1.ts';
import { mobileNetV2 } from './mobilenet-v2.ts';
import { resNet18, resNet50 } from './resnet.ts';
import { squeezeNet } from './squeezenet.ts';
import { yoloV5s } from './yolov5s.ts';

export { lowerWhole, type Lowered } from './lower.ts';
export type { Drawn } from './drawing.ts';

/** Each at the side it is known by, or at another: tests take small ones. */
export const networks: Readonly<Record<string, (side?: number) => Drawn>> = {
  MobileNetV1: mobileNetV1,
  MobileNetV2: mobileNetV2,
  'SqueezeNet1.1': squeezeNet,
  ResNet18: resNet18,
  ResNet50: resNet50,
  YOLOv5s: yoloV5s,
};
