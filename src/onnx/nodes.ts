// Nodes of an ONNX graph: known operators, unique names, single producers, topological order. What a model breaks of these is a Fault.
import { Fault, nearest } from '../base/fault.ts';
import { canonicalOpset, type Attribute, type Keep, type Node } from '../graph/graph.ts';
import { producersOf, sortNodes } from '../graph/rewrite.ts';
import { readAttribute } from './attributes.ts';
import type { onnx } from './codec.ts';
import { missing, unknownOperators } from './operators.ts';
import { checkTensorName, type TensorSource } from './tensors.ts';

export interface NodeOptions {
  readonly source: TensorSource;
  readonly keep: Keep;
  readonly opset: number;
  /** Runtime inputs and weights. */
  readonly defined: ReadonlySet<string>;
}

/** Nodes as the model has them, in its order where that is topological. */
export function readNodes(graph: onnx.GraphProto, { source, keep, opset, defined }: NodeOptions): readonly Node[] {
  const { file } = source;
  const names = nodeNames(graph.node);
  checkOperators(graph.node, { file, opset });
  const nodes = graph.node.map((node, i): Node => {
    const name = names[i]!;
    node.output.forEach((tensor) => checkTensorName(tensor, file));
    const attributes: Record<string, Attribute> = {};
    for (const attribute of node.attribute) attributes[attribute.name] = readAttribute(attribute, { node: name, op: node.opType, source, keep });
    return { name, op: node.opType, domain: '', inputs: node.input, outputs: node.output, attributes };
  });
  checkProducers(nodes, { file, defined });
  const position = new Map(nodes.map((node, i) => [node, i]));
  const cycle = cycleOf(nodes);
  if (cycle !== undefined) throw new Fault({ place: { file }, what: 'the model is cyclic: its nodes wait for each other', facts: [['cycle', cycle.join(' -> ')]] });
  return sortNodes(nodes, (a, b) => position.get(a)! - position.get(b)!);
}

/** The model's names; a missing or repeated one is made from the node's first output, which is unique. */
function nodeNames(nodes: readonly onnx.NodeProto[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name } of nodes) counts.set(name, (counts.get(name) ?? 0) + 1);
  const taken = new Set([...counts].flatMap(([name, count]) => (count === 1 ? [name] : [])));
  return nodes.map((node) => {
    if (node.name !== '' && counts.get(node.name) === 1) return node.name;
    let name = node.output.find((tensor) => tensor !== '') ?? node.opType;
    while (taken.has(name)) name += `:${node.opType}`;
    taken.add(name);
    return name;
  });
}

/** Throws a Fault that lists the nodes whose operators a graph can't hold. */
export function checkOperators(nodes: readonly onnx.NodeProto[], { file, opset }: { file: string; opset: number }): void {
  const names = nodeNames(nodes);
  const rows = nodes.flatMap((node, i) => {
    const domain = node.domain === 'ai.onnx' ? '' : node.domain;
    const why = missing({ op: node.opType, domain, opset, canonical: canonicalOpset });
    return why === undefined ? [] : [{ node: names[i]!, op: node.opType, why }];
  });
  if (rows.length > 0) throw unknownOperators(file, rows);
}

function checkProducers(nodes: readonly Node[], { file, defined }: { file: string; defined: ReadonlySet<string> }): void {
  const made = new Set(defined);
  for (const node of nodes) {
    for (const tensor of node.outputs) {
      if (tensor === '') continue;
      if (made.has(tensor)) throw new Fault({ place: { file }, what: `tensor "${tensor}" is made twice`, facts: [['again by', node.name]] });
      made.add(tensor);
    }
  }
  const absent = nodes.flatMap((node) => node.inputs.filter((tensor) => tensor !== '' && !made.has(tensor)).map((tensor) => [tensor, node.name] as const));
  if (absent.length === 0) return;
  const near = nearest(absent[0]![0], made);
  throw new Fault({
    place: { file },
    what: absent.length === 1 ? 'a node reads a tensor that nothing makes' : `${absent.length} inputs of nodes are tensors that nothing makes`,
    facts: [...absent.slice(0, 8).map(([tensor, node]) => ['tensor', `${tensor}  (read by ${node})`] as const), ...(near === undefined ? [] : [['nearest', near] as const])],
  });
}

/** Names along a cycle, from one node back to itself; undefined if there is none. */
function cycleOf(nodes: readonly Node[]): readonly string[] | undefined {
  const producers = producersOf({ nodes });
  const done = new Set<Node>();
  for (const start of nodes) {
    // Walks from readers to producers with a stack of its own: models can be deeper than the language's.
    const path: { node: Node; next: number }[] = [{ node: start, next: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const top = path.at(-1)!;
      if (done.has(top.node) || top.next >= top.node.inputs.length) {
        done.add(top.node);
        onPath.delete(top.node);
        path.pop();
        continue;
      }
      const producer = producers.get(top.node.inputs[top.next++]!);
      if (producer === undefined || done.has(producer)) continue;
      if (onPath.has(producer)) {
        const from = path.findIndex(({ node }) => node === producer);
        // The path runs against the data: turned round, it reads in the direction of the edges.
        return [producer, ...path.slice(from).map(({ node }) => node).reverse()].map((node) => node.name);
      }
      onPath.add(producer);
      path.push({ node: producer, next: 0 });
    }
  }
  return undefined;
}
