// compiler, and sub_configs: the same options again for one range of the graph, those left unset inherited.
import { between, atLeast, type Fields } from '../field.ts';

/** Of the whole model: a range of it runs as many samples as the rest. */
const sizes = {
  static_batch_sizes: { type: 'int', repeated: true, limit: atLeast(1), built: 'all', flag: true, about: 'Batch sizes to compile.' },
  max_dynamic_batch_size: { type: 'int', default: 0, limit: atLeast(0), built: 'all', optional: true, flag: true, about: 'Largest batch: 1, 2, 4, … are compiled while a sample gets no slower.' },
} as const satisfies Fields;

const options = {
  ddr_bw_limit: { type: 'float', default: 0, limit: atLeast(0), built: 'all', optional: true, flag: true, about: 'Limit of the modelled DDR bandwidth in GB/s; 0: none.' },
  disable_ir_fix: { type: 'bool', default: false, built: 'all', optional: true, flag: true, about: 'Leave Reshape alone when several batches are compiled. Otherwise the first dimension of its constant shapes follows the batch.' },
  check: { type: 'int', default: 0, limit: between(0, 3), built: 'all', optional: true, flag: true, about: 'Compare the simulated program with the integer reference. 0: no. 1: all close (check_rtol, check_atol). 2: equal. 3: cosine (check_cosine_simularity).' },
  npu_perf: { type: 'bool', default: false, built: 'all', optional: true, flag: true, about: 'Write a trace and a profile of the schedule, compiler/debug/<subgraph>/b<batch>/trace.json and op_profile.csv.' },
  check_mode: { type: 'enum', enum: 'CheckMode', default: 'CheckOutput', built: 'all', optional: true, flag: true, about: 'What is compared. Both values do the same here: every tensor between groups is.' },
  check_rtol: { type: 'float', default: 1e-5, limit: atLeast(0), built: 'all', optional: true, flag: true, about: 'Relative tolerance of check 1.' },
  check_atol: { type: 'float', default: 0, limit: atLeast(0), built: 'all', optional: true, flag: true, about: 'Absolute tolerance of check 1.' },
  check_cosine_simularity: { type: 'float', default: 0.999, limit: between(-1, 1), built: 'all', optional: true, flag: true, about: 'Least cosine of check 3 (the vendor\'s spelling).' },
  check_tensor_black_list: { type: 'string', repeated: true, built: 'all', flag: true, about: 'Regular expressions: tensors that are not checked.' },
  enable_slice_mode: { type: 'bool', default: false, built: 'all', optional: true, flag: true, about: 'Cut every group into two or more slices that pass through two buffers, also where it would fit on chip whole.' },
  enable_tile_mode: { type: 'bool', default: false, built: 'all', optional: true, flag: true, about: 'Run chains of groups stripe by stripe where that is faster, so that large tensors between them never leave the chip.' },
  enable_data_soft_compression: { type: 'bool', default: false, built: 'all', optional: true, flag: true, about: 'Compress programs and parameters in the compiled model, where that makes it smaller; of a range: its programs. They are unpacked when the model is loaded.' },
  input_sample_dir: { type: 'path', default: '', optional: true, flag: true, about: 'Inputs for the check, in the compiled model\'s input format; calibration data when empty.' },
  compiler_group_patterns: { type: 'message', message: 'Graph', repeated: true, about: 'Patterns of operators to schedule as one.' },
} as const satisfies Fields;

export const compilerFields = {
  ...sizes,
  ...options,
  sub_configs: { type: 'message', message: 'SubConfig', repeated: true, built: 'all', about: 'Options of ranges of the graph; each range becomes an NPU subgraph of its own.' },
} as const satisfies Fields;

export const subConfigFields = {
  start_tensor_names: { type: 'string', repeated: true, required: true, built: 'all', about: 'Tensors where the range begins, by their names in frontend/optimized_quant_axmodel.onnx (--debug.dump_frontend_graph).' },
  end_tensor_names: { type: 'string', repeated: true, required: true, built: 'all', about: 'Tensors where the range ends.' },
  ...sizes,
  ...options,
} as const satisfies Fields;

export const graphFields = {
  nodes: { type: 'message', message: 'Node', repeated: true, about: 'Operators of the pattern.' },
  type: { type: 'enum', enum: 'ScheduleStrategy', default: 'Tile', about: 'How matches are scheduled.' },
  match_mode: { type: 'enum', enum: 'MatchMode', default: 'Op', about: 'Whether operators or tensors are matched.' },
} as const satisfies Fields;

export const nodeFields = {
  types: { type: 'string', repeated: true, about: 'Operator types.' },
  inputs: { type: 'string', repeated: true, about: 'Input tensors.' },
  outputs: { type: 'string', repeated: true, about: 'Output tensors.' },
  properties: { type: 'struct', about: 'Attributes.' },
} as const satisfies Fields;
