// Executes a linked program: decodes its words, checks them, and runs them one by one in program order on the kernels. Shares only
// docs/integer-spec.md with the operators it is checked against.
import { Fault } from '../base/fault.ts';
import { accesses, type Access } from './access.ts';
import { checkBounds, checkSizes, spaceBytes } from './bounds.ts';
import { decode, faultAt, type Decoded } from './decode.ts';
import { checkHazards, checkWaits } from './hazards.ts';
import { space } from './isa.ts';
import { checkLegal } from './legal.ts';
import type { Program } from './object.ts';
import { checkPoison } from './poison.ts';
import { makeArena, releaseArena, reserveScratch, type Arena } from './simulate/arena.ts';
import { printSpace } from './text.ts';

/** Bytes to copy out after instruction `after` (-1: before the first). */
export interface Probe {
  readonly after: number;
  readonly space: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface SimulateOptions {
  /** Also: every byte read was written before, engines are ordered where they must be, and memory starts as a pattern. */
  readonly strict?: boolean;
  readonly probes?: readonly Probe[];
}

export interface Simulation {
  readonly outputs: Uint8Array[];
  /** In the order of `options.probes`. */
  readonly probes: Uint8Array[];
  /** Accumulators that left their width. */
  readonly saturations: number;
}

/** Program, or as much of one as execution needs. */
export type Runnable = Pick<Program, 'code' | 'ocmBytes' | 'paramsBytes' | 'swapBytes' | 'inputs' | 'outputs'>;

/** What stands in memory before anything is written, in strict runs. */
const poisonByte = 0xa5;

/** Throws a Fault where the program breaks a rule of docs/program-format.md or doesn't fit what it is given. */
export function simulate(program: Runnable, params: Uint8Array, inputs: readonly Uint8Array[], options: SimulateOptions = {}): Simulation {
  const strict = options.strict ?? false;
  checkGiven(program, params, inputs);
  const instructions = checkProgram(program, { strict });
  const arena = makeArena(program, program.code.length);
  writeCode(arena, program.code, instructions);
  reserveScratch(arena, scratchBytes(arena, instructions));
  fillMemory(arena, program, { params, inputs, fill: strict ? poisonByte : 0 });
  const result = execute(arena, program, instructions, options.probes ?? []);
  releaseArena(arena);
  return result;
}

/** Everything that can be known of a program without running it; `strict` adds poison and hazards. */
export function checkProgram(program: Runnable, { strict }: { strict: boolean }): Decoded[] {
  checkSizes(program);
  const instructions = decode(program.code);
  const touched: Access[][] = [];
  for (const d of instructions) {
    checkLegal(d);
    const list = accesses(d);
    checkBounds(d, list, program);
    touched.push(list);
  }
  checkWaits(instructions);
  if (strict) {
    checkPoison(instructions, touched, program);
    checkHazards(instructions, touched);
  }
  return instructions;
}

function checkGiven(program: Runnable, params: Uint8Array, inputs: readonly Uint8Array[]): void {
  if (params.byteLength !== program.paramsBytes) throw new Fault({ what: `the program needs ${program.paramsBytes} bytes of params, not ${params.byteLength}` });
  if (inputs.length !== program.inputs.length) throw new Fault({ what: `the program needs ${program.inputs.length} inputs, not ${inputs.length}` });
  program.inputs.forEach(({ bytes }, i) => {
    if (inputs[i]!.byteLength !== bytes) throw new Fault({ what: `input ${i} needs ${bytes} bytes, not ${inputs[i]!.byteLength}` });
  });
}

function writeCode(arena: Arena, code: Uint32Array, instructions: readonly Decoded[]): void {
  const words = new Uint32Array(arena.kernels.memory.buffer, arena.code, code.length);
  words.set(code);
  for (const { at, form, addresses } of instructions) {
    for (const { name, kind, word } of form.slots) {
      if (kind !== 'addr') continue;
      const address = addresses[name]!;
      words[at + word] = address.space === space.none ? 0 : arena.bases.get(address.space)! + address.offset;
    }
  }
}

/** What the greediest instruction needs. */
function scratchBytes({ kernels, code }: Arena, instructions: readonly Decoded[]): number {
  let most = kernels.scratchBytes;
  for (const { name, at } of instructions) {
    const kernel = kernels.byName.get(name)!;
    if (kernel.scratchBytes !== undefined) most = Math.max(most, kernel.scratchBytes(code + 4 * at));
  }
  return most;
}

function fillMemory(arena: Arena, program: Runnable, { params, inputs, fill }: { params: Uint8Array; inputs: readonly Uint8Array[]; fill: number }): void {
  const memory = new Uint8Array(arena.kernels.memory.buffer);
  const given = (where: number): boolean => where === space.params || (where >= space.input && where < space.output);
  for (const [where, base] of arena.bases) if (!given(where)) memory.fill(fill, base, base + spaceBytes(program, where)!);
  memory.set(params, arena.bases.get(space.params)!);
  inputs.forEach((bytes, i) => memory.set(bytes, arena.bases.get(space.input + i)!));
}

function execute(arena: Arena, program: Runnable, instructions: readonly Decoded[], probes: readonly Probe[]): Simulation {
  const memory = new Uint8Array(arena.kernels.memory.buffer);
  const copy = (where: number, offset: number, bytes: number): Uint8Array => {
    const start = arena.bases.get(where)! + offset;
    return memory.slice(start, start + bytes);
  };
  const waiting = new Map<number, number[]>();
  probes.forEach((probe, i) => {
    const bytes = spaceBytes(program, probe.space);
    if (bytes === undefined || probe.offset + probe.bytes > bytes) throw new Error(`BUG: probe ${i} lies outside of ${printSpace(probe.space)}`);
    waiting.set(probe.after, [...(waiting.get(probe.after) ?? []), i]);
  });
  const probed: Uint8Array[] = probes.map(() => new Uint8Array(0));
  const probe = (after: number): void => {
    for (const i of waiting.get(after) ?? []) probed[i] = copy(probes[i]!.space, probes[i]!.offset, probes[i]!.bytes);
  };
  let saturations = 0;
  probe(-1);
  for (const d of instructions) {
    const count = arena.kernels.byName.get(d.name)!.run(arena.code + 4 * d.at, arena.scratch);
    if (count < 0) throw faultAt(d, `the parameters of channel ${-1 - count} can't be`, [['known', 'bias within S48, multiplier 0 or 2^30 … 2^31 - 1 (at shift 62 all from 0), shift 17 … 62']]);
    saturations += count;
    if (waiting.has(d.index)) probe(d.index);
  }
  return { outputs: program.outputs.map(({ bytes }, i) => copy(space.output + i, 0, bytes)), probes: probed, saturations };
}
