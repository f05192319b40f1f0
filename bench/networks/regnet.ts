// torchvision regnet_y_400mf: bottlenecks with grouped convolutions and gates of channels.
import { Drawing, type Drawn } from './drawing.ts';
import { squeezeExcite } from './squeeze-excite.ts';

export function regNetY400(side = 224): Drawn {
  const net = new Drawing('regnet_y_400mf', [1, 3, side, side]);
  let x = net.relu(net.conv(net.input, 32, { k: 3, stride: 2 }));
  for (const [out, repeats] of [[48, 1], [104, 3], [208, 6], [440, 6]] as const) {
    for (let i = 0; i < repeats; i++) {
      const [into, stride] = [net.channels(x), i === 0 ? 2 : 1];
      const short = i === 0 ? net.conv(x, out, { stride }) : x;
      const grouped = net.relu(net.conv(net.relu(net.conv(x, out)), out, { k: 3, stride, group: out / 8 }));
      const gated = squeezeExcite(net, grouped, { squeezed: Math.round(into / 4), inner: (y) => net.relu(y), outer: (y) => net.node('Sigmoid', [y]) });
      x = net.relu(net.add(short, net.conv(gated, out)));
    }
  }
  return net.classifier(x);
}
