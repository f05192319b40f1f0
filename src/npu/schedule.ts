// When each instruction of a program runs, by the cost model: four queues in order, each instruction starting when its queue is free and
// what it waits for has finished; and one group computing after the other.
import type { Target } from '../targets/target.ts';
import { costOf } from './cost.ts';
import type { Decoded } from './decode.ts';
import { engineIndex, type Waits } from './dependencies.ts';
import { engines, type Engine } from './isa.ts';

export interface Timeline {
  readonly start: readonly number[];
  readonly finish: readonly number[];
  /** Length of the whole, in cycles. */
  readonly cycles: number;
  readonly busy: Readonly<Record<Engine, number>>;
}

export interface Schedule extends Timeline {
  /** DMA cycles during which another engine computes. */
  readonly overlapCycles: number;
}

export interface ScheduleOptions {
  /** Which group each instruction is of: groups compute one after the other, and the first instruction of each takes the handover. Absent: all of one. */
  readonly owners?: readonly number[];
  /** Transfers that have been made before. */
  readonly done?: ReadonlySet<Decoded>;
}

export function schedule(instructions: readonly Decoded[], waits: Waits, target: Target, options: ScheduleOptions = {}): Schedule {
  const timeline = timelineOf(instructions, waits, target, options);
  return { ...timeline, overlapCycles: overlap(instructions, timeline.start, timeline.finish) };
}

/** A schedule without what only a report asks for. */
export function timelineOf(instructions: readonly Decoded[], waits: Waits, target: Target, { owners, done }: ScheduleOptions = {}): Timeline {
  const finished: number[][] = engines.map(() => []);
  const busy = { conv: 0, teng: 0, cv: 0, sdma: 0 };
  const start: number[] = [];
  const finish: number[] = [];
  let end = 0;
  const turn: Turn = { owner: undefined, opens: 0, computed: 0 };
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i]!;
    const own = finished[engineIndex[instruction.engine]]!;
    const wait = waits[i]!;
    let at = own.length === 0 ? 0 : own[own.length - 1]!;
    for (let other = 0; other < wait.length; other++) {
      const count = wait[other]!;
      if (count > 0) at = Math.max(at, finished[other]![count - 1]!);
    }
    let cycles = done?.has(instruction) === true ? 0 : costOf(instruction, target);
    if (owners !== undefined && instruction.engine !== 'sdma') {
      if (owners[i] !== turn.owner) cycles += handOver(turn, owners[i]!, target.handoverCycles);
      at = Math.max(at, turn.opens);
      turn.computed = Math.max(turn.computed, at + cycles);
    }
    busy[instruction.engine] += cycles;
    start.push(at);
    finish.push(at + cycles);
    own.push(at + cycles);
    end = Math.max(end, at + cycles);
  }
  return { start, finish, cycles: end, busy };
}

/** Which group computes, from when on, and until when anything has computed so far. */
interface Turn {
  owner: number | undefined;
  opens: number;
  computed: number;
}

/** What the turn costs: nothing for the first group. */
function handOver(turn: Turn, owner: number, handoverCycles: number): number {
  const cycles = turn.owner === undefined ? 0 : handoverCycles;
  turn.opens = turn.computed;
  turn.owner = owner;
  return cycles;
}

type Span = readonly [number, number];

function overlap(instructions: readonly Decoded[], start: readonly number[], finish: readonly number[]): number {
  const spans = (dma: boolean): Span[] => instructions
    .flatMap(({ engine }, i): Span[] => ((engine === 'sdma') === dma ? [[start[i]!, finish[i]!]] : []))
    .sort((a, b) => a[0] - b[0]);
  const computing: [number, number][] = [];
  for (const [from, to] of spans(false)) {
    const last = computing.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else computing.push([from, to]);
  }
  let [cycles, next] = [0, 0];
  for (const [from, to] of spans(true)) {
    while (next < computing.length && computing[next]![1] <= from) next++;
    for (let i = next; i < computing.length && computing[i]![0] < to; i++) cycles += Math.min(to, computing[i]![1]) - Math.max(from, computing[i]![0]);
  }
  return cycles;
}
