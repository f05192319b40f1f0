// torchvision inception_v3 (transform_input as with its published weights): branches with pools of several sorts, 1x7 and 7x1 kernels.
import { Drawing, type Drawn, type Window } from './drawing.ts';

export function inceptionV3(side = 299): Drawn {
  const net = new Drawing('inception_v3', [1, 3, side, side]);
  const conv = (x: string, out: number, window: Window = {}): string => net.relu(net.conv(x, out, window));
  const mean = (x: string): string => net.averagePool(x, { k: 3, stride: 1, pad: 1 });
  const largest = (x: string): string => net.maxPool(x, { k: 3, stride: 2 });
  const flat: Window = { k: [1, 7] };
  const tall: Window = { k: [7, 1] };
  const a = (x: string, pooled: number): string => net.concat([
    conv(x, 64), conv(conv(x, 48), 64, { k: 5 }), conv(conv(conv(x, 64), 96, { k: 3 }), 96, { k: 3 }), conv(mean(x), pooled),
  ]);
  const c = (x: string, n: number): string => net.concat([
    conv(x, 192), conv(conv(conv(x, n), n, flat), 192, tall), conv(conv(conv(conv(conv(x, n), n, tall), n, flat), n, tall), 192, flat), conv(mean(x), 192),
  ]);
  const e = (x: string): string => {
    const fork = (y: string): string => net.concat([conv(y, 384, { k: [1, 3] }), conv(y, 384, { k: [3, 1] })]);
    return net.concat([conv(x, 320), fork(conv(x, 384)), fork(conv(conv(x, 448), 384, { k: 3 })), conv(mean(x), 192)]);
  };
  const down: Window = { k: 3, stride: 2, pad: 0 };
  let x = conv(conv(conv(rescaled(net), 32, down), 32, { k: 3, pad: 0 }), 64, { k: 3 });
  x = largest(conv(conv(largest(x), 80), 192, { k: 3, pad: 0 }));
  x = a(a(a(x, 32), 64), 64);
  x = net.concat([conv(x, 384, down), conv(conv(conv(x, 64), 96, { k: 3 }), 96, down), largest(x)]);
  x = c(c(c(c(x, 128), 160), 160), 192);
  x = net.concat([conv(conv(x, 192), 320, down), conv(conv(conv(conv(x, 192), 192, flat), 192, tall), 192, down), largest(x)]);
  return net.classifier(e(e(x)));
}

/** Each channel of the input scaled and shifted by itself. */
function rescaled(net: Drawing): string {
  const channels = [[0.458, -0.03], [0.448, -0.088], [0.45, -0.188]].map(([scale, offset], i) => {
    const one = net.node('Unsqueeze', [net.node('Gather', [net.input, net.whole([i], [])], { axis: 1 }), net.whole([1])]);
    return net.add(net.mul(one, net.floats([scale!])), net.floats([offset!]));
  });
  return net.concat(channels);
}
