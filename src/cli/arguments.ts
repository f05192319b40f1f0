// The command line: one table of commands, and the parser that reads argv by it. Loads nothing of the toolchain, so that an unchanged
// goal is answered fast. Values of configuration flags stay texts here; config/flags.ts reads them by their field's type.
import { Fault, nearest } from '../base/fault.ts';
import type { Field } from '../config/field.ts';
import { boolWords, type FlagValues } from '../config/flags.ts';
import { flagsOf, type MessageName } from '../config/schema.ts';

export interface Option {
  readonly name: string;
  readonly letter?: string;
  /** What stands for the value in the help; absent: a switch. */
  readonly value?: string;
  readonly legal?: { readonly text: string; readonly fits: (value: string) => boolean };
  readonly about: string;
}

export interface Command {
  readonly name: string;
  readonly about: string;
  readonly usage: readonly string[];
  readonly examples: readonly (readonly [string, string])[];
  /** What words without dashes are; absent: there are none. */
  readonly words?: string;
  readonly options: readonly Option[];
  /** The message of the schema whose flags it takes. */
  readonly message?: MessageName;
  /** The command whose help lists these flags; absent: its own. */
  readonly settingsIn?: string;
}

const help: Option = { name: 'help', letter: 'h', about: 'Show this.' };
const workspace: Option = { name: 'workspace', value: 'DIR', about: 'Folder of axbuild.yaml and of the cache. Default: the working directory.' };
const cache: Option = { name: 'cache', value: 'DIR', about: 'Folder of the cache. Default: .axbuild/cache in the workspace.' };
const config: Option = { name: 'config', value: 'FILE', about: 'Configuration file (.json, .yaml), for a build without a manifest.' };
const target: Option = { name: 'target', value: 'FILE', about: 'A chip described in a YAML file, in place of target_hardware (docs/targets.md).' };
const json: Option = { name: 'json', about: 'One JSON object, for programs.' };

export const commands: readonly Command[] = [
  {
    name: 'build',
    about: 'Build models into compiled.axmodel, running only what changed.',
    usage: ['axbuild build [goal…] [options]', 'axbuild build --input MODEL --output_dir DIR --config FILE [options]'],
    examples: [
      ['axbuild build', 'every model of axbuild.yaml'],
      ['axbuild build det --compiler.check 2', 'one of them, one setting changed'],
      ['axbuild build --input det.onnx --output_dir output --config det.json', 'without a manifest, as the vendor\'s tool'],
    ],
    words: 'goal',
    options: [
      config, workspace, cache, target,
      { name: 'jobs', letter: 'j', value: 'N', about: 'Jobs at a time. Default: the number of cores.', legal: { text: 'a whole number from 1', fits: (value) => /^[1-9]\d{0,3}$/.test(value) } },
      { name: 'log-format', value: 'plain|json', about: 'Lines for people, or one JSON event a line (docs/events.md). Default: plain.', legal: { text: 'plain, json', fits: (value) => value === 'plain' || value === 'json' } },
      help,
    ],
    message: 'BuildConfig',
  },
  {
    name: 'run',
    about: 'Run a compiled.axmodel on the simulator.',
    usage: ['axbuild run --model FILE --input_dir DIR --output_dir DIR'],
    examples: [
      ['axbuild run --model output/det/compiled.axmodel --input_dir in --output_dir out', 'in/x.bin or in/x.npy -> out/<output>.bin'],
      ['axbuild run --model compiled.axmodel --input_dir in --output_dir out --list cases.txt', 'a folder of in and out for each line of cases.txt'],
    ],
    options: [help],
    message: 'RunConfig',
  },
  {
    name: 'plan',
    about: 'Show what a build would run, without running it.',
    usage: ['axbuild plan [goal…] [options]', 'axbuild plan --input MODEL --output_dir DIR --config FILE [options]'],
    examples: [
      ['axbuild plan', 'what hits, what will run, and what may run if that gives new bytes'],
      ['axbuild plan det --npu_mode NPU3 --all', 'with a setting changed; every job by its name'],
    ],
    words: 'goal',
    options: [config, workspace, cache, target, { name: 'all', letter: 'v', about: 'Name every job, not only the first twenty.' }, help],
    message: 'BuildConfig',
    settingsIn: 'build',
  },
  {
    name: 'why',
    about: 'Show why a job ran in the last build, or why it did not.',
    usage: ['axbuild why JOB [options]'],
    examples: [
      ['axbuild why tile:p2o.Conv.4', 'the task, then the job: what differs from the build before, and where that comes from'],
      ['axbuild why "check det p2o.Conv.4"', 'the job as a build prints it; any part of it that only one job has will do'],
    ],
    words: 'JOB',
    options: [workspace, cache, help],
  },
  {
    name: 'inspect',
    about: 'Show what is in a model: .onnx or .axmodel.',
    usage: ['axbuild inspect FILE [options]'],
    examples: [
      ['axbuild inspect output/det/compiled.axmodel', 'units, programs, tensors, cycles, memory'],
      ['axbuild inspect det.onnx --json', 'inputs, outputs, operators, weights, as JSON'],
    ],
    words: 'FILE',
    options: [json, help],
  },
  {
    name: 'cache',
    about: 'Show what the cache holds, or clear it.',
    usage: ['axbuild cache stats [options]', 'axbuild cache clear [options]'],
    examples: [
      ['axbuild cache stats', 'entries and bytes by task, the cap, the last sweep'],
      ['axbuild cache clear', 'the next build runs everything; outputs stay'],
    ],
    words: 'stats|clear',
    options: [workspace, cache, help],
  },
  {
    name: 'targets',
    about: 'Show the chips and their modes, each number with its source.',
    usage: ['axbuild targets [CHIP…] [options]'],
    examples: [
      ['axbuild targets', 'every chip with its modes'],
      ['axbuild targets AX650', 'all of its numbers, and where each comes from'],
    ],
    words: 'CHIP',
    options: [json, help],
  },
  {
    name: 'help',
    about: 'Show the help of a command.',
    usage: ['axbuild help [command]'],
    examples: [['axbuild help build', 'the same as axbuild build --help']],
    words: 'command',
    options: [help],
  },
  {
    name: 'version',
    about: 'Show the versions of axbuild, of its code, and of what runs it.',
    usage: ['axbuild version'],
    examples: [['axbuild version', 'what a report of a bug should have']],
    options: [help],
  },
];

