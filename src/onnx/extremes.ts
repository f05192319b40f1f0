// What calibration asks of a float pass is the least and the greatest value of every tensor. ONNX Runtime finds them itself, as each tensor is
// made: nothing but a few numbers leaves it, where exposing the tensors copied each of them (det at 320x320: 130 + 85 ms of a pass, now 45).
import { elements } from '../base/dtype.ts';
import type { Blobs, Graph, Node, TensorType } from '../graph/graph.ts';
import { openSession, type FloatTensor } from './float.ts';

export interface Extremes {
  readonly count: number;
  /** f32 numbers, never -0. */
  readonly min: number;
  readonly max: number;
}

export interface Observed {
  /** Every FP32 tensor, inputs included and `small` ones excepted; absent when one of them may hold a value that isn't finite. */
  readonly extremes?: ReadonlyMap<string, Extremes>;
  /** Those that nodes compute and that are small: as they are. */
  readonly small: Readonly<Record<string, FloatTensor>>;
}

export interface Observer {
  run(inputs: Readonly<Record<string, FloatTensor>>): Promise<Observed>;
  close(): Promise<void>;
}

/** Up to this many elements a tensor is faster exposed than reduced. Empty ones and scalars are always among them. */
const smallMost = 1024;

// Minimum and maximum of finite values are exact, whatever the order. What the runtime's own make of a NaN is not specified; a sum can't hide
// one, nor an infinity: where it is finite, so is every value. (It may overflow where they are: then the caller looks at them itself.)
const reductions = ['ReduceMin', 'ReduceMax', 'ReduceSum'] as const;

export async function openObserver(graph: Graph, blobs: Blobs): Promise<Observer> {
  const isLarge = (tensor: string): boolean => graph.types[tensor]?.dtype === 'FP32' && elements(graph.types[tensor]!.shape) > smallMost;
  const computed = floatsOf(graph);
  const small = computed.filter((tensor) => !isLarge(tensor));
  const large = [...graph.inputs, ...computed].filter(isLarge);
  const mark = unusedPrefix(graph);
  const nameOf = (i: number, op: string): string => `${mark}${op}:${i}`;
  const nodes = large.flatMap((tensor, i) => reductions.map((op): Node =>
    ({ name: nameOf(i, op), op, domain: '', inputs: [tensor], outputs: [nameOf(i, op)], attributes: { keepdims: 0 } })));
  const names = nodes.map((node) => node.name);
  const scalar: TensorType = { dtype: 'FP32', shape: [] };
  const session = await openSession({
    ...graph,
    // From the last tensor's to the first's: the runtime serves the last node first, and all that it needs. So each tensor is reduced as soon
    // as it is there, and dropped after its last use; in the other order all of them would be kept to the end.
    nodes: [...graph.nodes, ...nodes.reverse()],
    types: { ...graph.types, ...Object.fromEntries(names.map((name) => [name, scalar])) },
  }, blobs, small.length + names.length === 0 ? {} : { outputs: [...small, ...names] });
  return {
    async run(inputs) {
      const found = await session.run(inputs);
      const value = (i: number, op: (typeof reductions)[number]): number => Number(found[nameOf(i, op)]!.data[0]) + 0;
      const isFinite = large.every((_, i) => Number.isFinite(value(i, 'ReduceSum')));
      const extremes = (tensor: string, i: number): [string, Extremes] =>
        [tensor, { count: elements(graph.types[tensor]!.shape), min: value(i, 'ReduceMin'), max: value(i, 'ReduceMax') }];
      return { ...(isFinite && { extremes: new Map(large.map(extremes)) }), small: Object.fromEntries(small.map((tensor) => [tensor, found[tensor]!])) };
    },
    close: () => session.close(),
  };
}

/** All FP32 tensors that nodes compute, in the graph's order. */
export function floatsOf(graph: Graph): string[] {
  return graph.nodes.flatMap((node) => node.outputs).filter((tensor) => graph.types[tensor]?.dtype === 'FP32');
}

function unusedPrefix({ nodes, types, weights }: Graph): string {
  const taken = [...nodes.map((node) => node.name), ...Object.keys(types), ...Object.keys(weights)];
  let prefix = 'axbuild:';
  while (taken.some((name) => name.startsWith(prefix))) prefix += ':';
  return prefix;
}
