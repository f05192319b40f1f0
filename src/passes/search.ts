// What passes ask when they recognise a pattern of nodes.
import type { Graph, Node } from '../graph/graph.ts';
import { consumersOf, producersOf } from '../graph/rewrite.ts';
import type { UnaryCall } from '../ops/group.ts';
import { viewsOf } from '../ops/view.ts';
import type { PassContext } from './pass.ts';

export interface Search {
  /** The node that makes a tensor. */
  maker(tensor: string): Node | undefined;
  /** The same, if nobody but one other node reads it. */
  privateMaker(tensor: string): Node | undefined;
  onlyReader(tensor: string): Node | undefined;
  /** The scalar function of a node, if it is one. */
  call(node: Node): UnaryCall | undefined;
  /** The input of a unary node that is no constant. */
  activation(node: Node): string;
  /** Whether nothing but these nodes reads what they make, the last one's output aside. */
  isClosed(nodes: readonly Node[]): boolean;
}

export function searchIn(graph: Graph, { blobs, opOf }: Pick<PassContext, 'blobs' | 'opOf'>): Search {
  const viewIn = viewsOf(graph, blobs);
  const consumers = consumersOf(graph);
  const producers = producersOf(graph);
  const onlyReader = (tensor: string): Node | undefined => {
    const readers = consumers.get(tensor) ?? [];
    return readers.length === 1 && !graph.outputs.includes(tensor) ? readers[0] : undefined;
  };
  return {
    onlyReader,
    maker: (tensor) => producers.get(tensor),
    privateMaker: (tensor) => (onlyReader(tensor) === undefined ? undefined : producers.get(tensor)),
    call: (node) => opOf(node.op, node.domain)?.unary?.(viewIn(node)),
    activation: (node) => node.inputs.find((tensor) => tensor !== '' && !Object.hasOwn(graph.weights, tensor))!,
    isClosed: (nodes) => nodes.slice(0, -1).every(({ outputs }) =>
      outputs.every((tensor) => !graph.outputs.includes(tensor) && (consumers.get(tensor) ?? []).every((reader) => nodes.includes(reader)))),
  };
}

/** 1/6 as f32, and what exporters print of it. */
export function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(b);
}
