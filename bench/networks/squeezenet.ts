// torchvision squeezenet1_1: fire modules between pools that round up.
import { Drawing, type Drawn } from './drawing.ts';

export function squeezeNet(side = 227): Drawn {
  const net = new Drawing('squeezenet1_1', [1, 3, side, side]);
  const pool = (x: string): string => net.maxPool(x, { k: 3, stride: 2, ceil: true });
  const fire = (x: string, squeeze: number, expand: number): string => {
    const s = net.relu(net.conv(x, squeeze));
    return net.concat([net.relu(net.conv(s, expand)), net.relu(net.conv(s, expand, { k: 3 }))]);
  };
  let x = pool(net.relu(net.conv(net.input, 64, { k: 3, stride: 2, pad: 0 })));
  x = pool(fire(fire(x, 16, 64), 16, 64));
  x = pool(fire(fire(x, 32, 128), 32, 128));
  x = fire(fire(fire(fire(x, 48, 192), 48, 192), 64, 256), 64, 256);
  return net.finish([net.flatten(net.globalAverage(net.relu(net.conv(x, 1000))))]);
}
