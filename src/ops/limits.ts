// Limits: what must hold of a node for the NPU to run it. Each is a sentence for the user and a predicate, side by side, so that the
// manual and the decision can't drift apart.
import type { Draft, NodeView, Op } from './op.ts';

export interface Limit {
  /** What must hold, as a sentence with "must" and without a final stop: it is printed where it does not hold. */
  readonly sentence: string;
  readonly holds: (view: NodeView) => boolean;
}

/** `draft` and `limits` of an operator: the first limit that doesn't hold is the answer, else what `make` says. */
export function within(limits: readonly Limit[], make: (view: NodeView) => Draft): Required<Pick<Op, 'draft' | 'limits'>> {
  const all = [floats, ...limits];
  return {
    limits: all.map(({ sentence }) => sentence),
    draft(view) {
      const missed = all.find(({ holds }) => !holds(view));
      return missed === undefined ? make(view) : { limit: missed.sentence };
    },
  };
}

// Integer tensors (shapes, indices) are no activations. Every operator with a group computes in the type of its first input.
const floats: Limit = {
  sentence: 'The tensors it computes with must be FP32',
  holds: (view) => view.inputs[0]?.dtype === 'FP32',
};

export interface LimitRow {
  readonly op: string;
  /** Group kinds are an implementation matter; a user wants to know where it runs. */
  readonly runsOn: 'NPU' | 'CPU';
  readonly limits: readonly string[];
}

/** One row an operator, in the order of the table: where it runs, and under which conditions. */
export function limitsOf(ops: readonly Op[]): readonly LimitRow[] {
  return ops.map((op) => ({ op: op.type, runsOn: op.draft === undefined ? 'CPU' : 'NPU', limits: op.limits ?? [] }));
}
