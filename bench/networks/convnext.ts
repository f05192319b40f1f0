// torchvision convnext_tiny: depthwise 7x7, then a small network over the channels of each position, channels last.
import { Drawing, type Drawn } from './drawing.ts';

export function convNextTiny(side = 224): Drawn {
  const net = new Drawing('convnext_tiny', [1, 3, side, side]);
  const norm = (x: string): string => {
    const channels = net.shape(x)[3]!;
    return net.node('LayerNormalization', [x, net.weight([channels], 0.1, 1), net.weight([channels], 0.1)], { axis: -1, epsilon: 1e-6 });
  };
  const last = (x: string): string => net.transpose(x, [0, 2, 3, 1]);
  const first = (x: string): string => net.transpose(x, [0, 3, 1, 2]);
  const gelu = (x: string): string => {
    const bell = net.add(net.node('Erf', [net.node('Div', [x, net.floats([Math.SQRT2])])]), net.floats([1]));
    return net.mul(net.mul(x, bell), net.floats([0.5]));
  };
  let x = first(norm(last(net.conv(net.input, 96, { k: 4, stride: 4, pad: 0 }))));
  for (const [stage, [width, repeats]] of ([[96, 3], [192, 3], [384, 9], [768, 3]] as const).entries()) {
    if (stage > 0) x = net.conv(first(norm(last(x))), width, { k: 2, stride: 2, pad: 0 });
    for (let i = 0; i < repeats; i++) {
      const inner = net.linear(gelu(net.linear(norm(last(net.depthwise(x, { k: 7 }))), 4 * width)), width);
      x = net.add(net.mul(net.weight([width, 1, 1], 0.1), first(inner)), x);
    }
  }
  const pooled = first(norm(last(net.globalAverage(x))));
  return net.finish([net.linear(net.flatten(pooled), 1000)]);
}
