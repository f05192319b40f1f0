// What a model says of itself before anything is computed: for preflight and for the pipeline's first decisions.
import { byCodeUnit } from '../base/canonical.ts';
import { dtypeOfOnnx, type DType } from '../base/dtype.ts';
import { decodeModel, number } from './codec.ts';
import { externalFiles } from './external.ts';

export interface ModelFacts {
  /** Runtime inputs; a size that the model leaves open is null. */
  readonly inputs: readonly { readonly name: string; readonly dtype: DType | null; readonly shape: readonly (number | null)[] }[];
  readonly outputs: readonly string[];
  /** Operator types, each once. */
  readonly operators: readonly string[];
  /** Locations of external data files, each once. */
  readonly externals: readonly string[];
}

export function describeModel(bytes: Uint8Array, file: string): ModelFacts {
  const { graph } = decodeModel(bytes, file);
  const weights = new Set(graph.initializer.map((tensor) => tensor.name));
  const once = (names: readonly string[]): string[] => [...new Set(names)].sort(byCodeUnit);
  return {
    inputs: graph.input.filter((input) => !weights.has(input.name)).map((input) => {
      const type = input.type?.tensorType;
      const shape = (type?.shape?.dim ?? []).map((dim) => {
        const size = dim.dimValue === null || dim.dimValue === undefined ? 0 : number(dim.dimValue);
        return size > 0 ? size : null;
      });
      return { name: input.name, dtype: dtypeOfOnnx(type?.elemType ?? 0) ?? null, shape };
    }),
    outputs: graph.output.map((output) => output.name),
    operators: once(graph.node.map((node) => node.opType)),
    externals: once(externalFiles(bytes, file).map((piece) => piece.location)),
  };
}
