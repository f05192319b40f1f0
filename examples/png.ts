// R G B bytes as PNG, with the same settings always.
import sharp from 'sharp';

export async function encodePng(pixels: Uint8Array, { width, height }: { width: number; height: number }): Promise<Uint8Array> {
  const png = await sharp(pixels, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 6, adaptiveFiltering: false, palette: false }).toBuffer();
  return new Uint8Array(png);
}
