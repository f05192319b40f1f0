// Reads the text form that graph/print writes.
import { isDigest, type Digest } from '../base/digest.ts';
import { dtypes, type DType } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import type { Attribute, Graph, Node, TensorType, Weight } from './graph.ts';

const tokenPattern = /\s*(->|::|[=(),@]|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|"(?:[^"\\]|\\.)*"|-?[0-9.]+(?:e[+-]?[0-9]+)?(?![A-Za-z0-9/._-])|[A-Za-z0-9/._][A-Za-z0-9/._-]*)/y;

/** Throws a Fault that names the line. Untyped tensors stay untyped. */
export function parseGraph(text: string): Graph {
  const graph = { name: '', nodes: [] as Node[], inputs: [] as string[], outputs: [] as string[], weights: {} as Record<string, Weight>, types: {} as Record<string, TensorType> };
  text.split('\n').forEach((source, i) => {
    if (source.trim() === '') return;
    const line = new Line(source, i + 1);
    const first = line.name();
    if (line.accept('=')) graph.nodes.push(line.node(first, graph.types));
    else if (first === 'graph') graph.name = line.name();
    else if (first === 'input') graph.inputs.push(line.tensor(graph.types));
    else if (first === 'output') graph.outputs.push(line.name());
    else if (first === 'weight') graph.weights[line.name()] = { ...line.type(), digest: line.digest() };
    else throw line.fault(`a line can't start with "${first}"`);
    line.end();
  });
  return graph;
}

/** The tokens of one line, from left to right. */
class Line {
  readonly #tokens: string[] = [];
  readonly #source: string;
  readonly #number: number;
  #at = 0;

  constructor(source: string, number: number) {
    this.#source = source;
    this.#number = number;
    const pattern = new RegExp(tokenPattern);
    while (source.slice(pattern.lastIndex).trim() !== '') {
      const rest = pattern.lastIndex;
      const match = pattern.exec(source);
      if (match === null) throw this.fault(`can't read "${source.slice(rest).trim()}"`);
      this.#tokens.push(match[1]!);
    }
  }

  fault(what: string): Fault {
    return new Fault({ place: { file: 'graph text', line: this.#number, text: this.#source }, what });
  }

  next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.fault('the line ends too early');
    return token;
  }

  accept(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  expect(token: string): void {
    const found = this.next();
    if (found !== token) throw this.fault(`"${token}" is due, not "${found}"`);
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.fault(`"${this.#tokens[this.#at]}" is too much`);
  }

  /** A bare or quoted name; '' for `_`. */
  name(): string {
    const token = this.next();
    if (token === '_') return '';
    if (token.startsWith('"')) return JSON.parse(token) as string;
    if (!/^[A-Za-z0-9/._]/.test(token)) throw this.fault(`a name is due, not "${token}"`);
    return token;
  }

  type(): TensorType {
    const dtype = this.next();
    if (!Object.hasOwn(dtypes, dtype)) throw this.fault(`"${dtype}" is no element type`);
    const shape = JSON.parse(this.next()) as number[];
    return { dtype: dtype as DType, shape };
  }

  digest(): Digest {
    const token = this.next();
    if (!isDigest(token)) throw this.fault(`"${token}" is no digest`);
    return token;
  }

  /** A name, and its type if one follows, noted in `types`. */
  tensor(types: Record<string, TensorType>): string {
    const name = this.name();
    if (Object.hasOwn(dtypes, this.#tokens[this.#at] ?? '')) types[name] = this.type();
    return name;
  }

  node(name: string, types: Record<string, TensorType>): Node {
    const word = this.name();
    const [domain, op] = this.accept('::') ? [word, this.name()] : ['', word];
    this.expect('(');
    const inputs: string[] = [];
    while (!this.accept(')')) {
      if (inputs.length > 0) this.expect(',');
      inputs.push(this.name());
    }
    const attributes: Record<string, Attribute> = {};
    while (!this.accept('->')) {
      const key = this.name();
      this.expect('=');
      attributes[key] = this.attribute();
    }
    const outputs = [this.tensor(types)];
    while (this.accept(',')) outputs.push(this.tensor(types));
    return { name, op, domain, inputs, outputs, attributes };
  }

  attribute(): Attribute {
    if (Object.hasOwn(dtypes, this.#tokens[this.#at] ?? '')) {
      const type = this.type();
      this.expect('@');
      return { tensor: { ...type, digest: this.digest() } };
    }
    const token = this.next();
    try {
      return JSON.parse(token) as Attribute;
    } catch (error) {
      if (error instanceof SyntaxError) throw this.fault(`"${token}" is no value`);
      throw error;
    }
  }
}
