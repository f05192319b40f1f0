// Networks that users bring, drawn by scripts: real topology and shapes, random weights. One file a network or a family.
import { convNextTiny } from './convnext.ts';
import { deitTiny, deitTinySpelled } from './deit.ts';
import { denseNet121 } from './densenet.ts';
import type { Drawn } from './drawing.ts';
import { efficientNetB0, efficientNetLite0 } from './efficientnet.ts';
import { ghostNet } from './ghostnet.ts';
import { inceptionV3 } from './inception.ts';
import { mobileNetV1 } from './mobilenet-v1.ts';
import { mobileNetV2 } from './mobilenet-v2.ts';
import { mobileNetV3Small } from './mobilenet-v3.ts';
import { regNetY400 } from './regnet.ts';
import { resNet18, resNet50 } from './resnet.ts';
import { shuffleNetV2 } from './shufflenet.ts';
import { squeezeNet } from './squeezenet.ts';
import { yoloV5s } from './yolov5s.ts';
import { yolo11n, yoloV8n } from './yolov8n.ts';

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
  'MobileNetV3-small': mobileNetV3Small,
  'EfficientNet-B0': efficientNetB0,
  'EfficientNet-Lite0': efficientNetLite0,
  YOLOv8n: yoloV8n,
  YOLO11n: yolo11n,
  'RegNetY-400MF': regNetY400,
  'ShuffleNetV2-x1': shuffleNetV2,
  GhostNet: ghostNet,
  InceptionV3: inceptionV3,
  DenseNet121: denseNet121,
  'DeiT-tiny': deitTiny,
  'DeiT-tiny, spelled': deitTinySpelled,
  'ConvNeXt-tiny': convNextTiny,
};
