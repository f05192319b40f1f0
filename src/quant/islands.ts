// Which groups can compute in FP32 (docs/integer-spec.md §8), and what is said where one can't.
import type { Graph } from '../graph/graph.ts';
import { floatFunctions } from '../ops/kinds/float-functions.ts';
import type { FusedGroup } from './network.ts';
import type { Facts } from './selectors.ts';

/** ONNX operators that `data_type: FP32` is for: those that the vendor documents. */
const floatOperators = ['Add', 'Concat', 'Div', 'LeakyRelu', 'Mul', 'Relu', 'Sigmoid', 'Softmax', 'Sub'];

/** Kinds whose head has a form in FP32, and kinds that sum codes and can hand floats to their chain. */
const floatHeads: ReadonlySet<string> = new Set(['eltwise', 'unary', 'softmax']);
const floatTails: ReadonlySet<string> = new Set(['conv', 'conv_transpose']);
/** Kinds that copy floats as they copy codes. */
const floatCopies: ReadonlySet<string> = new Set(['concat', 'resize', 'move']);

export function hasFloatHead({ kind }: FusedGroup): boolean {
  return floatHeads.has(kind);
}

export function hasFloatTail({ kind }: FusedGroup): boolean {
  return floatTails.has(kind);
}

export function copiesFloats({ kind }: FusedGroup): boolean {
  return floatCopies.has(kind);
}

export interface Refusal {
  readonly what: string;
  readonly facts: Facts;
}

const legal: Facts[number] = ['legal', floatOperators.join(', ')];

/** Why `group` can't compute its operator `name` in FP32. What moves data or runs on the CPU needs no leave. */
export function refusesFloat(group: FusedGroup, name: string, graph: Graph): Refusal | undefined {
  if (group.draft === undefined || group.draft.shares === true) return undefined;
  const [op, head] = [name, group.nodes[0]!].map((one) => graph.nodes.find((node) => node.name === one)!.op);
  if (!floatOperators.includes(op!)) {
    const remedy = name === group.nodes[0] && hasFloatTail(group) ? 'output_data_type FP32, or data_type U16' : 'data_type U16';
    return { what: `asks for FP32 of "${name}", but ${op} has no form in FP32`, facts: [legal, ['try', remedy]] };
  }
  if (!hasFloatHead(group) && !hasFloatTail(group)) {
    return { what: `asks for FP32 of "${name}", which is computed at the end of ${head} "${group.nodes[0]}", and that has no form in FP32`, facts: [['try', `data_type U16 of "${group.nodes[0]}"`]] };
  }
  return refusesChain(group, name);
}

/** Why what `group` writes can't be made in FP32. */
export function refusesFloatOutput(group: FusedGroup): Refusal | undefined {
  return hasFloatTail(group) ? refusesChain(group, group.nodes[0]!) : undefined;
}

function refusesChain(group: FusedGroup, name: string): Refusal | undefined {
  const odd = group.chain.find(({ fn }) => floatFunctions[fn] === undefined);
  if (odd === undefined) return undefined;
  return { what: `asks for FP32 of "${name}", with which ${odd.fn} is computed, and that has no form in FP32`, facts: [['known', Object.keys(floatFunctions).join(', ')], ['try', 'data_type U16']] };
}
