// What a model says of itself, read without its weights: for preflight, before anything costly starts.
import { byCodeUnit } from '../base/canonical.ts';
import { decodeModel, number } from './codec.ts';
import { externalFiles } from './external.ts';
import { checkOperators } from './nodes.ts';
import { opsetOf } from './read.ts';
import { elementTypeName } from './tensors.ts';

export interface ModelFacts {
  readonly opset: number;
  readonly producer: string;
  /** Runtime inputs (no weights among them); an open dimension is its name, or '?'. */
  readonly inputs: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly (number | string)[] }[];
  readonly outputs: readonly string[];
  /** Operator types, each once, in code-unit order. */
  readonly operators: readonly string[];
  /** Files that hold weights, relative to the model's folder, each once. */
  readonly externals: readonly string[];
}

/** Throws a Fault on bytes that are no model, on unknown operators, and on external files outside of the model's folder. */
export function scanOnnx(bytes: Uint8Array, file: string): ModelFacts {
  const model = decodeModel(bytes, file);
  const { graph } = model;
  const opset = opsetOf(model, file);
  checkOperators(graph.node, { file, opset });
  const weights = new Set(graph.initializer.map((tensor) => tensor.name));
  return {
    opset,
    producer: model.producerName,
    inputs: graph.input
      .filter((input) => !weights.has(input.name))
      .map((input) => ({
        name: input.name,
        dtype: elementTypeName(input.type?.tensorType?.elemType ?? 0),
        shape: (input.type?.tensorType?.shape?.dim ?? []).map((dim) => (dim.value === 'dimValue' ? number(dim.dimValue ?? 0) : dim.dimParam || '?')),
      })),
    outputs: graph.output.map((output) => output.name),
    operators: [...new Set(graph.node.map((node) => node.opType))].sort(byCodeUnit),
    externals: [...new Set(externalFiles(bytes, file).map((piece) => piece.location))],
  };
}
