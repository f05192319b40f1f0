// Text as a mask of coverage, 0 to 255, drawn by sharp from the fonts of a development dependency. The machine's own fonts and their
// settings are shut out by fonts.conf, which has to be named before the first text of the process is drawn.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

process.env['FONTCONFIG_FILE'] = join(import.meta.dirname, 'fonts.conf');

const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** What Pango calls a face, and its file. Each name fits one face exactly, so that it does not matter which were loaded before. */
const faces = {
  'DejaVu Sans': 'DejaVuSans',
  'DejaVu Sans Bold': 'DejaVuSans-Bold',
  'DejaVu Sans Oblique': 'DejaVuSans-Oblique',
  'DejaVu Sans Bold Oblique': 'DejaVuSans-BoldOblique',
  'DejaVu Sans Condensed': 'DejaVuSansCondensed',
  'DejaVu Sans Condensed Bold': 'DejaVuSansCondensed-Bold',
  'DejaVu Sans Mono': 'DejaVuSansMono',
  'DejaVu Sans Mono Bold': 'DejaVuSansMono-Bold',
  'DejaVu Serif': 'DejaVuSerif',
  'DejaVu Serif Bold': 'DejaVuSerif-Bold',
  'DejaVu Serif Italic': 'DejaVuSerif-Italic',
  'DejaVu Serif Condensed': 'DejaVuSerifCondensed',
} as const;

export type Face = keyof typeof faces;
export const faceNames = Object.keys(faces) as Face[];

export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly coverage: Uint8Array;
}

/** `text` in one line, `size` pixels an em, cut to its ink. */
export async function drawText(text: string, { face, size }: { face: Face; size: number }): Promise<Mask> {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const { data, info } = await sharp({ text: { text: escaped, font: `${face} ${size}`, fontfile: join(folder, `${faces[face]}.ttf`), dpi: 72 } })
    .extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, coverage: new Uint8Array(data) };
}
