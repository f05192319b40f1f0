// timm deit_tiny_patch16_224: twelve blocks of attention, in two spellings of the same: LayerNormalization as one node (opset 17) or in its
// parts, GELU always by Erf.
import { Drawing, type Drawn } from './drawing.ts';

const [width, heads] = [192, 3];

export interface Spelling {
  /** LayerNormalization as ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, Mul, Add. */
  readonly spelled: boolean;
  readonly blocks: number;
}

export function deitTiny(side = 224): Drawn {
  return draw(side, { spelled: false, blocks: 12 });
}

export function deitTinySpelled(side = 224): Drawn {
  return draw(side, { spelled: true, blocks: 2 });
}

function draw(side: number, { spelled, blocks }: Spelling): Drawn {
  const net = new Drawing('deit_tiny', [1, 3, side, side]);
  const norm = (x: string): string => (spelled ? spelledNorm(net, x) : net.node('LayerNormalization', [x, net.weight([width], 0.1, 1), net.weight([width], 0.1)], { axis: -1, epsilon: 1e-6 }));
  const patches = net.conv(net.input, width, { k: 16, stride: 16, pad: 0 });
  const count = net.shape(patches)[2]! * net.shape(patches)[3]!;
  const rows = net.transpose(net.reshape(patches, [1, width, count]), [0, 2, 1]);
  let x = net.add(net.concat([net.weight([1, 1, width], 1), rows], 1), net.weight([1, count + 1, width], 0.5));
  for (let i = 0; i < blocks; i++) {
    x = net.add(x, attention(net, norm(x)));
    x = net.add(x, net.linear(gelu(net, net.linear(norm(x), 4 * width)), width));
  }
  const token = net.node('Gather', [norm(x), net.whole([0], [])], { axis: 1 });
  return net.finish([net.linear(token, 1000)]);
}

function attention(net: Drawing, x: string): string {
  const count = net.shape(x)[1]!;
  const size = width / heads;
  const packed = net.transpose(net.reshape(net.linear(x, 3 * width), [1, count, 3, heads, size]), [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((i) => net.node('Gather', [packed, net.whole([i], [])], { axis: 0 }));
  const scale = net.floats([size ** -0.25]);
  const scores = net.node('MatMul', [net.mul(q!, scale), net.mul(net.transpose(k!, [0, 1, 3, 2]), scale)]);
  const mixed = net.node('MatMul', [net.node('Softmax', [scores], { axis: -1 }), v!]);
  return net.linear(net.reshape(net.transpose(mixed, [0, 2, 1, 3]), [1, count, width]), width);
}

function gelu(net: Drawing, x: string): string {
  const bell = net.add(net.node('Erf', [net.node('Div', [x, net.floats([Math.SQRT2])])]), net.floats([1]));
  return net.mul(net.mul(x, bell), net.floats([0.5]));
}

function spelledNorm(net: Drawing, x: string): string {
  const mean = (y: string): string => net.node('ReduceMean', [y, net.whole([-1])], { keepdims: 1 });
  const centred = net.node('Sub', [x, mean(x)]);
  const spread = net.node('Sqrt', [net.add(mean(net.node('Pow', [centred, net.floats([2])])), net.floats([1e-6]))]);
  return net.add(net.mul(net.node('Div', [centred, spread]), net.weight([width], 0.1, 1)), net.weight([width], 0.1));
}
