// What each group of a unit takes, as a table: one row a group, from the tasks of its trace.
import { space, type Engine } from './isa.ts';
import type { Access } from './runs.ts';
import { transferBytes } from './cost.ts';
import type { Task, Traffic } from './trace.ts';

export interface ProfiledGroup {
  readonly label: string;
  /** The operators it computes. */
  readonly operators: readonly string[];
  readonly kind: string;
  /** Of its inputs and its output, e.g. U8[1,16,24,96]. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly macs: number;
}

const columns = [
  'op', 'type', 'operators', 'inputs', 'output', 'macs', 'start', 'cycles', 'conv_cycles', 'teng_cycles', 'cv_cycles', 'sdma_cycles',
  'ddr_bytes', 'ld_param_bytes', 'ld_input_bytes', 'ld_swap_bytes', 'st_swap_bytes', 'st_output_bytes', 'ocm_bytes', 'tasks',
] as const;

/** `cycles`: from a group's first task to the end of its last; neighbours overlap, so the column adds up to more than the whole. */
export function profileText(groups: readonly ProfiledGroup[], tasks: readonly Task[]): string {
  const rows = groups.map((group, g) => rowOf(group, tasks.filter((task) => task.group === g)));
  return [columns, ...rows].map((row) => row.map(cell).join(',') + '\n').join('');
}

function rowOf({ label, operators, kind, inputs, output, macs }: ProfiledGroup, tasks: readonly Task[]): readonly (string | number)[] {
  const start = tasks.reduce((least, task) => Math.min(least, task.start), Infinity);
  const end = tasks.reduce((most, task) => Math.max(most, task.start + task.cycles), 0);
  const busy = (engine: Engine): number => sum(tasks.filter((task) => task.engine === engine).map((task) => task.cycles));
  const moved = (traffic: Traffic): number => sum(tasks.filter((task) => task.traffic === traffic).map(({ instruction }) => transferBytes(instruction)));
  const classes = [moved('ld:param'), moved('ld:input'), moved('ld:ddr_swap'), moved('st:ddr_swap'), moved('st:output')];
  return [
    label, kind, operators.join(' '), inputs.join(' '), output, macs, start, end - start, busy('conv'), busy('teng'), busy('cv'), busy('sdma'),
    sum(classes), ...classes, coveredBytes(tasks.flatMap(({ touches }) => touches.filter((access) => access.space === space.ocm))), tasks.length,
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** On-chip bytes between the bounds of what is touched, each counted once. */
function coveredBytes(touches: readonly Access[]): number {
  const ordered = touches.toSorted((a, b) => a.start - b.start);
  let [bytes, reached] = [0, 0];
  for (const { start, end } of ordered) {
    bytes += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return bytes;
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
