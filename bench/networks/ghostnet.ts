// GhostNet 1.0: half of the channels come from cheap depthwise convolutions of the other half.
import { Drawing, type Drawn } from './drawing.ts';
import { roundChannels, squeezeExcite } from './squeeze-excite.ts';

/** Kernel, expanded channels, channels, gate, stride. */
const blocks = [
  [3, 16, 16, false, 1], [3, 48, 24, false, 2], [3, 72, 24, false, 1], [5, 72, 40, true, 2], [5, 120, 40, true, 1], [3, 240, 80, false, 2], [3, 200, 80, false, 1],
  [3, 184, 80, false, 1], [3, 184, 80, false, 1], [3, 480, 112, true, 1], [3, 672, 112, true, 1], [5, 672, 160, true, 2], [5, 960, 160, false, 1], [5, 960, 160, true, 1],
  [5, 960, 160, false, 1], [5, 960, 160, true, 1],
] as const;

export function ghostNet(side = 224): Drawn {
  const net = new Drawing('ghostnet_100', [1, 3, side, side]);
  const ghost = (x: string, out: number, active: boolean): string => {
    const act = (y: string): string => (active ? net.relu(y) : y);
    const primary = act(net.conv(x, Math.ceil(out / 2)));
    const whole = net.concat([primary, act(net.depthwise(primary, { k: 3 }))]);
    // The model cuts off what is too much; here nothing is.
    return net.node('Slice', [whole, net.whole([0]), net.whole([out]), net.whole([1])]);
  };
  let x = net.relu(net.conv(net.input, 16, { k: 3, stride: 2 }));
  for (const [k, wide, out, gated, stride] of blocks) {
    const into = net.channels(x);
    let y = ghost(x, wide, true);
    if (stride === 2) y = net.depthwise(y, { k, stride });
    if (gated) y = squeezeExcite(net, y, { squeezed: roundChannels(wide / 4), inner: (z) => net.relu(z), outer: (z) => net.hardSigmoid(z) });
    y = ghost(y, out, false);
    const short = stride === 1 && into === out ? x : net.conv(net.depthwise(x, { k, stride }), out);
    x = net.add(y, short);
  }
  const pooled = net.globalAverage(net.relu(net.conv(x, 960)));
  return net.finish([net.linear(net.flatten(net.relu(net.conv(pooled, 1280))), 1000)]);
}
