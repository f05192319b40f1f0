// Toy tasks for the engine's tests. Those that watch or break things reach outside on purpose.
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { textOf, utf8 } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { Fault } from '../../src/base/fault.ts';
import { defineTask, type AnyTask } from '../../src/engine/task.ts';

/** Joins texts; `bytes` pads the result, so that it becomes a file of the cache. */
export const join = defineTask({
  name: 'join',
  about: 'Joins texts with a word between.',
  options: z.strictObject({ word: z.string().default('+'), bytes: z.number().default(0), say: z.string().optional() }),
  inputs: { from: 'many' },
  outputs: ['text'],
  async run({ options, inputs, say }) {
    if (options.say !== undefined) say(options.say);
    return { text: utf8(joined(inputs('from').map(textOf), options)) };
  },
});

/** What join writes: the model of the random tests calls it too. */
export function joined(texts: readonly string[], { word, bytes }: { word: string; bytes: number }): string {
  const all = texts.join(word);
  // Long texts are hashed, so that deep plans stay small.
  return (all.length > 200 ? digestOf(all) : `(${all})`).padEnd(bytes, '.');
}

/** The first letters only: an edit behind them is cut off here. */
export const head = defineTask({
  name: 'head',
  about: 'The first letters of a text.',
  options: z.strictObject({ letters: z.number() }),
  inputs: { text: 'one' },
  outputs: ['text'],
  run: async ({ options, input }) => ({ text: utf8(textOf(input('text')).slice(0, options.letters)) }),
});

/** Each line a blob, the index naming them. */
export const lines = defineTask({
  name: 'lines',
  about: 'Keeps each line as a blob.',
  options: z.strictObject({ bytes: z.number().default(0) }),
  inputs: { text: 'one' },
  outputs: ['index'],
  async run({ options, input, keep }) {
    const refs = textOf(input('text')).split('\n').map((line) => keep(utf8(line.padEnd(options.bytes, '.'))));
    return { index: { bytes: utf8(refs.join('\n')), refs } };
  },
});

/** Reads one of those blobs. */
export const pick = defineTask({
  name: 'pick',
  about: 'One line of an index.',
  options: z.strictObject({ line: z.number() }),
  inputs: { index: 'one' },
  outputs: ['text'],
  run: async ({ options, input, blob }) => ({ text: blob(textOf(input('index')).split('\n')[options.line] as Digest).slice() }),
});

export const trouble = defineTask({
  name: 'trouble',
  about: 'Fails in the way that the option says.',
  options: z.strictObject({ how: z.enum(['fault', 'bug', 'die', 'exit', 'hoard', 'undeclared', 'unkept', 'chance', 'none']), n: z.number().default(0) }),
  inputs: { from: 'optional' },
  outputs: ['text'],
  async run({ options: { how, n }, say }) {
    say(`about to ${how}`);
    if (how === 'fault') throw new Fault({ what: 'the toy is broken', facts: [['try', 'another toy']] });
    if (how === 'bug') throw new TypeError('a toy bug');
    if (how === 'die') process.kill(process.pid, 'SIGKILL');
    if (how === 'hoard') for (const hoard: number[][] = []; ; ) hoard.push(new Array<number>(100_000).fill(n));
    if (how === 'exit') {
      process.stderr.write('the toy gives up\n');
      process.exit(3);
    }
    if (how === 'undeclared') return { text: utf8(''), more: utf8('') };
    if (how === 'unkept') return { text: { bytes: utf8(''), refs: [digestOf('never kept')] } };
    if (how === 'chance') return { text: utf8(String(process.hrtime.bigint())) };
    return { text: utf8(`fine ${n}`) };
  },
});

/** Notes in a file when it starts and ends, so that a test can add up what ran together. */
const meter = (name: string, need: { cores: number; memoryBytes: number }): AnyTask =>
  defineTask({
    name,
    about: 'Notes what runs at the same time.',
    options: z.strictObject({ file: z.string(), n: z.number(), ms: z.number() }),
    inputs: {},
    outputs: ['text'],
    ...need,
    async run({ options: { file, n, ms } }) {
      appendFileSync(file, `${need.cores} ${need.memoryBytes}\n`);
      for (const until = performance.now() + ms; performance.now() < until; );
      appendFileSync(file, `-${need.cores} -${need.memoryBytes}\n`);
      return { text: utf8(String(n)) };
    },
  });
export const meterSmall = meter('meter-small', { cores: 1, memoryBytes: 10 });
export const meterWide = meter('meter-wide', { cores: 2, memoryBytes: 10 });
export const meterFat = meter('meter-fat', { cores: 1, memoryBytes: 60 });

/** Waits until a file exists: a test holds a job still with it, without sleeping. */
export const gate = defineTask({
  name: 'gate',
  about: 'Says that it runs, then waits for a file.',
  options: z.strictObject({ started: z.string(), open: z.string(), how: z.enum(['poll', 'spin']).default('poll') }),
  inputs: { from: 'optional' },
  outputs: ['text'],
  async run({ options, input }) {
    const { existsSync } = await import('node:fs');
    appendFileSync(options.started, `${process.pid}\n`);
    while (!existsSync(options.open)) if (options.how === 'poll') await new Promise((done) => setTimeout(done, 2));
    return { text: utf8(`through ${input.length}`) };
  },
});

export const tasks: Readonly<Record<string, () => Promise<AnyTask>>> = Object.fromEntries(
  [join, head, lines, pick, trouble, meterSmall, meterWide, meterFat, gate].map((task: AnyTask) => [task.name, async () => task]),
);
