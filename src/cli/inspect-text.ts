// What `axbuild inspect` prints.
import type { InspectedContainer, InspectedForeign, InspectedGroup, InspectedProgram, InspectedUnit } from '../axmodel/inspect.ts';
import type { ContainerTensor } from '../axmodel/container.ts';
import { engines } from '../npu/isa.ts';
import type { InspectedOnnx, InspectedTensor } from '../onnx/inspect.ts';
import { bytesOf, countOf } from '../ui/amounts.ts';
import { tableLines, type Cell } from '../ui/table.ts';

/** A place in a file beside the model, and what lies there. */
export interface Presence {
  readonly file: string;
  readonly bytes: number | undefined;
}

export function onnxText({ producer, irVersion, opsets, inputs, outputs, operators, weights, externals }: InspectedOnnx, presence: readonly Presence[]): string {
  const kinds = Object.keys(operators).length;
  return joined([
    ...tableLines([
      ['producer', clean(producer) || 'not said'],
      ['opset', Object.entries(opsets).map(([domain, version]) => `${clean(domain)} ${version}`).join(', ') || 'not said'],
      ['IR version', `${irVersion}`],
      ['weights', weights.count === 0 ? 'none' : `${countOf(weights.count, 'tensor')}, ${bytesOf(weights.bytes)}: ${Object.entries(weights.types).map(([type, { count, bytes }]) => `${count} ${type} (${bytesOf(bytes)})`).join(', ')}`],
    ]),
    'inputs', ...tensorLines(inputs),
    'outputs', ...tensorLines(outputs),
    `operators: ${countOf(Object.values(operators).reduce((sum, count) => sum + count, 0), 'node')} of ${countOf(kinds, 'type')}`,
    ...tableLines(Object.entries(operators).map(([type, count]) => [count, clean(type)])),
    ...(externals.length === 0 ? [] : ['weights in files beside the model', ...tableLines(externals.map(({ file, tensors, bytes }) => [clean(file), countOf(tensors, 'tensor'), bytesOf(bytes), stateOf(presence.find((one) => one.file === file))]))]),
  ]);
}

export function containerText({ producer, target, mode, paramsBytes, inner, groups }: InspectedContainer): string {
  return joined([
    ...tableLines([['producer', producer], ['target', `${clean(target)} ${clean(mode)}`], ['parameters', bytesOf(paramsBytes)]]),
    ...groups.flatMap((group, i) => groupLines(group, groups.length === 1 ? '' : `group ${i}: `)),
    ...(inner.length === 0 ? [] : ['between units', ...codeLines(inner)]),
  ]);
}

export function foreignText({ producer, about, inputs, outputs, units, blobs }: InspectedForeign): string {
  return joined([
    ...tableLines([['producer', clean(producer) || 'not said'], ['says', clean(about) || 'nothing'], ['programs', 'not public: their structure is shown, not what they do']]),
    'inputs', ...tensorLines(inputs),
    'outputs', ...tensorLines(outputs),
    'units', ...tableLines(units.map(({ name, type, inputs: reads, outputs: makes }) => [clean(name), type, `${clean(reads.join(', '))} -> ${clean(makes.join(', '))}`])),
    'blobs', ...tableLines(blobs.map(({ name, bytes }) => [clean(name), bytesOf(bytes)])),
  ]);
}

function groupLines({ inputs, outputs, batch, units }: InspectedGroup, head: string): string[] {
  const samples = batch === 1 ? '' : `, shown in the file for ${batch} samples`;
  return [`${head}inputs${samples}`, ...codeLines(inputs), `${head}outputs${samples}`, ...codeLines(outputs), ...units.flatMap(unitLines)];
}

function unitLines(unit: InspectedUnit): string[] {
  const head = `unit ${clean(unit.name)}  ${unit.type}  ${clean(unit.inputs.join(', '))} -> ${clean(unit.outputs.join(', '))}`;
  if (unit.type === 'CPU') return [head, ...tableLines([['ONNX model', `${bytesOf(unit.bytes)}: ${Object.entries(unit.operators).map(([type, count]) => `${count} ${clean(type)}`).join(', ')}`]])];
  const row = (name: string, cell: (program: InspectedProgram) => string): Cell[] => [name, ...unit.programs.map(cell)];
  return [head, ...tableLines([
    row('batch', ({ batch }) => `${batch}`),
    row('program', ({ bytes }) => bytesOf(bytes)),
    row('parameters', ({ paramsBytes }) => bytesOf(paramsBytes)),
    row('cycles', ({ stats }) => `${stats.cycles}`),
    row('MACs', ({ stats }) => `${stats.macs}`),
    row('DDR traffic', ({ stats: { ddrBytes } }) => bytesOf(ddrBytes.params + ddrBytes.load + ddrBytes.store)),
    row('on-chip peak', ({ stats }) => bytesOf(stats.ocmPeak)),
    row('DDR swap peak', ({ stats }) => bytesOf(stats.swapPeak)),
    ...engines.map((engine) => row(engine, ({ instructions, stats }) => `${instructions[engine]} instructions, ${stats.busy[engine]} cycles busy`)),
  ])];
}

function tensorLines(tensors: readonly InspectedTensor[]): string[] {
  return tensors.length === 0 ? ['  none'] : tableLines(tensors.map(({ name, dtype, shape }) => [clean(name), dtype, shape === null ? 'no shape' : `[${shape.map((dim) => clean(String(dim))).join(', ')}]`]));
}

function codeLines(tensors: readonly ContainerTensor[]): string[] {
  return tableLines(tensors.map(({ name, dtype, shape, layout, quant }) => [clean(name), dtype, `[${shape.join(', ')}]${layout === 'plain' ? '' : ` ${layout}`}`, quant === null ? '' : `scale ${quant.scale}, zero ${quant.zero}`]));
}

function stateOf(presence: Presence | undefined): string {
  return presence?.bytes === undefined ? 'not there' : `the file has ${bytesOf(presence.bytes)}`;
}

/** Names come from a file that may be anybody's: no control character of it reaches a terminal. */
function clean(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
}

function joined(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
