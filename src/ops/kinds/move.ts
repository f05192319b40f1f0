// move (docs/integer-spec.md §5): the same codes in another shape or order, or a part of them.
import type { Codes, GroupStructure, Kind } from '../group.ts';
import { listOf, textOf } from './attributes.ts';
import { offsetsOf, pick, stridesOf } from './codes.ts';
import { enter, entryScalars } from './entry.ts';

export const move: Kind = {
  name: 'move',
  fusesChain: false,
  params: (structure, values) => ({ scalars: entryScalars(structure, values), arrays: {} }),
  integer(structure, params, inputs) {
    const input = enter(structure, params, inputs);
    const mode = modes[textOf(structure, 'mode')];
    if (mode === undefined) throw new Error(`BUG: move has no mode "${textOf(structure, 'mode')}"`);
    return pick(input, mode(structure, input), structure.output);
  },
};

/** Which input element each output element is, by mode. */
const modes: Readonly<Record<string, (structure: GroupStructure, input: Codes) => Int32Array>> = {
  reshape: (_, { data }) => offsetsOf([data.length], [1]),
  transpose(structure, { shape }) {
    const strides = stridesOf(shape);
    return offsetsOf(structure.output.shape, listOf(structure, 'perm').map((axis) => strides[axis]!));
  },
  slice(structure, { shape }) {
    const strides = stridesOf(shape);
    const [starts, steps] = [listOf(structure, 'starts'), listOf(structure, 'steps')];
    const first = strides.reduce((sum, stride, axis) => sum + starts[axis]! * stride, 0);
    return offsetsOf(structure.output.shape, strides.map((stride, axis) => steps[axis]! * stride), first);
  },
};
