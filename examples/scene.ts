// A scene with several pieces of text at varied places, sizes and angles, as the detector's input.
import { blur, develop, fillBox, makeCanvas, pickColours, stamp, type Canvas, type Colour } from './canvas.ts';
import { drawText, faceNames } from './glyphs.ts';
import { encodePng } from './png.ts';
import { makeRandom, type Random } from './random.ts';
import { makePhrase } from './words.ts';

export interface Scene {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** R G B, row by row. */
  readonly pixels: Uint8Array;
  readonly texts: readonly string[];
}

interface Box { readonly x: number; readonly y: number; readonly w: number; readonly h: number }

const sides = [320, 320, 320, 400, 480];

/** The scene of a seed: a square picture, mostly of the detector's own 320 x 320. */
export async function renderScene(seed: number): Promise<Scene> {
  const random = makeRandom(seed * 2);
  const side = random.pick(sides);
  const { paper, shade, ink } = pickColours(random);
  const canvas = makeCanvas({ width: side, height: side, from: paper, to: shade, isVertical: random.chance(0.5) });
  addClutter(canvas, random);
  const texts: string[] = [];
  const taken: Box[] = [];
  const tilt = random.chance(0.6) ? 0 : random.between(-0.12, 0.12);
  for (let tries = random.whole(6, 22); tries > 0; tries--) {
    const text = makePhrase(random);
    const height = random.between(0.035, 0.13) * side;
    const mask = await drawText(text, { face: random.pick(faceNames), size: 40 });
    const scale = height / mask.height;
    const halfTangent = tilt + random.between(-0.02, 0.02);
    const w = mask.width * scale * random.between(0.9, 1.15);
    const h = height + 2 * Math.abs(halfTangent) * w;
    const box = { x: random.between(4, side - w - 4), y: random.between(4, side - h - 4), w, h };
    if (w > side - 8 || taken.some((other) => overlaps(box, other))) continue;
    taken.push(box);
    texts.push(text);
    const at = { x: box.x + w / 2, y: box.y + h / 2, scaleX: w / mask.width, scaleY: scale, halfTangent };
    stamp(canvas, mask, { at, colour: random.chance(0.7) ? ink : jitter(ink, random) });
  }
  // A lens softens every edge, at times much. Edges sharp to the pixel widen the ranges of the detector's first layers by a third, which
  // in U8 costs it a hundredth of cosine (0.980 instead of 0.990).
  blur(canvas);
  if (random.chance(0.4)) blur(canvas);
  const pixels = develop(canvas, { random, strength: random.between(0, 10) });
  return { png: await encodePng(pixels, { width: side, height: side }), width: side, height: side, pixels, texts };
}

/** Panels, rules and specks that are no text. */
function addClutter(canvas: Canvas, random: Random): void {
  const { width, height, pixels } = canvas;
  for (let panels = random.whole(0, 3); panels > 0; panels--) {
    const x = random.whole(-20, width - 40);
    const y = random.whole(-20, height - 40);
    const under = ((Math.max(0, y) * width + Math.max(0, x)) * 3);
    const colour = jitter([pixels[under]!, pixels[under + 1]!, pixels[under + 2]!], random);
    fillBox(canvas, { x, y, w: random.whole(40, width), h: random.whole(20, height >> 1), colour, opacity: random.between(0.3, 1) });
  }
  for (let rules = random.whole(0, 4); rules > 0; rules--) {
    const isAcross = random.chance(0.7);
    const at = { x: random.whole(0, width >> 1), y: random.whole(0, height - 1) };
    const length = random.whole(30, width);
    const thick = random.whole(1, 3);
    fillBox(canvas, { ...at, w: isAcross ? length : thick, h: isAcross ? thick : length, colour: [random.between(0, 255), random.between(0, 255), random.between(0, 255)], opacity: 0.5 });
  }
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.w + 4 && b.x < a.x + a.w + 4 && a.y < b.y + b.h + 3 && b.y < a.y + a.h + 3;
}

function jitter([r, g, b]: Colour, random: Random): Colour {
  return [r + random.between(-35, 35), g + random.between(-35, 35), b + random.between(-35, 35)];
}
