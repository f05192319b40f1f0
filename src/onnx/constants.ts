// Constant nodes are weights by another name.
import type { Keep, Node, Weight } from '../graph/graph.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { isTensor } from '../graph/record.ts';

/** The weight that a Constant node stands for; undefined for other nodes, and for constants that are no numbers. */
export function constantOf(node: Node, keep: Keep): Weight | undefined {
  if (node.op !== 'Constant' || node.domain !== '') return undefined;
  const [entry] = Object.entries(node.attributes);
  if (entry === undefined) return undefined;
  const [name, value] = entry;
  if (isTensor(value)) return value.tensor;
  const dtype = dtypeOf[name];
  if (dtype === undefined) return undefined;
  const numbers = [value].flat().filter((item) => typeof item === 'number');
  return { dtype, shape: Array.isArray(value) ? [numbers.length] : [], digest: keep(bytesOfNumbers(numbers, dtype)) };
}

const dtypeOf: Readonly<Record<string, 'FP32' | 'S64'>> = { value_float: 'FP32', value_floats: 'FP32', value_int: 'S64', value_ints: 'S64' };
