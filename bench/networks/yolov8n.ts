// Ultralytics YOLOv8n and YOLO11n, cut where users cut them: three box heads and three class heads leave as the last convolutions give them.
import { Drawing, type Drawn } from './drawing.ts';
import { sppf } from './yolov5s.ts';

type Conv = (x: string, out: number, k?: number, stride?: number) => string;

export function yoloV8n(side = 640): Drawn {
  const net = new Drawing('yolov8n', [1, 3, side, side]);
  const conv = convolution(net);
  const c2f = (x: string, out: number, repeats: number, shortcut: boolean): string => {
    const parts = net.split(conv(x, out), [out / 2, out / 2]);
    for (let i = 0; i < repeats; i++) parts.push(bottleneck(net, conv, parts.at(-1)!, { out: out / 2, inner: out / 2, shortcut }));
    return conv(net.concat(parts), out);
  };
  const p3 = c2f(conv(c2f(conv(conv(net.input, 16, 3, 2), 32, 3, 2), 32, 1, true), 64, 3, 2), 64, 2, true);
  const p4 = c2f(conv(p3, 128, 3, 2), 128, 2, true);
  const p5 = sppf(net, conv, c2f(conv(p4, 256, 3, 2), 256, 1, true), 256);
  const t4 = c2f(net.concat([net.upsample(p5), p4]), 128, 1, false);
  const n3 = c2f(net.concat([net.upsample(t4), p3]), 64, 1, false);
  const n4 = c2f(net.concat([conv(n3, 64, 3, 2), t4]), 128, 1, false);
  const n5 = c2f(net.concat([conv(n4, 128, 3, 2), p5]), 256, 1, false);
  const classes = (x: string): string => conv(conv(x, 80, 3), 80, 3);
  return net.finish([n3, n4, n5].flatMap((x) => [boxes(net, conv, x), net.conv(classes(x), 80)]));
}

export function yolo11n(side = 640): Drawn {
  const net = new Drawing('yolo11n', [1, 3, side, side]);
  const conv = convolution(net);
  const c3k = (x: string, out: number): string => {
    let y = conv(x, out / 2);
    for (let i = 0; i < 2; i++) y = bottleneck(net, conv, y, { out: out / 2, inner: out / 2, shortcut: true });
    return conv(net.concat([y, conv(x, out / 2)]), out);
  };
  const c3k2 = (x: string, out: number, { deep, e = 0.5 }: { deep: boolean; e?: number }): string => {
    const half = out * e;
    const parts = net.split(conv(x, 2 * half), [half, half]);
    parts.push(deep ? c3k(parts[1]!, half) : bottleneck(net, conv, parts[1]!, { out: half, inner: half / 2, shortcut: true }));
    return conv(net.concat(parts), out);
  };
  const p3 = c3k2(conv(c3k2(conv(conv(net.input, 16, 3, 2), 32, 3, 2), 64, { deep: false, e: 0.25 }), 64, 3, 2), 128, { deep: false, e: 0.25 });
  const p4 = c3k2(conv(p3, 128, 3, 2), 128, { deep: true });
  const p5 = c2psa(net, conv, sppf(net, conv, c3k2(conv(p4, 256, 3, 2), 256, { deep: true }), 256));
  const t4 = c3k2(net.concat([net.upsample(p5), p4]), 128, { deep: false });
  const n3 = c3k2(net.concat([net.upsample(t4), p3]), 64, { deep: false });
  const n4 = c3k2(net.concat([conv(n3, 64, 3, 2), t4]), 128, { deep: false });
  const n5 = c3k2(net.concat([conv(n4, 128, 3, 2), p5]), 256, { deep: true });
  const separable = (x: string, out: number): string => conv(net.silu(net.depthwise(x, { k: 3 })), out);
  const classes = (x: string): string => separable(separable(x, 80), 80);
  return net.finish([n3, n4, n5].flatMap((x) => [boxes(net, conv, x), net.conv(classes(x), 80)]));
}

function convolution(net: Drawing): Conv {
  return (x, out, k = 1, stride = 1) => net.silu(net.conv(x, out, { k, stride }));
}

function bottleneck(net: Drawing, conv: Conv, x: string, { out, inner, shortcut }: { out: number; inner: number; shortcut: boolean }): string {
  const y = conv(conv(x, inner, 3), out, 3);
  return shortcut ? net.add(x, y) : y;
}

/** Four sides of a box, sixteen bins each. */
function boxes(net: Drawing, conv: Conv, x: string): string {
  return net.conv(conv(conv(x, 64, 3), 64, 3), 64);
}

/** One block of attention over positions beside a plain path. */
function c2psa(net: Drawing, conv: Conv, x: string): string {
  const half = net.channels(x) / 2;
  const [plain, attended] = net.split(conv(x, 2 * half), [half, half]);
  const seen = net.add(attended!, attention(net, attended!));
  const fed = net.add(seen, net.conv(conv(seen, 2 * half), half));
  return conv(net.concat([plain!, fed]), 2 * half);
}

function attention(net: Drawing, x: string): string {
  const [, channels, height, width] = net.shape(x);
  const heads = Math.max(1, channels! / 64);
  const [value, key] = [channels! / heads, channels! / heads / 2];
  const positions = height! * width!;
  const packed = net.reshape(net.conv(x, channels! + 2 * key * heads), [1, heads, value + 2 * key, positions]);
  const [q, k, v] = net.split(packed, [key, key, value], 2);
  const scores = net.mul(net.node('MatMul', [net.transpose(q!, [0, 1, 3, 2]), k!]), net.floats([key ** -0.5]));
  const weights = net.transpose(net.node('Softmax', [scores], { axis: -1 }), [0, 1, 3, 2]);
  const mixed = net.reshape(net.node('MatMul', [v!, weights]), [1, channels!, height!, width!]);
  const place = net.depthwise(net.reshape(v!, [1, channels!, height!, width!]), { k: 3 });
  return net.conv(net.add(mixed, place), channels!);
}
