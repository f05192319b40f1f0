// quant: calibration data, precision of layers, and the quantiser's algorithms.
import { atLeast, between, type Fields } from '../field.ts';

/** DataType's own 0: not said. */
const unset = 'DefaultDataType';
const layerTypes = [unset, 'U8', 'S8', 'U16', 'S16', 'FP32'] as const;

export const quantFields = {
  input_configs: { type: 'message', message: 'InputQuantConfig', repeated: true, built: 'all', about: 'Calibration data, one entry an input (or one named DEFAULT for all).' },
  layer_configs: { type: 'message', message: 'LayerConfig', repeated: true, built: 'all', about: 'Precision of single operators, operator types or parts of the graph. A named operator wins over a type, a type over a part of the graph; of equals the later entry wins.' },
  calibration_method: { type: 'enum', enum: 'QuantMethod', default: 'MinMax', built: ['MinMax'], flag: true, about: 'How activation ranges are found from the calibration data.' },
  precision_analysis: { type: 'bool', default: false, flag: true, about: 'Compare the quantised network with the float one, operator by operator.' },
  precision_analysis_method: { type: 'enum', enum: 'PrecisionAnalysisMethod', default: 'PerLayer', flag: true, about: 'PerLayer: each operator gets the float network\'s input. EndToEnd: errors add up from the network\'s input on.' },
  precision_analysis_mode: { type: 'enum', enum: 'PrecisionAnalysisMode', default: 'Reference', flag: true, about: 'What computes the quantised side: the integer reference, or the NPU simulator.' },
  highest_mix_precision: { type: 'bool', default: false, built: 'all', flag: true, about: 'The highest precision in codes that each operator supports: U16, weights S16, where layer_configs do not say otherwise.' },
  conv_bias_data_type: { type: 'enum', enum: 'DataType', options: ['S32', 'FP32'], default: 'S32', flag: true, about: 'Type in which the bias of convolutions is stored.' },
  refine_weight_threshold: {
    type: 'float', default: 1e-6, built: 'all', flag: true, about: 'Floor of the per-channel weight ranges; -1 turns it off.',
    limit: { text: '0, -1 or less than 0.0001', fits: (value) => value === -1 || (value >= 0 && value < 1e-4) },
  },
  enable_smooth_quant: { type: 'bool', default: false, flag: true, about: 'SmoothQuant (arXiv 2211.10438).' },
  smooth_quant_threshold: { type: 'float', default: 0.2, limit: between(0, 1), flag: true, about: 'The larger, the more operators SmoothQuant touches.' },
  smooth_quant_strength: { type: 'float', default: 0.6, limit: between(0, 1), flag: true, about: 'How SmoothQuant splits the difficulty between activations and weights.' },
  transformer_opt_level: { type: 'int', default: 0, limit: between(0, 2), flag: true, about: 'Optimisation level for transformers.' },
  input_sample_dir: { type: 'path', default: '', flag: true, about: 'Inputs for precision analysis, in the original model\'s input format; calibration data when empty.' },
  ln_scale_data_type: { type: 'enum', enum: 'DataType', options: ['FP32', 'S32', 'U32'], default: 'FP32', flag: true, about: 'Type of LayerNormalization\'s scale.' },
  check: { type: 'int', default: 0, limit: between(0, 1), flag: true, about: '0: no check. 1: check the types of the quantised nodes.' },
  disable_auto_refine_scale: { type: 'bool', default: false, flag: true, about: 'Leave weight and input scales as they were found.' },
  enable_easy_quant: { type: 'bool', default: false, flag: true, about: 'EasyQuant (arXiv 2006.16669): searches weight and activation scales.' },
  disable_quant_optimization: { type: 'bool', default: false, flag: true, about: 'No removal or merging of operators in the quantiser.' },
  enable_brecq: { type: 'bool', default: false, flag: true, about: 'BRECQ reconstruction.' },
  enable_lsq: { type: 'bool', default: false, flag: true, about: 'LSQ reconstruction.' },
  enable_adaround: { type: 'bool', default: false, flag: true, about: 'AdaRound reconstruction.' },
  finetune_epochs: { type: 'int', default: 500, limit: atLeast(1), flag: true, about: 'Steps of a reconstruction.' },
  finetune_block_size: { type: 'int', default: 4, limit: atLeast(1), flag: true, about: 'Operators in a reconstructed block.' },
  finetune_batch_size: { type: 'int', default: 1, limit: atLeast(1), flag: true, about: 'Samples in a step of a reconstruction.' },
  finetune_lr: { type: 'float', default: 1e-3, flag: true, about: 'Learning rate of a reconstruction.' },
  device: {
    type: 'string', default: 'cpu', flag: true, about: 'Where calibration runs.',
    options: ['cpu', 'cuda:0', 'cuda:1', 'cuda:2', 'cuda:3', 'cuda:4', 'cuda:5', 'cuda:6', 'cuda:7'],
  },
} as const satisfies Fields;

