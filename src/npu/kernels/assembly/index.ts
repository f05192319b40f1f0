// One export an instruction: run_<name>(block, scratch) executes it and returns how many accumulators saturated.
export { scratch_common } from './block';
export { run_conv, run_dwconv, scratch_conv, scratch_dwconv } from './conv';
export { run_dequantize, run_quantize } from './edge';
export { run_float_binary, run_float_function, run_float_softmax } from './float';
export { run_matmul, scratch_matmul } from './matmul';
export { run_layer_norm } from './norm';
export { run_load, run_move, run_store } from './move';
export { run_avg_pool, run_max_pool, run_mean } from './pool';
export { run_softmax } from './softmax';
export { run_add, run_lut, run_mul, run_rescale } from './vector';
