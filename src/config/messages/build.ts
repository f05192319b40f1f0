// The root of the configuration, and its small members.
import { atLeast, type Fields } from '../field.ts';

export const buildFields = {
  input: { type: 'path', required: true, built: 'all', flag: true, about: 'The model.' },
  output_dir: { type: 'path', required: true, built: 'all', flag: true, about: 'Folder for everything that is built.' },
  output_name: { type: 'string', default: 'compiled.axmodel', built: 'all', flag: true, about: 'File name of the compiled model.' },
  work_dir: { type: 'path', default: '', defaultText: 'output_dir', built: 'all', flag: true, about: 'Folder for intermediate results; only output_dir itself is built yet.' },
  model_type: { type: 'enum', enum: 'ModelType', default: 'ONNX', flag: true, about: 'What `input` is.' },
  target_hardware: { type: 'enum', enum: 'HardwareType', default: 'AX650', built: ['AX650', 'AX620E', 'AX615', 'M76H', 'M57'], flag: true, about: 'The chip (axbuild targets).' },
  npu_mode: { type: 'enum', enum: 'NPUMode', default: 'NPU1', built: 'all', flag: true, about: 'How many engine sets of the chip the model uses.' },
  input_shapes: { type: 'string', default: '', built: 'all', flag: true, about: 'Shapes of inputs, e.g. a:1x3x224x224;b:1x1x112x112; applied before everything else.' },
  onnx_opt: { type: 'message', message: 'OnnxOptimizeOption', about: 'The float graph.' },
  quant: { type: 'message', message: 'QuantConfig', about: 'Quantisation.' },
  input_processors: { type: 'message', message: 'InputProcessor', repeated: true, built: 'all', about: 'Preprocessing embedded in the compiled model.' },
  output_processors: { type: 'message', message: 'OutputProcessor', repeated: true, about: 'Postprocessing embedded in the compiled model.' },
  const_processors: { type: 'message', message: 'ConstProcessor', repeated: true, about: 'New content for constants of the model.' },
  op_processors: { type: 'message', message: 'OpProcessor', repeated: true, about: 'New attributes for operators of the float graph.' },
  quant_op_processors: { type: 'message', message: 'OpProcessor', repeated: true, about: 'New attributes for operators of the quantised graph.' },
  compiler: { type: 'message', message: 'CompilerConfig', about: 'The compiler.' },
  debug: { type: 'message', message: 'DebugConfig', about: 'What else to write.' },
} as const satisfies Fields;

export const onnxOptFields = {
  disable_onnx_optimization: { type: 'bool', default: false, built: 'all', flag: true, about: 'Leave the float graph as it is.' },
  enable_onnxsim: { type: 'bool', default: false, flag: true, about: 'Run a simplifier first.' },
  model_check: { type: 'bool', default: false, built: 'all', flag: true, about: 'Compare the optimised model with the original one.' },
  disable_transformation_check: { type: 'bool', default: false, built: 'all', flag: true, about: 'Skip the comparison after each rewrite.' },
  save_tensors_data: { type: 'bool', default: false, flag: true, about: 'Keep tensors on disk to save memory.' },
} as const satisfies Fields;

export const debugFields = {
  dump_frontend_graph: { type: 'bool', default: false, built: 'all', flag: true, about: 'Write frontend/optimized_quant_axmodel.onnx, whose tensor names sub_configs take.' },
} as const satisfies Fields;

/** Flags of `axbuild run`. */
export const runFields = {
  model: { type: 'path', required: true, built: 'all', flag: true, about: 'A compiled.axmodel.' },
  input_dir: { type: 'path', required: true, built: 'all', flag: true, about: 'Folder of inputs: <tensor>.bin or <tensor>.npy, every character outside A-Z a-z 0-9 _ - replaced by _.' },
  output_dir: { type: 'path', required: true, built: 'all', flag: true, about: 'Folder for outputs, named in the same way.' },
  list: { type: 'path', default: '', built: 'all', flag: true, about: 'File of case names, one a line: reads input_dir/<case>/, writes output_dir/<case>/.' },
  random_input: { type: 'bool', default: false, flag: true, about: 'Write random inputs to input_dir first.' },
  batch_size: { type: 'int', default: 0, limit: atLeast(0), built: 'all', flag: true, about: 'Samples in each input file, one after the other; 0: as many as it holds. They run on the largest compiled batches that fit.' },
  enable_perlayer_output: { type: 'bool', default: false, flag: true, about: 'Write every tensor.' },
  mode: { type: 'enum', enum: 'PrecisionAnalysisMode', default: 'Reference', flag: true, about: 'What computes a QuantAxModel.' },
  target_hardware: { type: 'enum', enum: 'HardwareType', default: 'AX650', flag: true, about: 'The chip, for a QuantAxModel in mode NPUBackend.' },
  group_index: { type: 'int', default: 0, limit: atLeast(0), built: 'all', flag: true, about: 'Which group of input shapes: 0 is the model\'s own, then src_extra_shapes in their order.' },
} as const satisfies Fields;