export interface Arguments {
  readonly command: Command;
  /** Words without dashes: goals of build. */
  readonly words: readonly string[];
  /** The command's own options by name; '' for a switch. */
  readonly options: Readonly<Record<string, string>>;
  /** Flags of the schema, by dotted path. */
  readonly flags: FlagValues;
  readonly wantsHelp: boolean;
}

/** Reads argv (without node and script). Throws a Fault, exit code 2, for what it doesn't know. */
export function parseArguments(argv: readonly string[]): Arguments {
  const [first = 'help', ...rest] = argv;
  if (first === '--help' || first === '-h') return parseArguments(['help', ...rest]);
  if (first === '--version') return parseArguments(['version', ...rest]);
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) {
    throw wrong(`unknown command "${first}"`, commands.map(({ name }) => name), first);
  }
  return new Parser(command, rest).parse();
}

class Parser {
  private readonly command: Command;
  private readonly rest: string[];
  private readonly fields: ReadonlyMap<string, Field>;
  private readonly words: string[] = [];
  private readonly options: Record<string, string> = {};
  private readonly flags: Record<string, readonly string[]> = {};

  constructor(command: Command, argv: readonly string[]) {
    this.command = command;
    this.rest = [...argv];
    this.fields = new Map((command.message === undefined ? [] : flagsOf(command.message)).map(({ path, field }) => [path, field]));
  }

  parse(): Arguments {
    for (let next = this.rest.shift(); next !== undefined; next = this.rest.shift()) {
      if (next === '--') this.rest.splice(0).forEach((word) => this.word(word));
      else if (isFlag(next)) this.flag(next);
      else this.word(next);
    }
    const { command, words, options, flags } = this;
    return { command, words, options, flags, wantsHelp: 'help' in options };
  }

  private word(word: string): void {
    if (this.command.words === undefined) throw new Fault({ exit: 2, what: `axbuild ${this.command.name} takes no word "${word}"`, facts: [['usage', this.command.usage[0] ?? '']] });
    this.words.push(word);
  }

  private flag(text: string): void {
    const [, dashes = '', name = '', , given] = /^(--?)([^=]*)(=([^]*))?$/.exec(text) ?? [];
    const field = dashes === '--' ? this.fields.get(name) : undefined;
    if (field !== undefined) {
      this.flags[name] = given === undefined ? this.valuesFor(name, field) : [given];
      return;
    }
    const own = this.command.options.find((option) => (dashes === '--' ? option.name === name : option.letter === name.slice(0, 1)));
    if (own === undefined) throw wrong(`unknown flag ${dashes}${name}`, this.known(), `--${name}`);
    const attached = dashes === '-' && name.length > 1 ? name.slice(1) : given;
    this.options[own.name] = own.value === undefined ? '' : this.optionValue(own, attached);
  }

  private optionValue(option: Option, given: string | undefined): string {
    const value = given ?? this.take();
    if (value === undefined) throw new Fault({ exit: 2, what: `--${option.name} needs a value`, facts: [['like', `--${option.name} ${option.value}`]] });
    if (option.legal && !option.legal.fits(value)) throw new Fault({ exit: 2, what: `--${option.name} "${value}" makes no sense`, facts: [['known', option.legal.text]] });
    return value;
  }

  /** A bool's value is optional, a list takes all that follows, anything else takes one. */
  private valuesFor(name: string, field: Field): readonly string[] {
    if (field.type === 'bool') return this.rest[0] !== undefined && Object.hasOwn(boolWords, this.rest[0]) ? [this.rest.shift() ?? ''] : [];
    const values: string[] = [];
    for (let value = this.take(); value !== undefined; value = field.repeated ? this.take() : undefined) values.push(value);
    if (values.length === 0) throw new Fault({ exit: 2, what: `--${name} needs a value` });
    return values;
  }

  private take(): string | undefined {
    return this.rest[0] === undefined || isFlag(this.rest[0]) ? undefined : this.rest.shift();
  }

  private known(): readonly string[] {
    return [...this.command.options.map(({ name }) => `--${name}`), ...[...this.fields.keys()].map((path) => `--${path}`)];
  }
}

// "-1" is a value.
function isFlag(text: string): boolean {
  return /^--?[A-Za-z]/.test(text) || text === '--';
}

function wrong(what: string, known: readonly string[], word: string): Fault {
  const near = nearest(word, known);
  const facts = near !== undefined ? [['try', near] as const] : known.length <= 12 ? [['known', known.join(', ')] as const] : [['try', '--help'] as const];
  return new Fault({ exit: 2, what, facts });
}
