// torchvision efficientnet_b0 (SiLU, gates of channels) and EfficientNet-Lite0 (ReLU6, no gates).
import { Drawing, type Drawn } from './drawing.ts';
import { squeezeExcite } from './squeeze-excite.ts';

/** Expansion, kernel, stride, channels, repeats. */
const stages = [[1, 3, 1, 16, 1], [6, 3, 2, 24, 2], [6, 5, 2, 40, 2], [6, 3, 2, 80, 3], [6, 5, 1, 112, 3], [6, 5, 2, 192, 4], [6, 3, 1, 320, 1]] as const;

export function efficientNetB0(side = 224): Drawn {
  const net = new Drawing('efficientnet_b0', [1, 3, side, side]);
  return draw(net, { act: (x) => net.silu(x), gated: true });
}

export function efficientNetLite0(side = 224): Drawn {
  const net = new Drawing('efficientnet_lite0', [1, 3, side, side]);
  return draw(net, { act: (x) => net.relu6(x), gated: false });
}

function draw(net: Drawing, { act, gated }: { act: (x: string) => string; gated: boolean }): Drawn {
  let x = act(net.conv(net.input, 32, { k: 3, stride: 2 }));
  for (const [expansion, k, first, out, repeats] of stages) {
    for (let i = 0; i < repeats; i++) {
      const into = net.channels(x);
      let y = expansion === 1 ? x : act(net.conv(x, expansion * into));
      y = act(net.depthwise(y, { k, stride: i === 0 ? first : 1 }));
      if (gated) y = squeezeExcite(net, y, { squeezed: Math.max(1, into / 4), inner: (z) => net.silu(z), outer: (z) => net.node('Sigmoid', [z]) });
      y = net.conv(y, out);
      x = i === 0 ? y : net.add(y, x);
    }
  }
  return net.classifier(act(net.conv(x, 1280)));
}
