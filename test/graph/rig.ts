// Graphs for tests: from text, and at random.
import { digestOf, type Digest } from '../../src/base/digest.ts';
import type { Attribute, Graph, Node, TensorType, Weight } from '../../src/graph/graph.ts';
import { parseGraph } from '../../src/graph/parse.ts';

/** Graph text in which a digest may be one short word: it stands for that word's digest. */
export function graphOf(text: string): Graph {
  return parseGraph(text.replace(/#(\w+)/g, (_, word: string) => digestOf(word)));
}

export function randomness(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const awkward = ['plain', 'a/b.c-d', 'op_5:out', 'two words', '_', '->', 'input', 'weight', '=', '"quoted"', 'FP32', '12', '1e5', '-1', 'ünï', 'a,b', '[x]', '@', '::', 'tab\tnew\nline'];

/** A well-formed graph whose names are as awkward as names can be. */
export function randomGraph(next: (below: number) => number): Graph {
  const used = new Set<string>();
  const fresh = (): string => {
    let name = awkward[next(awkward.length)]!;
    while (used.has(name)) name += `.${next(10)}`;
    used.add(name);
    return name;
  };
  const type = (): TensorType => ({ dtype: (['FP32', 'S64', 'U8', 'BOOL'] as const)[next(4)]!, shape: Array.from({ length: next(5) }, () => next(7)) });
  const weight = (): Weight => ({ ...type(), digest: digestOf(String(next(1000))) as Digest });
  const attribute = (): Attribute => ([next(100) - 50, 0.1 + next(9), 'text "x" [1]', [1, -2.5, 3], [], ['a]', ','], { tensor: weight() }] as const)[next(7)]!;

  const types: Record<string, TensorType> = {};
  const weights: Record<string, Weight> = {};
  const inputs = Array.from({ length: 1 + next(3) }, fresh);
  for (const tensor of inputs) types[tensor] = type();
  for (let i = 0; i < next(4); i++) weights[fresh()] = weight();
  const known = [...inputs, ...Object.keys(weights)];
  const names = new Set<string>();
  const nodes = Array.from({ length: 1 + next(6) }, (): Node => {
    let name = awkward[next(awkward.length)]!;
    while (names.has(name)) name += '+';
    names.add(name);
    const read = Array.from({ length: next(4) }, () => (next(5) === 0 ? '' : known[next(known.length)]!));
    const made = Array.from({ length: 1 + next(2) }, (_, i) => (i > 0 && next(3) === 0 ? '' : fresh()));
    for (const tensor of made.filter((one) => one !== '')) {
      known.push(tensor);
      if (next(4) > 0) types[tensor] = type();
    }
    const keys = ['alpha', 'group', 'odd key', 'FP32'].slice(0, next(5));
    return { name, op: ['Conv', 'Weird Op'][next(2)]!, domain: ['', 'com.example', 'a b'][next(3)]!, inputs: read, outputs: made, attributes: Object.fromEntries(keys.map((key) => [key, attribute()])) };
  });
  return { name: fresh(), nodes, inputs, outputs: [...new Set([known.at(-1)!, inputs[0]!])], weights, types };
}
