// Attributes of ONNX nodes <-> plain values. A graph's attribute is a number whether ONNX calls it FLOAT or INT; names tell them apart
// again, which is safe: in ONNX's own domain no name is both (`p`, `seed` and `value` only in opsets older than what is read or kept).
import { textOf, utf8 } from '../base/bytes.ts';
import { Fault } from '../base/fault.ts';
import type { Attribute, Keep, Weight } from '../graph/graph.ts';
import { isTensor } from '../graph/record.ts';
import { attributeType, number, onnx, wide } from './codec.ts';
import { readTensor, tensorProto, type RawTensor, type TensorSource } from './tensors.ts';

const type = attributeType;

const floatNames: ReadonlySet<string> = new Set([
  'activation_alpha', 'activation_beta', 'alpha', 'beta', 'bias', 'clip', 'cubic_coeff_a', 'epsilon', 'extrapolation_value', 'gamma', 'high', 'lambd',
  'low', 'max', 'mean', 'min', 'momentum', 'ratio', 'scale', 'scales', 'seed', 'spatial_scale', 'value', 'value_float', 'value_floats', 'weights',
]);
const stringListNames: ReadonlySet<string> = new Set(['activations', 'pool_strings', 'stopwords', 'value_strings']);

export interface AttributeOwner {
  /** The node, as faults name it. */
  readonly node: string;
  readonly op: string;
  readonly source: TensorSource;
  readonly keep: Keep;
}

/** Throws a Fault on kinds that a graph can't hold: subgraphs, sparse tensors, types. */
export function readAttribute(attribute: onnx.AttributeProto, owner: AttributeOwner): Attribute {
  const kind = attribute.type === type.UNDEFINED ? guessType(attribute) : attribute.type;
  const value = (readers[kind] ?? (() => undefined))(attribute, owner);
  if (value !== undefined && isFinite(value)) return value;
  const graph = kind === type.GRAPH || kind === type.GRAPHS;
  throw new Fault({
    place: { file: owner.source.file },
    what: graph ? `${owner.op} "${owner.node}" holds a graph: axbuild has no control flow` : `attribute ${attribute.name} of ${owner.op} "${owner.node}" can't be read`,
    facts: graph ? [['try', 'a model exported without loops and conditions']] : [['type', type[kind] ?? String(kind)], ['known', 'finite numbers, texts, lists of them, tensors']],
  });
}

type Reader = (attribute: onnx.AttributeProto, owner: AttributeOwner) => Attribute | undefined;

const readers: Readonly<Partial<Record<number, Reader>>> = {
  [type.FLOAT]: (attribute) => attribute.f,
  [type.INT]: (attribute) => number(attribute.i),
  [type.STRING]: (attribute) => textOf(attribute.s),
  [type.FLOATS]: (attribute) => attribute.floats,
  [type.INTS]: (attribute) => attribute.ints.map(number),
  [type.STRINGS]: (attribute) => attribute.strings.map(textOf),
  [type.TENSOR]: (attribute, { node, source, keep }) => {
    if (!attribute.t) return undefined;
    const { dtype, shape, bytes } = readTensor(attribute.t, `${node}.${attribute.name}`, source);
    return { tensor: { dtype, shape, digest: keep(bytes) } };
  },
};

/** Files of the first IR versions leave the type out; only one field is set then. */
function guessType(attribute: onnx.AttributeProto): number {
  if (attribute.t) return type.TENSOR;
  if (attribute.g) return type.GRAPH;
  if (attribute.ints.length > 0) return type.INTS;
  if (attribute.floats.length > 0) return type.FLOATS;
  if (attribute.strings.length > 0) return type.STRINGS;
  if (attribute.s.byteLength > 0) return type.STRING;
  return attribute.f !== 0 ? type.FLOAT : type.INT;
}

function isFinite(value: Attribute): boolean {
  return [value].flat().every((item) => typeof item !== 'number' || Number.isFinite(item));
}

export function attributeProto(name: string, value: Attribute, tensorOf: (weight: Weight) => RawTensor): onnx.AttributeProto {
  if (isTensor(value)) return new onnx.AttributeProto({ name, type: type.TENSOR, t: tensorProto('', tensorOf(value.tensor)) });
  if (typeof value === 'string') return new onnx.AttributeProto({ name, type: type.STRING, s: utf8(value) });
  if (typeof value === 'number') {
    return new onnx.AttributeProto(floatNames.has(name) ? { name, type: type.FLOAT, f: value } : { name, type: type.INT, i: wide(value) });
  }
  const numbers = value.filter((item) => typeof item === 'number');
  if (stringListNames.has(name) || numbers.length < value.length) {
    return new onnx.AttributeProto({ name, type: type.STRINGS, strings: value.filter((item) => typeof item === 'string').map(utf8) });
  }
  return new onnx.AttributeProto(floatNames.has(name) ? { name, type: type.FLOATS, floats: numbers } : { name, type: type.INTS, ints: numbers.map(wide) });
}
