// The vendor's JSON: comments (//, #, /* */) and trailing commas are allowed. Keeps the place of every key and value.
import { Fault } from '../base/fault.ts';
import { placeOfSpan, type Entry, type Mapping, type Source, type Tree } from './tree.ts';

/** Throws a Fault at the first character that can't be read. */
export function readRelaxedJson(source: Source & { readonly text: string }): Tree {
  const reader = new Reader(source);
  const tree = reader.value();
  reader.expectEnd();
  return tree;
}

const deepest = 64;
const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const wordForm = /[A-Za-z_][\w.]*/y;
const stringForm = /"(?:[^"\\\n]|\\["\\/bfnrtu])*"/y;
const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

class Reader {
  private readonly source: Source;
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(source: Source & { readonly text: string }) {
    this.source = source;
    this.text = source.text;
    if (this.text.startsWith('\ufeff')) this.at = 1;
  }

  value(): Tree {
    this.skip();
    const next = this.text[this.at];
    if (next === '{') return this.nested(() => this.map());
    if (next === '[') return this.nested(() => this.list());
    const start = this.at;
    return { kind: 'scalar', value: this.scalar(), span: this.span(start) };
  }

  expectEnd(): void {
    this.skip();
    if (this.at < this.text.length) this.fail('more text after the end of the configuration');
  }

  private map(): Mapping {
    const start = this.at++;
    const entries: Entry[] = [];
    for (;;) {
      this.skip();
      if (this.take('}')) return { kind: 'map', entries, span: this.span(start) };
      const keyStart = this.at;
      if (this.text[this.at] !== '"') this.fail('expected a key in double quotes, or }');
      const key = this.string();
      const keySpan = this.span(keyStart);
      const before = entries.find((entry) => entry.key === key);
      if (before) {
        const first = placeOfSpan(before.keySpan);
        throw new Fault({ exit: 2, place: placeOfSpan(keySpan), what: `"${key}" is set twice`, facts: [['first', `line ${first.line}, column ${first.column}`]] });
      }
      this.skip();
      if (!this.take(':')) this.fail(`expected : after "${key}"`);
      entries.push({ key, keySpan, value: this.value() });
      this.separator('}');
    }
  }

  private list(): Tree {
    const start = this.at++;
    const items: Tree[] = [];
    for (;;) {
      this.skip();
      if (this.take(']')) return { kind: 'list', items, span: this.span(start) };
      items.push(this.value());
      this.separator(']');
    }
  }

  private separator(close: string): void {
    this.skip();
    if (!this.take(',') && this.text[this.at] !== close) this.fail(`expected , or ${close}`);
  }

  private scalar(): string | number | boolean | null {
    if (this.text[this.at] === '"') return this.string();
    const number = this.match(numberForm);
    if (number !== undefined) {
      if (!Number.isFinite(Number(number))) this.fail(`${number} is too large a number`, number.length);
      this.at += number.length;
      return Number(number);
    }
    const word = this.match(wordForm);
    if (word !== undefined && Object.hasOwn(words, word)) {
      this.at += word.length;
      return words[word] ?? null;
    }
    return this.fail(word === undefined ? 'expected a value' : `expected a value: texts stand in double quotes`, word?.length);
  }

  private string(): string {
    const raw = this.match(stringForm);
    if (raw === undefined) return this.fail('this text does not end on its line, or has an unknown escape');
    const start = this.at;
    this.at += raw.length;
    try {
      return String(JSON.parse(raw.replaceAll('\t', '\\t')));
    } catch {
      this.at = start;
      return this.fail('this text has an unknown escape or a control character', raw.length);
    }
  }

  private nested(read: () => Tree): Tree {
    if (++this.depth > deepest) this.fail(`nested deeper than ${deepest} levels`);
    const tree = read();
    this.depth--;
    return tree;
  }

  private skip(): void {
    const space = /(?:[\s\ufeff]+|\/\/[^\n]*|#[^\n]*|\/\*[^]*?\*\/)*/y;
    space.lastIndex = this.at;
    this.at += space.exec(this.text)?.[0].length ?? 0;
    if (this.text.startsWith('/*', this.at)) this.fail('this comment does not end', 2);
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private match(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    return form.exec(this.text)?.[0];
  }

  private span(start: number): Tree['span'] {
    return { source: this.source, start, end: this.at };
  }

  private fail(what: string, width = 1): never {
    const found = this.at >= this.text.length ? `${what}, but the file ends here` : what;
    throw new Fault({ exit: 2, place: placeOfSpan({ source: this.source, start: this.at, end: this.at + width }), what: found });
  }
}
