// input_processors and the other patches at the edges of the model.
import { atLeast, type Fields } from '../field.ts';

const sourceTypes = ['U8', 'S8', 'U16', 'S16', 'U32', 'S32', 'FP16', 'FP32'] as const;
const rgb = ['AutoColorSpace', 'GRAY', 'BGR', 'RGB'] as const;

export const inputProcessorFields = {
  tensor_name: { type: 'string', required: true, built: 'all', about: 'An input of the model, or DEFAULT for all of them.' },
  tensor_format: { type: 'enum', enum: 'ColorSpace', options: rgb, default: 'AutoColorSpace', built: 'all', about: 'Colours the model expects. AutoColorSpace: src_format, or else RGB (3 channels) or GRAY (1).' },
  tensor_layout: { type: 'enum', enum: 'Layout', default: 'NCHW', built: 'all', about: 'Layout of the model\'s own input. DefaultLayout: NCHW.' },
  src_format: {
    type: 'enum', enum: 'ColorSpace', default: 'AutoColorSpace', built: rgb, about: 'Colours of the runtime input. RGB and BGR are never swapped inside of the model.',
    options: ['AutoColorSpace', 'GRAY', 'BGR', 'RGB', 'YUYV422', 'UYVY422', 'YUV420SP', 'YVU420SP', 'RAW'],
  },
  src_layout: { type: 'enum', enum: 'Layout', default: 'NCHW', built: 'all', about: 'Layout of the runtime input. DefaultLayout: NCHW.' },
  src_dtype: { type: 'enum', enum: 'DataType', options: sourceTypes, default: 'FP32', built: ['U8', 'FP32'], about: 'Type of the runtime input.' },
  csc_mode: { type: 'enum', enum: 'CSCMode', default: 'NoCSC', about: 'Colour space conversion in front of the model.' },
  csc_mat: { type: 'float', repeated: true, about: 'The 3 x 4 matrix of csc_mode Matrix.' },
  mean: { type: 'float', repeated: true, built: 'all', defaultText: 'calibration_mean', about: 'Subtracted from the runtime input inside of the compiled model, one number a channel.' },
  std: { type: 'float', repeated: true, built: 'all', defaultText: 'calibration_std', about: 'Divides the runtime input after mean (a divisor: 255, not 1/255).' },
  src_extra_shapes: { type: 'message', message: 'Shape', repeated: true, built: 'all', about: 'Further shapes to compile, in the model\'s layout: the i-th of all inputs are one group. Quantised as at the model\'s own shapes.' },
  padding: { type: 'int', repeated: true, about: 'Elements added at the start and end of each axis of the runtime input.' },
  padding_mode: { type: 'string', options: ['constant'], default: 'constant', about: 'How padding is filled.' },
  padding_constant_value: { type: 'int', default: 0, about: 'What padding is filled with.' },
  slicing: { type: 'int', repeated: true, about: 'Elements cut at the start and end of each axis of the runtime input.' },
  scale: { type: 'float', default: 0, about: 'Real value of one step of an integer runtime input; 0: one.' },
  zeropoint: { type: 'int', default: 0, about: 'Code of zero of an integer runtime input; read when scale is not 0.' },
} as const satisfies Fields;

export const shapeFields = {
  shape: { type: 'int', repeated: true, limit: atLeast(1), built: 'all', about: 'Sizes, in the model\'s layout.' },
} as const satisfies Fields;

export const outputProcessorFields = {
  tensor_name: { type: 'string', required: true, about: 'An output of the model, or DEFAULT for all of them.' },
  tensor_layout: { type: 'enum', enum: 'Layout', default: 'DefaultLayout', about: 'Layout of the model\'s own output.' },
  dst_perm: { type: 'int', repeated: true, about: 'Order of the axes of the runtime output.' },
  output_dtype: { type: 'enum', enum: 'DataType', options: ['FP32', 'U8'], default: 'FP32', about: 'U8 leaves the output quantised.' },
} as const satisfies Fields;

export const constProcessorFields = {
  name: { type: 'string', required: true, about: 'A constant tensor of the model.' },
  data: { type: 'float', repeated: true, about: 'Its new content.' },
  data_path: { type: 'path', about: 'Its new content as a .bin, .npy or .txt file.' },
} as const satisfies Fields;

export const opProcessorFields = {
  op_name: { type: 'string', required: true, about: 'An operator of the model.' },
  attrs: { type: 'struct', about: 'Attributes to set.' },
} as const satisfies Fields;
