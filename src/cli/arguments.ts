// Reads argv by the table of commands. Loads nothing of the toolchain, so that an unchanged goal is answered fast. Values of
// configuration flags stay texts here; config/flags.ts reads them by their field's type.
import { Fault, nearest } from '../base/fault.ts';
import type { Field } from '../config/field.ts';
import { boolWords, type FlagValues } from '../config/flags.ts';
import { flagsOf } from '../config/schema.ts';
import { commands, type Command, type Option } from './commands.ts';

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
    const value = own.value === undefined ? '' : this.optionValue(own, attached);
    const before = own.many === true ? this.options[own.name] : undefined;
    this.options[own.name] = before === undefined ? value : `${before},${value}`;
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
  const facts = near !== undefined ? [['try', near] as const] : known.length <= 20 ? [['known', known.join(', ')] as const] : [['try', '--help'] as const];
  return new Fault({ exit: 2, what, facts });
}
