// The text of a first axbuild.yaml: every line explained, everything that only its user knows marked CHECK.
import type { InspectedTensor } from '../onnx/inspect.ts';

export interface FoundModel {
  readonly name: string;
  /** As the manifest writes it. */
  readonly path: string;
  readonly inputs: readonly (InspectedTensor & { readonly dataset: string })[];
}

type Line = readonly [text: string, comment?: string];

/** For open sizes of pictures. */
const usualSide = 224;

export function firstManifest(models: readonly FoundModel[]): string {
  return aligned([
    ['# What `axbuild build` builds here. docs/manifests.md tells of keys and matrices, docs/configuration.md of every setting.'],
    ['models:'],
    ...models.flatMap(modelLines),
  ]);
}

function modelLines({ name, path, inputs }: FoundModel): Line[] {
  const open = inputs.filter(({ shape }) => shape === null || shape.some((size) => typeof size !== 'number'));
  return [
    [`  ${quoted(name)}:`, `the goal: axbuild build ${name}`],
    [`    input: ${quoted(path)}`, 'the model; relative paths start at this file\'s folder'],
    ['    config:', 'settings in the vendor\'s words; a file of them can stand here instead: config: det.json'],
    ['      target_hardware: AX650', 'CHECK the chip: axbuild targets lists them'],
    ['      npu_mode: NPU1', 'CHECK how many of its engine sets the model gets'],
    ...(open.length === 0 ? [] : [[`      input_shapes: ${quoted(open.map((input) => `${input.name}:${guess(input).join('x')}`).join(';'))}`, `CHECK the model leaves sizes open, these are a guess: ${open.map(described).join('; ')}`] as const]),
    ['      quant:'],
    ['        input_configs:', 'calibration data: typical inputs, from which the ranges of all tensors are taken'],
    ...inputs.flatMap(inputLines),
    ['      compiler:'],
    ['        check: 2', 'the compiled program is simulated and must equal the integer reference, bit for bit'],
  ];
}

function inputLines(input: FoundModel['inputs'][number]): Line[] {
  const head: Line[] = [[`          - tensor_name: ${quoted(input.name)}`, described(input)]];
  if (!isPicture(input)) {
    return [...head,
      [`            calibration_dataset: ${quoted(input.dataset)}`, `PUT IT THERE: an archive (.tar, .zip) of .npy files, one a sample, each ${input.dtype} [${guess(input).join(', ')}]`],
      ['            calibration_format: Numpy', 'the files are used as they are'],
      ['            calibration_size: 32', 'how many of them, in the order of their names; -1: all'],
    ];
  }
  const all = (value: number): string => `[${Array.from({ length: guess(input)[1] ?? 1 }, () => value).join(', ')}]`;
  return [...head,
    [`            calibration_dataset: ${quoted(input.dataset)}`, 'PUT IT THERE: an archive (.tar, .zip) of pictures'],
    ['            calibration_format: Image', `pictures are resized; Numpy: .npy files of [${guess(input).join(', ')}], used as they are`],
    ['            calibration_size: 32', 'how many of them, in the order of their names; -1: all'],
    [`            calibration_mean: ${all(0)}`, 'CHECK what the model was trained with: (pixel - mean) / std, pixels from 0 to 255'],
    [`            calibration_std: ${all(255)}`],
  ];
}

/** Channels first: what calibration reads pictures as. */
function isPicture({ shape, dtype }: InspectedTensor): boolean {
  return dtype === 'FP32' && shape?.length === 4 && (shape[1] === 1 || shape[1] === 3);
}

/** The sizes that are open: one sample, a usual picture, else one. */
function guess(input: InspectedTensor): readonly number[] {
  return (input.shape ?? [1]).map((size, i) => (typeof size === 'number' ? size : i > 1 && isPicture(input) ? usualSide : 1));
}

function described({ name, dtype, shape }: InspectedTensor): string {
  return `${printable(name)} is ${dtype} ${shape === null ? 'of no given shape' : `[${shape.map((size) => printable(String(size))).join(', ')}]`}`;
}

/** Names come from a file that may be anybody's: they end no line of ours. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ');
}

/** As YAML needs it: a JSON text is one. */
function quoted(text: string): string {
  return /^[A-Za-z_./][\w./@-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n|\.+)$/i.test(text) ? text : JSON.stringify(text).replaceAll('${', '$${');
}

/** Comments in one column, as far as lines allow. */
function aligned(lines: readonly Line[]): string {
  const widths = lines.flatMap(([text, comment]) => (comment === undefined || text.length > 60 ? [] : [text.length]));
  const column = Math.max(0, ...widths) + 2;
  return lines.map(([text, comment]) => (comment === undefined ? text : `${text.padEnd(column - 2)}  # ${comment}`)).map((line) => `${line}\n`).join('');
}
