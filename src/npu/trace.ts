// What a linked program does when, task by task, in the words of the vendor's profiler; docs/perf.md explains them. A task is an
// instruction; times are the schedule's, which `link` counted max_cycle by.
import type { Target } from '../targets/target.ts';
import { eachNest } from './access.ts';
import { decode, type Decoded } from './decode.ts';
import { engineIndex } from './dependencies.ts';
import { engines, space, type Engine } from './isa.ts';
import type { Program, Residence } from './object.ts';
import { accessOf, type Access } from './runs.ts';
import { schedule } from './schedule.ts';

/** What people call the parts of a unit. Edges in link's numbering. */
export interface UnitNames {
  readonly unit: string;
  readonly edges: readonly { readonly name: string; readonly bytes: number }[];
  readonly groups: readonly { readonly label: string; readonly inputs: readonly number[]; readonly output: number }[];
}

export interface Task {
  readonly label: string;
  readonly group: number;
  readonly engine: Engine;
  /** Cycles. */
  readonly start: number;
  readonly cycles: number;
  readonly instruction: Decoded;
  /** Tasks, by number, that this one waits for, and that wait for it. */
  readonly after: readonly number[];
  readonly before: readonly number[];
  readonly touches: readonly Access[];
  readonly traffic?: Traffic;
}

/** What a transfer is for, and the colour that trace viewers know it by. */
const colours = {
  'ld:param': 'yellow',
  'ld:input': 'good',
  'ld:ddr_swap': 'rail_response',
  'st:ddr_swap': 'terrible',
  'st:output': 'thread_state_iowait',
} as const;
export type Traffic = keyof typeof colours;

/** As the vendor numbers the engines of one set. Its two convolution cores are one array here. */
const lanes: Readonly<Record<Engine, string>> = { conv: 'conv0', teng: 'teng2', cv: 'cv3', sdma: 'sdma4' };

/** `target` in its mode. */
export function tasksOf({ groups }: UnitNames, program: Program, target: Target): Task[] {
  const instructions = decode(program.code);
  const owner = program.owners.flatMap(([group, count]) => new Array<number>(count).fill(group));
  const { objects } = program;
  const { start, finish } = schedule(instructions, instructions.map(({ wait }) => wait), target, { owners: objects === undefined ? owner : owner.map((group) => objects[group]!) });
  const after = dependenciesOf(instructions);
  const before = instructions.map((): number[] => []);
  after.forEach((list, i) => list.forEach((other) => before[other]!.push(i)));
  const slices = groups.map(() => 0);
  return instructions.map((instruction, i) => {
    const group = owner[i]!;
    const traffic = trafficOf(instruction);
    const prefix = traffic === undefined ? '' : traffic.slice(0, 3);
    const touches: Access[] = [];
    eachNest(instruction, (nest) => touches.push(accessOf(nest)));
    return {
      label: `${prefix}${groups[group]!.label}_${group}_${slices[group]!++}`,
      group, engine: instruction.engine, start: start[i]!, cycles: finish[i]! - start[i]!, instruction,
      after: after[i]!, before: before[i]!, touches, ...(traffic !== undefined && { traffic }),
    };
  });
}

/** A trace for chrome://tracing or Perfetto; `mhz` turns cycles into its microseconds. */
export function traceText(names: UnitNames, program: Program, tasks: readonly Task[], { mhz }: { mhz: number }): string {
  const called = (list: readonly number[]): string => list.map((i) => tasks[i]!.label).join(',');
  const events = tasks.map(({ label, group, engine, start, cycles, after, before, touches, traffic }, index) => {
    const described = (reads: boolean): string => touches.filter(({ use }) => use !== (reads ? 'write' : 'read')).map((access) => placeOf(names, program.edges, group, access)).join(',');
    return {
      name: label, cat: called(after), ph: 'X', pid: names.unit, tid: lanes[engine], ts: start / mhz, dur: cycles / mhz,
      ...(traffic !== undefined && { cname: colours[traffic] }),
      args: {
        label, inputs: described(true), outputs: described(false), ...(traffic !== undefined && { cname: traffic }),
        starts: start, dur: cycles, index, dep_by: called(before),
      },
    };
  });
  // A line an event: viewers don't mind, and people can search.
  return `{"displayTimeUnit":"ns","traceEvents":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}

/** The instructions that the wait words name: the last one of each engine that must have completed. */
function dependenciesOf(instructions: readonly Decoded[]): number[][] {
  const issued: number[][] = engines.map(() => []);
  return instructions.map(({ engine, wait }, i) => {
    const after = wait.flatMap((count, e) => (count === 0 ? [] : [issued[e]![count - 1]!]));
    issued[engineIndex[engine]]!.push(i);
    return after;
  });
}

function trafficOf({ name, addresses }: Decoded): Traffic | undefined {
  if (name === 'store') return addresses['to']!.space === space.swap ? 'st:ddr_swap' : 'st:output';
  if (name !== 'load') return undefined;
  const from = addresses['from']!.space;
  if (from === space.params) return 'ld:param';
  return from >= space.input && from < space.output ? 'ld:input' : 'ld:ddr_swap';
}

/** `name - ddr_swap:[from:to]`: the tensor, or whose constants or buffer it is, and the bytes. */
function placeOf({ groups, edges }: UnitNames, residences: readonly Residence[], group: number, { operand, space: where, start, end }: Access): string {
  const { label, inputs, output } = groups[group]!;
  const bytes = `[${start}:${end}]`;
  if (where === space.params) return `${label} - params`;
  const edge = [...inputs, output].find((e) => {
    const { space: at, offset } = residences[e]!;
    return at === where && start >= offset && end <= offset + edges[e]!.bytes;
  });
  const name = edge === undefined ? `${label}.${operand}` : edges[edge]!.name;
  const memory = where === space.ocm ? 'ocm_base' : where === space.swap ? 'ddr_swap' : where < space.output ? 'input' : 'output';
  return `${name} - ${memory}:${bytes}`;
}
