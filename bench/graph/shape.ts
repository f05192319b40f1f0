// The synthetic plan: tasks in ten layers, each with three inputs from the layer before. A tenth of the width is a block of
// its own, whose tasks all read its first column, as sources read a common header: an edit there concerns a tenth of all tasks.
export const layers = 10;
export const blocks = 10;

export interface Shape {
  /** Tasks of a layer, and leaves. */
  readonly width: number;
  /** Columns of the layer before that a column's task reads. */
  inputsOf(column: number): readonly number[];
}

/** `tasks`: a multiple of 100, at least 300. */
export function shapeOf(tasks: number): Shape {
  const width = tasks / layers;
  const size = width / blocks;
  return {
    width,
    inputsOf(column) {
      const first = column - (column % size);
      const at = column - first;
      return [first, first + 1 + (at % (size - 1)), first + 1 + ((at + 1) % (size - 1))];
    },
  };
}
