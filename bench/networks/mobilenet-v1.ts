// MobileNetV1: depthwise and pointwise convolutions in turn.
import { Drawing, type Drawn } from './drawing.ts';

const blocks = [[64, 1], [128, 2], [128, 1], [256, 2], [256, 1], [512, 2], [512, 1], [512, 1], [512, 1], [512, 1], [512, 1], [1024, 2], [1024, 1]] as const;

export function mobileNetV1(side = 224): Drawn {
  const net = new Drawing('mobilenet_v1', [1, 3, side, side]);
  let x = net.relu(net.conv(net.input, 32, { k: 3, stride: 2 }));
  for (const [out, stride] of blocks) x = net.relu(net.conv(net.relu(net.depthwise(x, { k: 3, stride })), out));
  return net.classifier(x);
}
