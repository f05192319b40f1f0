// What is in an ONNX file, for people: unlike a scan it refuses no operator, since the question may be which ones there are.
import { byCodeUnit } from '../base/canonical.ts';
import { dtypeBytes, dtypeOfOnnx } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import { attributeType, dataLocation, number, type Model, type onnx } from './codec.ts';
import { externalOf } from './external.ts';
import { elementTypeName } from './tensors.ts';

export interface InspectedTensor {
  readonly name: string;
  readonly dtype: string;
  /** An open dimension is its name, or '?'; null where the model gives no shape. */
  readonly shape: readonly (number | string)[] | null;
}

export interface InspectedOnnx {
  readonly producer: string;
  readonly irVersion: number;
  /** By domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly InspectedTensor[];
  readonly outputs: readonly InspectedTensor[];
  /** How often each type occurs, bodies of If and Loop included; operators of other domains as domain::Type. */
  readonly operators: Readonly<Record<string, number>>;
  readonly weights: {
    readonly count: number;
    readonly bytes: number;
    /** By element type. */
    readonly types: Readonly<Record<string, { readonly count: number; readonly bytes: number }>>;
  };
  /** Files beside the model that hold weights. */
  readonly externals: readonly { readonly file: string; readonly tensors: number; readonly bytes: number }[];
}

/** Throws a Fault on shapes that can't be, and on external files outside of the model's folder. */
export function inspectOnnx(model: Model, file: string): InspectedOnnx {
  const graphs = graphsOf(model.graph);
  const nodes = graphs.flatMap((graph) => graph.node);
  const constants = nodes.flatMap((node) => node.attribute.flatMap((attribute) => (attribute.type === attributeType.TENSOR && attribute.t ? [attribute.t] : [])));
  const tensors = [...graphs.flatMap((graph) => graph.initializer), ...constants].map((tensor) => ({ tensor, bytes: bytesOf(tensor, file) }));
  const weights = new Set(model.graph.initializer.map(({ name }) => name));
  const types = countBy(tensors, ({ tensor }) => elementTypeName(tensor.dataType));
  const outside = countBy(tensors.filter(({ tensor }) => tensor.dataLocation === dataLocation.EXTERNAL), ({ tensor }) => externalOf(tensor, tensor.name, file).location);
  return {
    producer: [model.producerName, model.producerVersion].filter((part) => part !== '').join(' '),
    irVersion: number(model.irVersion),
    opsets: record(model.opsetImport.map(({ domain, version }) => [domain === '' ? 'ai.onnx' : domain, number(version)])),
    inputs: model.graph.input.filter(({ name }) => !weights.has(name)).map(inspectInfo),
    outputs: model.graph.output.map(inspectInfo),
    operators: record([...countBy(nodes.map((node) => ({ node, bytes: 0 })), ({ node }) => typeOf(node))].map(([type, { count }]) => [type, count] as const).sort(([a, m], [b, n]) => n - m || byCodeUnit(a, b))),
    weights: { count: tensors.length, bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0), types: record([...types].sort(([a], [b]) => byCodeUnit(a, b))) },
    externals: [...outside].sort(([a], [b]) => byCodeUnit(a, b)).map(([name, { count, bytes }]) => ({ file: name, tensors: count, bytes })),
  };
}

export function inspectInfo({ name, type }: onnx.ValueInfoProto): InspectedTensor {
  const tensor = type?.tensorType;
  const dims = tensor?.shape?.dim;
  return {
    name,
    dtype: tensor === undefined || tensor === null ? 'no tensor' : elementTypeName(tensor.elemType ?? 0),
    shape: dims?.map((dim) => (dim.value === 'dimValue' ? number(dim.dimValue ?? 0) : dim.dimParam || '?')) ?? null,
  };
}

/** The graph, and those inside of its nodes. */
function graphsOf(graph: onnx.GraphProto): onnx.GraphProto[] {
  const graphs = [graph as onnx.GraphProto];
  for (let i = 0; i < graphs.length; i++) {
    for (const { attribute } of graphs[i]!.node) {
      for (const { g, graphs: more } of attribute) graphs.push(...[...(g ? [g] : []), ...more].map((one) => one as onnx.GraphProto));
    }
  }
  return graphs;
}

function typeOf({ domain, opType }: onnx.NodeProto): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}::${opType}`;
}

/** From the shape; of types without a size of their own, what the file holds. */
function bytesOf(tensor: onnx.TensorProto, file: string): number {
  const shape = tensor.dims.map(number);
  const dtype = dtypeOfOnnx(tensor.dataType);
  const bytes = dtype === undefined ? tensor.rawData.byteLength : shape.reduce((product, dim) => product * dim, dtypeBytes(dtype));
  if (shape.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || !Number.isSafeInteger(bytes)) {
    throw new Fault({ place: { file }, what: `tensor "${tensor.name}" has an impossible shape: [${shape.join(', ')}]` });
  }
  return bytes;
}

function countBy<T extends { readonly bytes: number }>(list: readonly T[], nameOf: (one: T) => string): Map<string, { count: number; bytes: number }> {
  const counts = new Map<string, { count: number; bytes: number }>();
  for (const one of list) {
    const name = nameOf(one);
    const { count, bytes } = counts.get(name) ?? { count: 0, bytes: 0 };
    counts.set(name, { count: count + 1, bytes: bytes + one.bytes });
  }
  return counts;
}

// Without a prototype: names come from the file.
function record<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const made = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) made[name] = value;
  return made;
}
