// How a node of an older opset says the same at a newer one. Each version of an operator whose meaning differs from the one before is a
// line of upgrade/index.ts; versions that only allow more (types, optional attributes, negative axes) need none.
import type { DType } from '../../base/dtype.ts';
import type { Node, TensorType } from '../../graph/graph.ts';

export interface UpgradeView {
  /** Numbers of a constant tensor, else undefined. */
  numbers(tensor: string | undefined): readonly number[] | undefined;
  /** Type of a tensor, as far as it is known at this point. */
  typeOf(tensor: string | undefined): TensorType | undefined;
  /** A new constant that belongs to the node: gives its tensor name, '<output>/<role>'. */
  constant(role: string, value: { readonly dtype: DType; readonly shape: readonly number[]; readonly numbers: readonly number[] }): string;
  /** A new tensor name that belongs to the node: '<output>/<role>'. */
  tensor(role: string): string;
  /** Throws the Fault that this node can't be upgraded, and why. */
  refuse(why: string): never;
}

/** Gives the nodes that take the node's place: often itself, changed. */
export type Upgrade = (node: Node, view: UpgradeView) => readonly Node[];

/** The node without some attributes. */
export function without(node: Node, ...names: readonly string[]): Node {
  return { ...node, attributes: Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name))) };
}

/** The node with inputs from `from` on; ones left out between are ''. */
export function withInputs(node: Node, from: number, inputs: readonly string[]): Node {
  const kept = Array.from({ length: from }, (_, i) => node.inputs[i] ?? '');
  const all = [...kept, ...inputs];
  while (all.at(-1) === '') all.pop();
  return { ...node, inputs: all };
}

export function numberOf(node: Node, name: string, missing: number): number {
  const value = node.attributes[name];
  return typeof value === 'number' ? value : missing;
}

export function numbersIn(node: Node, name: string): readonly number[] | undefined {
  const value = node.attributes[name];
  return Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : undefined;
}

/** A list of integers as a constant of one dimension. */
export function list(view: UpgradeView, role: string, numbers: readonly number[]): string {
  return view.constant(role, { dtype: 'S64', shape: [numbers.length], numbers });
}
