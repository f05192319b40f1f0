// Bilinear resize with pixel centres at half steps, edges repeated, no smoothing when it shrinks: OpenCV's INTER_LINEAR to within one step.
// In integers, so that its bits are the same everywhere: weights have 11 bits, the sum of the four products is rounded once, half up.

export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Row by row, channels innermost. */
  readonly data: Uint8Array;
}

const one = 1 << 11;

/** An image of 3 channels (those of a grey one are equal) at the given size. */
export function resizeBilinear(image: Pixels, { height, width }: { readonly height: number; readonly width: number }): Uint8Array {
  const { channels, data } = image;
  if (channels === 3 && image.height === height && image.width === width) return data;
  const columns = taps(image.width, width);
  const rows = taps(image.height, height);
  const out = new Uint8Array(height * width * 3);
  let at = 0;
  for (const [top, bottom, down] of rows) {
    const above = top * image.width;
    const below = bottom * image.width;
    for (const [left, right, along] of columns) {
      for (let c = 0; c < 3; c++) {
        const channel = channels === 3 ? c : 0;
        const first = data[(above + left) * channels + channel]! * (one - along) + data[(above + right) * channels + channel]! * along;
        const second = data[(below + left) * channels + channel]! * (one - along) + data[(below + right) * channels + channel]! * along;
        out[at++] = (first * (one - down) + second * down + (1 << 21)) >> 22; // at most 255 * 2^22 + 2^21: fits 31 bits
      }
    }
  }
  return out;
}

/** For each output position: the two input positions and the weight of the second. */
function taps(from: number, to: number): readonly (readonly [number, number, number])[] {
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const low = Math.floor(centre);
    const clamp = (position: number): number => Math.min(Math.max(position, 0), from - 1);
    return [clamp(low), clamp(low + 1), Math.round((centre - low) * one)] as const;
  });
}
