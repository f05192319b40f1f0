// torchvision densenet121: BatchNormalization and Relu stand before the convolutions, so nothing can take them in.
import { Drawing, type Drawn } from './drawing.ts';

export function denseNet121(side = 224): Drawn {
  const net = new Drawing('densenet121', [1, 3, side, side]);
  const active = (x: string): string => {
    const c = net.channels(x);
    return net.relu(net.node('BatchNormalization', [x, net.weight([c], 0.2, 1), net.weight([c], 0.2), net.weight([c], 0.1), net.weight([c], 0.5, 1)], { epsilon: 1e-5 }));
  };
  let x = net.maxPool(net.relu(net.conv(net.input, 64, { k: 7, stride: 2 })), { k: 3, stride: 2, pad: 1 });
  [6, 12, 24, 16].forEach((layers, block) => {
    if (block > 0) x = net.averagePool(net.conv(active(x), net.channels(x) / 2), { k: 2, stride: 2 });
    for (let i = 0; i < layers; i++) x = net.concat([x, net.conv(net.relu(net.conv(active(x), 128)), 32, { k: 3 })]);
  });
  return net.classifier(active(x));
}
