// YOLOv5s 6.x, cut where users cut it: the three heads leave as the last convolutions give them.
import { Drawing, type Drawn } from './drawing.ts';

export function yoloV5s(side = 640): Drawn {
  const net = new Drawing('yolov5s', [1, 3, side, side]);
  const conv = (x: string, out: number, k = 1, stride = 1, pad = k >> 1): string => net.silu(net.conv(x, out, { k, stride, pad }));
  const c3 = (x: string, out: number, repeats: number, shortcut: boolean): string => {
    let y = conv(x, out / 2);
    for (let i = 0; i < repeats; i++) {
      const inner = conv(conv(y, out / 2), out / 2, 3);
      y = shortcut ? net.add(y, inner) : inner;
    }
    return conv(net.concat([y, conv(x, out / 2)]), out);
  };
  const down = (x: string, out: number): string => conv(x, out, 3, 2);

  const p3 = c3(down(c3(down(conv(net.input, 32, 6, 2, 2), 64), 64, 1, true), 128), 128, 2, true);
  const p4 = c3(down(p3, 256), 256, 3, true);
  const p5 = sppf(net, conv, c3(down(p4, 512), 512, 1, true), 512);

  const up5 = conv(p5, 256);
  const up4 = conv(c3(net.concat([net.upsample(up5), p4]), 256, 1, false), 128);
  const n3 = c3(net.concat([net.upsample(up4), p3]), 128, 1, false);
  const n4 = c3(net.concat([down(n3, 128), up4]), 256, 1, false);
  const n5 = c3(net.concat([down(n4, 256), up5]), 512, 1, false);
  return net.finish([n3, n4, n5].map((x) => net.conv(x, 255)));
}

/** Spatial pyramid pooling: the same pool three times over, and all of them joined. */
export function sppf(net: Drawing, conv: (x: string, out: number) => string, x: string, out: number): string {
  const pool = (from: string): string => net.maxPool(from, { k: 5, stride: 1, pad: 2 });
  const a = conv(x, net.channels(x) / 2);
  const b = pool(a);
  const c = pool(b);
  return conv(net.concat([a, b, c, pool(c)]), out);
}
