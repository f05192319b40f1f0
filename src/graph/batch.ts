// The same network on several samples at once: its inputs' first dimension grows, and so must every tensor that hangs on them.
import { elements } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import type { Blobs, Graph, Keep, Node, TensorType, Weight } from './graph.ts';
import { inferTypes, type OpOf } from './infer.ts';
import { bytesOfNumbers, numbersOf } from './numbers.ts';
import { printType } from './print.ts';

export interface BatchOptions {
  readonly batch: number;
  /** Free the first dimension of shapes that Reshape was given as constants; without, only 0 and -1 there follow the batch. */
  readonly fix: boolean;
  readonly blobs: Blobs;
  readonly keep: Keep;
  readonly opOf: OpOf;
}

/** Which input of an operator is the constant shape of its output. */
const shapeInputs: Readonly<Record<string, number>> = { Reshape: 1, Expand: 1, Resize: 3 };

/** `graph` is typed, at one sample. Throws a Fault where a tensor does not grow with the batch. */
export function batched(graph: Graph, { batch, fix, blobs, keep, opOf }: BatchOptions): Graph {
  const weights: Record<string, Weight> = { ...graph.weights };
  const kept = new Map<string, Uint8Array>();
  const read: Blobs = (digest) => kept.get(digest) ?? blobs(digest);
  const nodes = graph.nodes.map((node): Node => {
    const i = shapeInputs[node.op];
    const shape = i === undefined || (node.op === 'Reshape' && !fix) ? undefined : weights[node.inputs[i] ?? ''];
    if (i === undefined || shape === undefined || shape.shape[0] === 0) return node;
    const sizes = freed(node, { sizes: numbersOf(read(shape.digest), shape.dtype), output: graph.types[node.outputs[0]!]!.shape, batch });
    const bytes = bytesOfNumbers(sizes, shape.dtype);
    const name = `${node.outputs[0]!}:shape`;
    const digest = keep(bytes);
    kept.set(digest, bytes);
    weights[name] = { ...shape, digest };
    return { ...node, inputs: node.inputs.map((tensor, at) => (at === i ? name : tensor)) };
  });
  const types = Object.fromEntries(graph.inputs.map((tensor) => [tensor, grown(graph.types[tensor]!, batch)]));
  const typed = inferTypes({ ...graph, nodes, weights, types }, read, opOf);
  const odd = Object.entries(typed.types).find(([tensor, { shape }]) => {
    const own = graph.types[tensor]!;
    // Inside, samples may meet other dimensions for a while (channels shuffled, windows of attention); at the ends they stand alone.
    return elements(shape) !== batch * elements(own.shape) || (graph.outputs.includes(tensor) && shape.join() !== grown(own, batch).shape.join());
  });
  if (odd !== undefined) throw stuck(graph, { tensor: odd[0], at: odd[1], batch });
  return typed;
}

/** The shape of the output for the batch. A Reshape's first dimension takes what is left, so that it may hold more than samples. */
function freed({ op }: Node, { sizes, output, batch }: { sizes: readonly number[]; output: readonly number[]; batch: number }): number[] {
  const [first, ...rest] = sizes;
  if (op !== 'Reshape') return [(output[0] ?? 1) * batch, ...output.slice(1)];
  if (first === undefined || first === 0 || first === -1) return [...sizes];
  // Another -1 is what it came out as for one sample: only one dimension can be free.
  return [-1, ...rest.map((size, i) => (size === -1 ? output[i + 1]! : size))];
}

function grown(type: TensorType, batch: number): TensorType {
  return { ...type, shape: [(type.shape[0] ?? 1) * batch, ...type.shape.slice(1)] };
}

function stuck(graph: Graph, { tensor, at, batch }: { tensor: string; at: TensorType; batch: number }): Fault {
  const node = graph.nodes.find((one) => one.outputs.includes(tensor));
  return new Fault({
    exit: 2,
    what: `the network does not run on ${batch} samples at once: ${node?.op ?? 'input'} "${node?.name ?? tensor}" does not grow with them`,
    facts: [['tensor', `${tensor} ${printType(graph.types[tensor]!)} for one, ${printType(at)} for ${batch}`], ['try', 'one batch size, 1, or a network whose first dimension is the sample throughout']],
  });
}
