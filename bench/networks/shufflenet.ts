// torchvision shufflenet_v2_x1_0: channels are shuffled by Reshape and Transpose; the mean drops its axes.
import { Drawing, type Drawn } from './drawing.ts';

export function shuffleNetV2(side = 224): Drawn {
  const net = new Drawing('shufflenet_v2_x1_0', [1, 3, side, side]);
  const branch = (x: string, out: number, stride: number): string => net.relu(net.conv(net.depthwise(net.relu(net.conv(x, out)), { k: 3, stride }), out));
  const shuffle = (x: string): string => {
    const [, channels, height, width] = net.shape(x);
    return net.reshape(net.transpose(net.reshape(x, [1, 2, channels! / 2, height!, width!]), [0, 2, 1, 3, 4]), [1, channels!, height!, width!]);
  };
  let x = net.maxPool(net.relu(net.conv(net.input, 24, { k: 3, stride: 2 })), { k: 3, stride: 2, pad: 1 });
  for (const [out, repeats] of [[116, 4], [232, 8], [464, 4]] as const) {
    for (let i = 0; i < repeats; i++) {
      const half = out / 2;
      if (i === 0) {
        x = shuffle(net.concat([net.relu(net.conv(net.depthwise(x, { k: 3, stride: 2 }), half)), branch(x, half, 2)]));
      } else {
        const [left, right] = net.split(x, [half, half]);
        x = shuffle(net.concat([left!, branch(right!, half, 1)]));
      }
    }
  }
  const mean = net.node('ReduceMean', [net.relu(net.conv(x, 1024)), net.whole([2, 3])], { keepdims: 0 });
  return net.finish([net.linear(mean, 1000)]);
}
