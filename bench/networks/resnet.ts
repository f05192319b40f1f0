// torchvision resnet18 (basic blocks) and resnet50 (bottlenecks, the stride on the 3x3).
import { Drawing, type Drawn } from './drawing.ts';

export function resNet18(side = 224): Drawn {
  const net = stem('resnet18', side);
  let x = net.maxPool(net.relu(net.conv(net.input, 64, { k: 7, stride: 2 })), { k: 3, stride: 2, pad: 1 });
  for (const [out, first] of [[64, 1], [128, 2], [256, 2], [512, 2]] as const) {
    for (const stride of [first, 1]) {
      const inner = net.conv(net.relu(net.conv(x, out, { k: 3, stride })), out, { k: 3 });
      const short = stride === 1 ? x : net.conv(x, out, { stride });
      x = net.relu(net.add(inner, short));
    }
  }
  return net.classifier(x);
}

export function resNet50(side = 224): Drawn {
  const net = stem('resnet50', side);
  let x = net.maxPool(net.relu(net.conv(net.input, 64, { k: 7, stride: 2 })), { k: 3, stride: 2, pad: 1 });
  for (const [width, repeats, first] of [[64, 3, 1], [128, 4, 2], [256, 6, 2], [512, 3, 2]] as const) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? first : 1;
      const inner = net.conv(net.relu(net.conv(net.relu(net.conv(x, width)), width, { k: 3, stride })), 4 * width);
      const short = i === 0 ? net.conv(x, 4 * width, { stride }) : x;
      x = net.relu(net.add(inner, short));
    }
  }
  return net.classifier(x);
}

function stem(name: string, side: number): Drawing {
  return new Drawing(name, [1, 3, side, side]);
}
