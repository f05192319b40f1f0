// A line of text cut out of a page, as the classifier's input: 48 high, 192 wide, upright or upside down. As in PaddleOCR, a line keeps
// its proportions; a short one is filled up on the right with the grey that becomes 0, a long one is squeezed.
import { blur, develop, makeCanvas, pickColours, stamp, turn } from './canvas.ts';
import { drawText, faceNames } from './glyphs.ts';
import { encodePng } from './png.ts';
import { makeRandom } from './random.ts';
import { makePhrase } from './words.ts';

export const lineHeight = 48;
export const lineWidth = 192;

export interface Line {
  readonly png: Uint8Array;
  /** 48 x 192 x 3, R G B. */
  readonly pixels: Uint8Array;
  readonly text: string;
  /** What the classifier should say. */
  readonly label: '0' | '180';
}

/** The line of a seed; odd seeds are upside down. */
export async function renderLine(seed: number): Promise<Line> {
  const random = makeRandom(seed * 2 + 1);
  const text = makePhrase(random);
  const mask = await drawText(text, { face: random.pick(faceNames), size: 40 });
  const { paper, shade, ink } = pickColours(random);
  const inkHeight = random.between(26, 40);
  const natural = Math.ceil((mask.width * inkHeight) / mask.height + random.between(4, 16));
  const width = Math.min(natural, lineWidth);
  const canvas = makeCanvas({ width, height: lineHeight, from: paper, to: shade, isVertical: random.chance(0.5) });
  const at = {
    x: width / 2 + random.between(-2, 2),
    y: lineHeight / 2 + random.between(-3, 3),
    scaleX: (inkHeight / mask.height) * (width / natural),
    scaleY: inkHeight / mask.height,
    halfTangent: random.between(-0.012, 0.012),
  };
  stamp(canvas, mask, { at, colour: ink });
  if (random.chance(0.4)) blur(canvas);
  const isTurned = seed % 2 === 1;
  const seen = develop(isTurned ? turn(canvas) : canvas, { random, strength: random.between(0, 12) });
  const pixels = new Uint8Array(lineHeight * lineWidth * 3).fill(128);
  for (let y = 0; y < lineHeight; y++) pixels.set(seen.subarray(y * width * 3, (y + 1) * width * 3), y * lineWidth * 3);
  return { png: await encodePng(pixels, { width: lineWidth, height: lineHeight }), pixels, text, label: isTurned ? '180' : '0' };
}
