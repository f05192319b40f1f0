// torchvision mobilenet_v3_small: hard-swish, and gates of channels by hard-sigmoid.
import { Drawing, type Drawn } from './drawing.ts';
import { roundChannels, squeezeExcite } from './squeeze-excite.ts';

/** Kernel, expanded channels, channels, gate, hard-swish instead of relu, stride. */
const blocks = [
  [3, 16, 16, true, false, 2], [3, 72, 24, false, false, 2], [3, 88, 24, false, false, 1], [5, 96, 40, true, true, 2], [5, 240, 40, true, true, 1],
  [5, 240, 40, true, true, 1], [5, 120, 48, true, true, 1], [5, 144, 48, true, true, 1], [5, 288, 96, true, true, 2], [5, 576, 96, true, true, 1], [5, 576, 96, true, true, 1],
] as const;

export function mobileNetV3Small(side = 224): Drawn {
  const net = new Drawing('mobilenet_v3_small', [1, 3, side, side]);
  let x = net.hardSwish(net.conv(net.input, 16, { k: 3, stride: 2 }));
  for (const [k, wide, out, gated, swish, stride] of blocks) {
    const act = (y: string): string => (swish ? net.hardSwish(y) : net.relu(y));
    let y = wide === net.channels(x) ? x : act(net.conv(x, wide));
    y = act(net.depthwise(y, { k, stride }));
    if (gated) y = squeezeExcite(net, y, { squeezed: roundChannels(wide / 4), inner: (z) => net.relu(z), outer: (z) => net.hardSigmoid(z) });
    y = net.conv(y, out);
    x = stride === 1 && out === net.channels(x) ? net.add(y, x) : y;
  }
  const pooled = net.flatten(net.globalAverage(net.hardSwish(net.conv(x, 576))));
  return net.finish([net.linear(net.hardSwish(net.linear(pooled, 1024)), 1000)]);
}
