// Typed access to a node's attributes. An attribute of another kind than the operator defines is the model's fault.
import { Fault } from '../base/fault.ts';
import type { Attribute, Node, Weight } from '../graph/graph.ts';

export function numberOf(node: Node, name: string): number | undefined;
export function numberOf(node: Node, name: string, fallback: number): number;
export function numberOf(node: Node, name: string, fallback?: number): number | undefined {
  const value = node.attributes[name];
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw wrong(node, { name, expected: 'a number', value });
  return value;
}

export function numbersOf(node: Node, name: string): readonly number[] | undefined;
export function numbersOf(node: Node, name: string, fallback: readonly number[]): readonly number[];
export function numbersOf(node: Node, name: string, fallback?: readonly number[]): readonly number[] | undefined {
  const value = node.attributes[name];
  if (value === undefined) return fallback;
  if (typeof value !== 'object' || 'tensor' in value) throw wrong(node, { name, expected: 'a list of numbers', value });
  const list: readonly (number | string)[] = value;
  if (!list.every((member) => typeof member === 'number')) throw wrong(node, { name, expected: 'a list of numbers', value });
  return list;
}

export function textOf(node: Node, name: string, fallback: string): string {
  const value = node.attributes[name];
  if (value === undefined) return fallback;
  if (typeof value !== 'string') throw wrong(node, { name, expected: 'text', value });
  return value;
}

export function tensorOf(node: Node, name: string): Weight | undefined {
  const value = node.attributes[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || !('tensor' in value)) throw wrong(node, { name, expected: 'a tensor', value });
  return value.tensor;
}

function wrong(node: Node, { name, expected, value }: { name: string; expected: string; value: Attribute }): Fault {
  return new Fault({
    what: `${node.op} "${node.name}": attribute ${name} must be ${expected}`,
    facts: [['found', JSON.stringify(value)]],
  });
}