export const inputQuantFields = {
  tensor_name: { type: 'string', required: true, built: 'all', about: 'An input of the model, or DEFAULT for all of them.' },
  calibration_dataset: { type: 'path', required: true, built: 'all', about: 'Archive of samples: .tar, .tar.gz, .tgz or .zip.' },
  calibration_format: { type: 'enum', enum: 'DataFormat', default: 'Image', built: ['Image', 'Numpy'], about: 'Image: decoded, resized, brought to tensor_format, then mean and std. Numpy: .npy files used as they are, type and shape equal to the model\'s input.' },
  calibration_size: {
    type: 'int', default: 32, built: 'all', about: 'How many samples to use, in the order of their names; -1: all of them.',
    limit: { text: '-1, or 1 or more', fits: (value) => value === -1 || value >= 1 },
  },
  calibration_mean: { type: 'float', repeated: true, built: 'all', about: 'Subtracted from images, one number a channel in the order of tensor_format.' },
  calibration_std: { type: 'float', repeated: true, built: 'all', about: 'Divides images after mean (a divisor: 255, not 1/255).' },
} as const satisfies Fields;

export const layerFields = {
  layer_name: { type: 'string', built: 'all', about: 'One operator of the optimised graph (frontend/optimized.onnx).' },
  layer_names: { type: 'string', repeated: true, built: 'all', about: 'Several operators.' },
  op_type: { type: 'string', built: 'all', about: 'All operators of one ONNX type.' },
  op_types: { type: 'string', repeated: true, built: 'all', about: 'All operators of several types.' },
  start_tensor_names: { type: 'string', repeated: true, built: 'all', about: 'With end_tensor_names: all operators on paths between these tensors; DEFAULT in both: the whole graph.' },
  end_tensor_names: { type: 'string', repeated: true, built: 'all', about: 'See start_tensor_names.' },
  data_type: {
    type: 'enum', enum: 'DataType', options: layerTypes, default: unset, defaultText: 'U8', built: layerTypes,
    about: 'Type in which these operators compute. FP32 is for Add, Concat, Div, LeakyRelu, Mul, Relu, Sigmoid, Softmax and Sub. An entry that names another of the three types, and not this one, leaves it alone.',
  },
  weight_data_type: {
    type: 'enum', enum: 'DataType', options: [unset, 'S8', 'S16', 'FP32'], default: unset, defaultText: 'S8', built: ['S8', 'S16'],
    about: 'Type of the weights of convolutions and products with a constant matrix. (S16 is axbuild\'s own: the vendor\'s tool has S8 and FP32.)',
  },
  output_data_type: {
    type: 'enum', enum: 'DataType', options: layerTypes, default: unset, defaultText: 'what its readers compute in', built: layerTypes,
    about: 'Type of what convolutions and products with a constant matrix write. Readers compute in no wider type.',
  },
} as const satisfies Fields;
