// When each instruction of a program runs, by the cost model: four queues in order, each instruction starting when its queue is free and
// what it waits for has finished.
import type { Target } from '../targets/target.ts';
import { costOf } from './cost.ts';
import type { Decoded } from './decode.ts';
import type { Waits } from './dependencies.ts';
import { engines, type Engine } from './isa.ts';

export interface Schedule {
  readonly start: readonly number[];
  readonly finish: readonly number[];
  /** Length of the whole, in cycles. */
  readonly cycles: number;
  readonly busy: Readonly<Record<Engine, number>>;
  /** DMA cycles during which another engine computes. */
  readonly overlapCycles: number;
}

export function schedule(instructions: readonly Decoded[], waits: Waits, target: Target): Schedule {
  const finished: number[][] = engines.map(() => []);
  const busy = engines.map(() => 0);
  const start: number[] = [];
  const finish: number[] = [];
  instructions.forEach((instruction, i) => {
    const engine = engines.indexOf(instruction.engine);
    let at = finished[engine]!.at(-1) ?? 0;
    waits[i]!.forEach((count, other) => {
      if (count > 0) at = Math.max(at, finished[other]![count - 1]!);
    });
    const cycles = costOf(instruction, target);
    busy[engine]! += cycles;
    start.push(at);
    finish.push(at + cycles);
    finished[engine]!.push(at + cycles);
  });
  return {
    start,
    finish,
    cycles: finish.reduce((a, b) => Math.max(a, b), 0),
    busy: { conv: busy[0]!, teng: busy[1]!, cv: busy[2]!, sdma: busy[3]! },
    overlapCycles: overlap(instructions, start, finish),
  };
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
