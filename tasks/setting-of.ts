// What the user calls an option of a task: the setting that `why` names. Options that no setting decides have none.

export interface Setting {
  readonly name: string;
  /** Its values are not the option's own: the option says it in other words. */
  readonly inOtherWords: boolean;
}

type Row = readonly [task: RegExp, option: RegExp, setting: string];

/** Task, then the option's path; '$1' is what the parentheses caught. */
const same: readonly Row[] = [
  [/^load$/, /^input_shapes$/, 'input_shapes'],
  [/^unpack$/, /^most$/, 'quant.input_configs.calibration_size'],
  [/^(unpack|observe|sample)$/, /^inputs?(?:\[\d+\])?\.calibration\.(mean|std)/, 'quant.input_configs.calibration_$1'],
  [/^(unpack|observe|sample)$/, /^inputs?(?:\[\d+\])?\.format$/, 'quant.input_configs.calibration_format'],
  [/^resolve$/, /^layer_configs(.*)$/, 'quant.layer_configs$1'],
  [/^resolve$/, /^method$/, 'quant.calibration_method'],
  [/^weights$/, /^refine_weight_threshold$/, 'quant.refine_weight_threshold'],
  [/^partition$/, /^ranges\[(\d+)\]\.(start|end)(.*)$/, 'compiler.sub_configs[$1].$2_tensor_names$3'],
  [/^partition$/, /^ranges(.*)$/, 'compiler.sub_configs$1'],
  [/^(check|link_check)$/, /^level$/, 'compiler.check'],
  [/^(check|link_check)$/, /^(rtol|atol)$/, 'compiler.check_$1'],
  [/^(check|link_check)$/, /^cosine$/, 'compiler.check_cosine_simularity'],
  [/^(tile|link|assemble)$/, /^mode$/, 'npu_mode'],
  [/^assemble$/, /^target$/, 'target_hardware'],
  [/^export$/, /^dump_frontend_graph$/, 'debug.dump_frontend_graph'],
];

const inOtherWords: readonly Row[] = [
  [/^(load|scan)$/, /^file$/, 'input'],
  [/^optimise$/, /^enabled$/, 'onnx_opt.disable_onnx_optimization'],
  [/^optimise$/, /^check$/, 'onnx_opt.model_check'],
  [/^unpack$/, /^archive$/, 'quant.input_configs.calibration_dataset'],
  [/^(unpack|observe|sample)$/, /^inputs?(\[\d+\])?\.shape/, 'input_shapes'],
  [/^(unpack|observe|sample)$/, /^inputs?(\[\d+\])?\.(layout|order)/, 'input_processors'],
  [/^sample$/, /^arrivals\[/, 'input_processors'],
  [/^(fuse|resolve)$/, /^inputs/, 'input_processors'],
  [/^(tile|link)$/, /^chip\.modes/, 'npu_mode'],
  [/^(fuse|tile|link)$/, /^(chip|unsupported)/, 'target_hardware'],
];

export function settingOf(task: string, option: string): Setting | undefined {
  const [name, other] = [nameIn(same, task, option), nameIn(inOtherWords, task, option)];
  if (name !== undefined) return { name, inOtherWords: false };
  return other === undefined ? undefined : { name: other, inOtherWords: true };
}

function nameIn(rows: readonly Row[], task: string, option: string): string | undefined {
  for (const [of, path, setting] of rows) {
    const found = of.test(task) ? path.exec(option) : null;
    if (found !== null) return setting.replace(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '');
  }
  return undefined;
}
