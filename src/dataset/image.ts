// Images as a network's input sees them. Decoding is sharp's (libvips), and nothing else of it is used, so that what a pixel becomes is
// written here:
//   - 8 bits a channel; 16-bit images keep their upper byte; palettes and CMYK become RGB; embedded colour profiles are ignored
//   - an alpha channel is dropped, not blended: hidden colours come through, as with OpenCV's imread
//   - EXIF orientation is applied
//   - GRAY of a coloured image is (9798 R + 19235 G + 3735 B + 16384) >> 15, the weights of OpenCV's cvtColor
//   - another size is reached by resize.ts, without keeping the aspect ratio; of an animation, the first frame counts
import { Fault } from '../base/fault.ts';
import { resizeBilinear, type Pixels } from './resize.ts';

export type ColourOrder = 'RGB' | 'BGR' | 'GRAY';
export type ImageLayout = 'NCHW' | 'NHWC';

export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Which channels of the decoded RGB image make the tensor. */
const orders: Readonly<Record<ColourOrder, readonly number[] | 'gray'>> = { RGB: [0, 1, 2], BGR: [2, 1, 0], GRAY: 'gray' };

/** Height, width and channels of a model input that takes images. `tensor` is its name, for faults. */
export function imageSize(shape: readonly number[], { layout, tensor }: { layout: ImageLayout; tensor: string }): ImageSize {
  const [batch, a, b, c] = shape;
  if (shape.length !== 4 || batch === undefined || a === undefined || b === undefined || c === undefined) {
    throw new Fault({ what: `input ${tensor} takes no images: its shape is [${shape.join(',')}]`, facts: [['images', layout === 'NCHW' ? '[1,channels,height,width]' : '[1,height,width,channels]']] });
  }
  const size = layout === 'NCHW' ? { height: b, width: c, channels: a } : { height: a, width: b, channels: c };
  if (batch !== 1) throw new Fault({ what: `input ${tensor} takes ${batch} images at a time`, facts: [['built', 'batch 1'], ['try', 'input_shapes']] });
  if (size.channels !== 1 && size.channels !== 3) throw new Fault({ what: `input ${tensor} takes no images: it has ${size.channels} channels`, facts: [['images', '3 (RGB, BGR) or 1 (GRAY)'], ['shape', `[${shape.join(',')}] as ${layout}`]] });
  return size;
}

/** The colour order of an input: the one configured, or else RGB for 3 channels and GRAY for 1. */
export function colourOrder(formats: readonly string[], channels: number): ColourOrder {
  const configured = formats.find((format) => format !== 'AutoColorSpace');
  const order = configured ?? (channels === 1 ? 'GRAY' : 'RGB');
  if (!Object.hasOwn(orders, order)) throw new Fault({ exit: 2, what: `images can't be brought to ${order}`, facts: [['known', Object.keys(orders).join(', ')]] });
  if ((order === 'GRAY') !== (channels === 1)) throw new Fault({ exit: 2, what: `tensor_format ${order} does not fit ${channels} channels`, facts: [['try', channels === 1 ? 'GRAY' : 'RGB or BGR']] });
  return order as ColourOrder; // it has just been looked up
}

/** One image as U8 in height, width, channel order. `name` is what a Fault calls it: archive and entry. */
export async function imageTensor({ bytes, name, size, order }: { bytes: Uint8Array; name: string; size: ImageSize; order: ColourOrder }): Promise<Uint8Array> {
  const rgb = resizeBilinear(await decode(bytes, name), size);
  const channels = orders[order];
  const count = size.height * size.width;
  if (channels === 'gray') {
    const gray = new Uint8Array(count);
    for (let i = 0; i < count; i++) gray[i] = (9798 * rgb[3 * i]! + 19235 * rgb[3 * i + 1]! + 3735 * rgb[3 * i + 2]! + 16384) >> 15;
    return gray;
  }
  if (channels[0] === 0) return rgb;
  const swapped = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    for (let c = 0; c < 3; c++) swapped[i + c] = rgb[i + channels[c]!]!;
  }
  return swapped;
}

async function decode(bytes: Uint8Array, name: string): Promise<Pixels> {
  const { default: sharp } = await import('sharp');
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error', ignoreIcc: true, limitInputPixels: 2 ** 28 })
      .autoOrient().removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return { width, height, channels, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch (error) {
    const [because = 'unknown'] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Fault({ what: `${name}: not an image that can be read`, facts: [['because', because], ['try', 'JPEG, PNG, WebP, GIF or TIFF; for .npy files, calibration_format Numpy']] });
  }
}
