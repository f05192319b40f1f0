// torchvision mobilenet_v2: inverted residuals with ReLU6.
import { Drawing, type Drawn } from './drawing.ts';

/** Expansion, channels, repeats, stride of the first. */
const stages = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const;

export function mobileNetV2(side = 224): Drawn {
  const net = new Drawing('mobilenet_v2', [1, 3, side, side]);
  let x = net.relu6(net.conv(net.input, 32, { k: 3, stride: 2 }));
  for (const [expansion, out, repeats, first] of stages) {
    for (let i = 0; i < repeats; i++) {
      const wide = expansion === 1 ? x : net.relu6(net.conv(x, expansion * net.channels(x)));
      const narrow = net.conv(net.relu6(net.depthwise(wide, { k: 3, stride: i === 0 ? first : 1 })), out);
      x = i === 0 ? narrow : net.add(x, narrow);
    }
  }
  return net.classifier(net.relu6(net.conv(x, 1280)));
}
