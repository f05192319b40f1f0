// input_shapes: "input1:1x3x224x224;input2:1x1x112x112".

/** Shapes by input name, or the sentence that says what is wrong. Names may hold colons: the last one counts. */
export function parseShapes(text: string): { readonly shapes: Readonly<Record<string, readonly number[]>>; readonly fault?: string } {
  const shapes: Record<string, readonly number[]> = {};
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const colon = part.lastIndexOf(':');
    const name = part.slice(0, colon).trim();
    const sizes = part.slice(colon + 1).trim();
    if (colon < 0 || name === '' || !/^\d+(x\d+)*$/.test(sizes)) return { shapes, fault: `"${part.trim()}" is not name:sizes` };
    const shape = sizes.split('x').map(Number);
    if (shape.some((size) => size < 1 || size > 2 ** 31 - 1)) return { shapes, fault: `the sizes of "${name}" must be 1 or more` };
    if (Object.hasOwn(shapes, name)) return { shapes, fault: `input_shapes names "${name}" twice` };
    shapes[name] = shape;
  }
  return { shapes };
}
