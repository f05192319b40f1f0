// A picture in RGB and what is done to it. All arithmetic is plain, so that a seed gives the same pixels everywhere.
import type { Mask } from './glyphs.ts';
import type { Random } from './random.ts';

export type Colour = readonly [number, number, number];

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Row by row, R G B. */
  readonly pixels: Float32Array;
}

/** From `from` at the left to `to` at the right, or from top to bottom. */
export function makeCanvas({ width, height, from, to, isVertical }: { width: number; height: number; from: Colour; to: Colour; isVertical: boolean }): Canvas {
  const pixels = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const t = isVertical ? y / height : x / width;
      for (let c = 0; c < 3; c++) pixels[(y * width + x) * 3 + c] = from[c]! * (1 - t) + to[c]! * t;
    }
  }
  return { width, height, pixels };
}

export function fillBox({ pixels, width, height }: Canvas, { x, y, w, h, colour, opacity }: { x: number; y: number; w: number; h: number; colour: Colour; opacity: number }): void {
  for (let row = Math.max(0, y); row < Math.min(height, y + h); row++) {
    for (let column = Math.max(0, x); column < Math.min(width, x + w); column++) {
      for (let c = 0; c < 3; c++) {
        const at = (row * width + column) * 3 + c;
        pixels[at] = pixels[at]! * (1 - opacity) + colour[c]! * opacity;
      }
    }
  }
}

/** Where a mask goes: its centre, how much larger it gets, and its slope as tan(angle / 2), which keeps sines out of the pixels. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly halfTangent: number;
}

/** Lays `mask` on the canvas in one colour, each pixel of the canvas looked up in the mask between its four neighbours. */
export function stamp({ pixels, width, height }: Canvas, mask: Mask, { at, colour }: { at: Placement; colour: Colour }): void {
  const t2 = at.halfTangent * at.halfTangent;
  const cos = (1 - t2) / (1 + t2);
  const sin = (2 * at.halfTangent) / (1 + t2);
  const reach = Math.ceil((mask.width * at.scaleX + mask.height * at.scaleY) / 2) + 1;
  for (let y = Math.max(0, Math.floor(at.y) - reach); y < Math.min(height, at.y + reach); y++) {
    for (let x = Math.max(0, Math.floor(at.x) - reach); x < Math.min(width, at.x + reach); x++) {
      const dx = x + 0.5 - at.x;
      const dy = y + 0.5 - at.y;
      const u = (dx * cos + dy * sin) / at.scaleX + mask.width / 2 - 0.5;
      const v = (dy * cos - dx * sin) / at.scaleY + mask.height / 2 - 0.5;
      const ink = lookUp(mask, u, v) / 255;
      if (ink === 0) continue;
      for (let c = 0; c < 3; c++) {
        const pixel = (y * width + x) * 3 + c;
        pixels[pixel] = pixels[pixel]! * (1 - ink) + colour[c]! * ink;
      }
    }
  }
}

function lookUp({ width, height, coverage }: Mask, u: number, v: number): number {
  const x = Math.floor(u);
  const y = Math.floor(v);
  if (x < -1 || y < -1 || x >= width || y >= height) return 0;
  const get = (column: number, row: number): number => (column < 0 || row < 0 || column >= width || row >= height ? 0 : coverage[row * width + column]!);
  const along = u - x;
  const down = v - y;
  return (get(x, y) * (1 - along) + get(x + 1, y) * along) * (1 - down) + (get(x, y + 1) * (1 - along) + get(x + 1, y + 1) * along) * down;
}

/** Each pixel the mean of itself and its neighbours, the middle weighted. */
export function blur({ width, height, pixels }: Canvas): void {
  const before = pixels.slice();
  const get = (x: number, y: number, c: number): number => before[(Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)) * 3 + c]!;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        pixels[(y * width + x) * 3 + c] = (4 * get(x, y, c) + get(x - 1, y, c) + get(x + 1, y, c) + get(x, y - 1, c) + get(x, y + 1, c)) / 8;
      }
    }
  }
}

/** Grain of up to `strength` steps either way, and the picture as bytes. */
export function develop({ pixels }: Canvas, { random, strength }: { random: Random; strength: number }): Uint8Array {
  return Uint8Array.from(pixels, (value) => Math.min(255, Math.max(0, Math.round(value + random.between(-strength, strength)))));
}

/** Upside down. */
export function turn({ width, height, pixels }: Canvas): Canvas {
  const turned = new Float32Array(pixels.length);
  for (let i = 0; i < width * height; i++) turned.set(pixels.subarray(3 * i, 3 * i + 3), 3 * (width * height - 1 - i));
  return { width, height, pixels: turned };
}

/** A background and an ink that can be told apart. */
export function pickColours(random: Random): { paper: Colour; shade: Colour; ink: Colour } {
  const colour = (low: number, high: number): Colour => [random.between(low, high), random.between(low, high), random.between(low, high)];
  const isDark = random.chance(0.3);
  const paper = isDark ? colour(0, 90) : colour(160, 255);
  const change = random.between(-30, 30);
  const shade: Colour = [paper[0] + change, paper[1] + change, paper[2] + change];
  return { paper, shade, ink: isDark ? colour(165, 255) : colour(0, 95) };
}
