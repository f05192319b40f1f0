// Shapes of the runtime inputs: the model's own, with the user's `input_shapes` ("x:1x3x48x192;y:1x10") laid over them. All dimensions
// must be fixed in the end.
import { dtypeOfOnnx, elements } from '../base/dtype.ts';
import { Fault, nearest } from '../base/fault.ts';
import type { TensorType } from '../graph/graph.ts';
import { number, type onnx } from './codec.ts';
import { elementTypeName } from './tensors.ts';

const remedy = (name: string, dims: readonly (number | string)[]): string => `input_shapes: "${name}:${dims.map((dim) => (typeof dim === 'number' ? dim : '?')).join('x')}"`;

/** Types of the inputs by name, in the model's order. Throws a Fault on a name, rank or dimension that doesn't fit. */
export function inputTypes(inputs: readonly onnx.ValueInfoProto[], text: string, file: string): ReadonlyMap<string, TensorType> {
  const wanted = parseInputShapes(text);
  const names = inputs.map((input) => input.name);
  for (const name of wanted.keys()) {
    if (names.includes(name)) continue;
    const near = nearest(name, names) ?? (names.length === 1 ? names[0] : undefined);
    throw new Fault({
      what: `input_shapes names an input that the model does not have: "${name}"`,
      facts: [['known', names.join(', ')], ...(near === undefined ? [] : [['try', near] as const])],
      exit: 2,
    });
  }
  return new Map(inputs.map((input) => [input.name, inputType(input, wanted.get(input.name), file)]));
}

function inputType(input: onnx.ValueInfoProto, wanted: readonly number[] | undefined, file: string): TensorType {
  const tensor = input.type?.tensorType;
  if (!tensor) throw new Fault({ place: { file }, what: `input "${input.name}" is no tensor`, facts: [['known', 'tensors of fixed shape']] });
  const dtype = dtypeOfOnnx(tensor.elemType);
  if (dtype === undefined) throw new Fault({ place: { file }, what: `input "${input.name}" has ${elementTypeName(tensor.elemType)} elements, which axbuild does not read` });
  // A dimension without a positive value is open: exporters write a name, nothing, 0 or -1.
  const dims = tensor.shape?.dim.map((dim) => (dim.value === 'dimValue' && number(dim.dimValue ?? 0) > 0 ? number(dim.dimValue ?? 0) : dim.dimParam || '?'));
  if (wanted !== undefined) {
    // A dimension that the model fixes may be changed, as the vendor's tool allows: inference tells if the network minds.
    if (dims !== undefined) checkAgainst(input.name, { wanted, dims });
    return { dtype, shape: wanted };
  }
  if (dims === undefined) {
    throw new Fault({ place: { file }, what: `input "${input.name}" has no shape`, facts: [['try', `input_shapes: "${input.name}:1x3x224x224", with the sizes you deploy`]], exit: 2 });
  }
  const shape = dims.filter((dim) => typeof dim === 'number');
  if (shape.length < dims.length) {
    const open = dims.flatMap((dim, i) => (typeof dim === 'number' ? [] : [dim === '?' ? `${i}` : `${i} (${dim})`]));
    throw new Fault({
      place: { file },
      what: `input "${input.name}" has open dimensions: axbuild compiles fixed shapes`,
      facts: [['shape', dims.join(' x ')], ['open', open.join(', ')], ['try', `${remedy(input.name, dims)}, with a size for each ?`]],
      exit: 2,
    });
  }
  if (!Number.isSafeInteger(elements(shape))) throw new Fault({ place: { file }, what: `input "${input.name}" has an impossible shape: [${shape.join(', ')}]` });
  return { dtype, shape };
}

function checkAgainst(name: string, { wanted, dims }: { wanted: readonly number[]; dims: readonly (number | string)[] }): void {
  const facts = [['wanted', wanted.join('x')], ['model', dims.join(' x ')], ['try', remedy(name, dims)]] as const;
  if (wanted.length !== dims.length) throw new Fault({ what: `input_shapes gives "${name}" ${wanted.length} dimensions, the model ${dims.length}`, facts, exit: 2 });
}

/** Throws a Fault on text that isn't of the form "x:1x3x48x192;y:1x10". */
export function parseInputShapes(text: string): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const part of text.split(';').map((piece) => piece.trim())) {
    if (part === '') continue;
    // The name is all before the last colon: tensor names may hold colons themselves.
    const match = /^(.+):\s*([0-9]+(?:\s*[xX,]\s*[0-9]+)*)$/.exec(part);
    const shape = match?.[2]?.split(/[xX,]/).map(Number);
    if (match === null || shape === undefined || shape.some((size) => size < 1) || !Number.isSafeInteger(elements(shape))) {
      throw new Fault({ what: `input_shapes can't be read: "${part}"`, facts: [['form', 'name:1x3x224x224;other:1x10']], exit: 2 });
    }
    const name = match[1]!.trim();
    if (shapes.has(name)) throw new Fault({ what: `input_shapes gives "${name}" twice`, exit: 2 });
    shapes.set(name, shape);
  }
  return shapes;
}
