// YAML 1.2, through the yaml package; its ranges give the place of every key and value. Aliases and << are followed.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node, type Pair } from 'yaml';
import { Fault } from '../base/fault.ts';
import { emptyMap, placeOfSpan, type Entry, type Mapping, type Source, type Span, type Tree } from './tree.ts';

const nodesMost = 100_000; // aliases can multiply a small text without end
const deepest = 64;

/** Throws a Fault for what is no YAML. */
export function readYaml(source: Source & { readonly text: string }): Tree {
  const documents = parseAllDocuments(source.text, { prettyErrors: false, lineCounter: new LineCounter(), strict: true });
  if ('empty' in documents || documents.length === 0) return emptyMap(source.file);
  const first = documents[0];
  const second = documents[1];
  if (first === undefined) return emptyMap(source.file);
  const [error] = first.errors; // the others are mostly its echo
  if (error !== undefined) {
    const [start, end] = error.pos;
    throw new Fault({ exit: 2, place: placeOfSpan({ source, start, end }), what: `this is no YAML: ${sentence(error.message)}` });
  }
  if (second !== undefined) {
    throw new Fault({ exit: 2, place: placeOfSpan({ source, start: second.range[0], end: second.range[0] + 1 }), what: 'a second document: one configuration a file' });
  }
  return first.contents === null ? emptyMap(source.file) : new Walk(source, first).tree(first.contents, 0);
}

// The package's messages end in a full stop or in nothing.
function sentence(message: string): string {
  const text = message.replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

class Walk {
  private readonly source: Source;
  private readonly document: Document;
  private nodes = 0;

  constructor(source: Source, document: Document) {
    this.source = source;
    this.document = document;
  }

  tree(node: Node, depth: number): Tree {
    const span = this.span(node);
    if (depth > deepest) throw new Fault({ exit: 2, place: placeOfSpan(span), what: `nested deeper than ${deepest} levels` });
    if (++this.nodes > nodesMost) throw new Fault({ exit: 2, place: placeOfSpan(span), what: `more than ${nodesMost} values, aliases counted` });
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target === undefined) throw new Fault({ exit: 2, place: placeOfSpan(span), what: `nothing is anchored as &${node.source}` });
      return this.tree(target, depth + 1);
    }
    if (isMap(node)) return this.map(node.items as readonly Pair<Node, Node | null>[], { span, depth }); // composed documents hold nodes
    if (isSeq(node)) return { kind: 'list', span, items: (node.items as readonly Node[]).map((item) => this.tree(item, depth + 1)) };
    if (isScalar(node)) {
      const { value } = node;
      if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', span, value };
    }
    throw new Fault({ exit: 2, place: placeOfSpan(span), what: 'expected a map, a list, a text, a number, true or false' });
  }

  private map(pairs: readonly Pair<Node, Node | null>[], { span, depth }: { span: Span; depth: number }): Mapping {
    const own: Entry[] = [];
    const merged: Entry[] = [];
    for (const { key: keyNode, value } of pairs) {
      const keySpan = this.span(keyNode);
      if (!isScalar(keyNode)) throw new Fault({ exit: 2, place: placeOfSpan(keySpan), what: 'a key is a plain text' });
      const key = String(keyNode.value);
      const tree: Tree = value === null ? { kind: 'scalar', span: keySpan, value: null } : this.tree(value, depth + 1);
      if (key === '<<') merged.push(...entriesOf(tree));
      else own.push({ key, keySpan, value: tree });
    }
    const seen = new Set(own.map(({ key }) => key));
    const inherited = merged.filter(({ key }) => !seen.has(key) && seen.add(key));
    return { kind: 'map', span, entries: [...own, ...inherited] };
  }

  private span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    return { source: this.source, start, end };
  }
}

function entriesOf(tree: Tree): readonly Entry[] {
  if (tree.kind === 'map') return tree.entries;
  if (tree.kind === 'list') return tree.items.flatMap(entriesOf);
  throw new Fault({ exit: 2, place: placeOfSpan(tree.span), what: '<< takes a map' });
}
