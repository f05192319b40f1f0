// A graph as an ONNX file: IR 10, canonicalOpset, nothing of clock or machine; equal graphs give equal bytes.
import { byCodeUnit } from '../base/canonical.ts';
import { dtypeBytes, dtypes, elements } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import { canonicalOpset, type Blobs, type Graph, type Node, type TensorType, type Weight } from '../graph/graph.ts';
import { typeOf } from '../graph/rewrite.ts';
import { attributeProto } from './attributes.ts';
import { encodeModel, onnx } from './codec.ts';
import { externalProto, tensorProto, type RawTensor } from './tensors.ts';

export const producer = 'axbuild';
export const irVersion = 10;

/** A protobuf message must stay under 2 GiB: with weights beyond this, they belong into a file of their own. */
const weightsMax = 1.5e9;

/** Weights with fewer bytes stay in the model: readers infer shapes from axes and sizes, and don't open other files for that. */
export const externalMin = 1024;

/** So that a reader can map each tensor as numbers of any type. */
const externalAlign = 64;

export interface WriteOptions {
  /** Kept in the file for people: `doc_string` and key-value pairs. */
  readonly doc?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Weights are in a file of this name beside the model: externalData gives its bytes. */
  readonly external?: string;
  /** Which of them; all unless given. Those left out may change without the file's changing. */
  readonly outside?: (name: string) => boolean;
}

/** Throws a Fault on weights over 1.5 GB that have no external file. Types of all tensors that have one are listed as value_info. */
export function writeOnnx(graph: Graph, blobs: Blobs, { doc = '', metadata = {}, external, outside }: WriteOptions = {}): Uint8Array {
  const names = Object.keys(graph.weights).sort(byCodeUnit);
  const size = names.reduce((sum, name) => sum + elements(graph.weights[name]!.shape) * dtypeBytes(graph.weights[name]!.dtype), 0);
  if (external === undefined && size > weightsMax) {
    throw new Fault({ what: `the weights of "${graph.name}" are too large for one ONNX file`, facts: [['size', `${size} bytes`], ['limit', `${weightsMax} bytes`], ['try', 'a smaller model']] });
  }
  const raw = (weight: Weight): RawTensor => ({ dtype: weight.dtype, shape: weight.shape, bytes: blobs(weight.digest) });
  const pieces = new Map((external === undefined ? [] : externalPieces(graph, outside)).map((piece) => [piece.name, piece]));
  const ends = new Set([...graph.inputs, ...graph.outputs]);
  const inner = Object.keys(graph.types).filter((tensor) => !ends.has(tensor)).sort(byCodeUnit);
  return encodeModel(
    modelProto({
      graph: new onnx.GraphProto({
        name: graph.name,
        node: graph.nodes.map((node) => nodeProto(node, raw)),
        initializer: names.map((name) => {
          const piece = pieces.get(name);
          return piece === undefined || external === undefined ? tensorProto(name, raw(graph.weights[name]!)) : externalProto(name, piece.weight, { offset: piece.offset, length: piece.length, location: external });
        }),
        input: graph.inputs.map((tensor) => valueInfo(tensor, typeOf(graph, tensor))),
        output: graph.outputs.map((tensor) => valueInfo(tensor, typeOf(graph, tensor))),
        valueInfo: inner.map((tensor) => valueInfo(tensor, graph.types[tensor])),
      }),
      doc,
      metadata,
    }),
  );
}

/** The bytes of the file that a graph written with `external` keeps its weights in: those of 1024 bytes and more, by name, each aligned. */
export function externalData(graph: Graph, blobs: Blobs): Uint8Array {
  const pieces = externalPieces(graph);
  const last = pieces.at(-1);
  const data = new Uint8Array(last === undefined ? 0 : last.offset + last.length);
  for (const { weight, offset } of pieces) data.set(blobs(weight.digest), offset);
  return data;
}

function externalPieces(graph: Graph, outside: (name: string) => boolean = () => true): { name: string; weight: Weight; offset: number; length: number }[] {
  let end = 0;
  return Object.keys(graph.weights).filter(outside).sort(byCodeUnit).flatMap((name) => {
    const weight = graph.weights[name]!;
    const length = elements(weight.shape) * dtypeBytes(weight.dtype);
    if (length < externalMin) return [];
    const offset = Math.ceil(end / externalAlign) * externalAlign;
    end = offset + length;
    return [{ name, weight, offset, length }];
  });
}

/** The frame of every file we write. Fields left empty are not set, so that they are not written. */
export function modelProto({ graph, doc, metadata, opset = canonicalOpset }: { graph: onnx.GraphProto; doc: string; metadata: Readonly<Record<string, string>>; opset?: number }): onnx.ModelProto {
  return new onnx.ModelProto({
    irVersion,
    producerName: producer,
    ...(doc === '' ? {} : { docString: doc }),
    graph,
    opsetImport: [new onnx.OperatorSetIdProto({ domain: '', version: opset })],
    metadataProps: Object.keys(metadata).sort(byCodeUnit).map((key) => new onnx.StringStringEntryProto({ key, value: metadata[key]! })),
  });
}

function nodeProto(node: Node, raw: (weight: Weight) => RawTensor): onnx.NodeProto {
  return new onnx.NodeProto({
    input: [...node.inputs],
    output: [...node.outputs],
    name: node.name,
    opType: node.op,
    ...(node.domain === '' ? {} : { domain: node.domain }),
    attribute: Object.keys(node.attributes).sort(byCodeUnit).map((name) => attributeProto(name, node.attributes[name]!, raw)),
  });
}

/** A tensor without a type is listed by name alone, which ONNX Runtime takes. */
export function valueInfo(name: string, type: TensorType | undefined): onnx.ValueInfoProto {
  if (type === undefined) return new onnx.ValueInfoProto({ name });
  const shape = new onnx.TensorShapeProto({ dim: type.shape.map((size) => new onnx.TensorShapeProto.Dimension({ dimValue: size })) });
  const tensorType = new onnx.TypeProto.Tensor({ elemType: dtypes[type.dtype].onnx, shape });
  return new onnx.ValueInfoProto({ name, type: new onnx.TypeProto({ tensorType }) });
}
