// The gate of channels that several families share: average, two small convolutions, a sigmoid of some kind, and a product.
import type { Drawing } from './drawing.ts';

export interface Gate {
  readonly squeezed: number;
  readonly inner: (x: string) => string;
  readonly outer: (x: string) => string;
}

export function squeezeExcite(net: Drawing, x: string, { squeezed, inner, outer }: Gate): string {
  const gate = outer(net.conv(inner(net.conv(net.globalAverage(x), squeezed)), net.channels(x)));
  return net.mul(x, gate);
}

/** Channels as these families round them: a multiple of 8, at most a tenth less. */
export function roundChannels(count: number): number {
  const near = Math.max(8, Math.floor((count + 4) / 8) * 8);
  return near < 0.9 * count ? near + 8 : near;
}
