// What the QDQ model keeps in a file of its own: codes of quantised weights, in the order of the float tensors that they stand for, and the
// constants that stay floats. Ranges and types of activations change none of it.
import { bytesOf } from '../base/bytes.ts';
import { canonical } from '../base/canonical.ts';
import { elements } from '../base/dtype.ts';
import { readPack, writePack } from '../base/pack.ts';
import type { Graph, Keep, Weight } from '../graph/graph.ts';
import type { QuantisedWeight } from '../ops/group.ts';
import type { FusedNetwork, ResolvedNetwork, WeightRequest } from './network.ts';
import { nameSpace, tensorsOf } from './qdq-names.ts';

/** One float constant in one quantised form; groups that want the same share it. */
export interface CodedForm {
  readonly tensor: string;
  readonly axis: number;
  readonly transpose?: readonly number[] | undefined;
  readonly dtype: WeightRequest['dtype'];
}

/** A form with its codes in the model. */
export interface CodedWeight extends CodedForm {
  /** The initializer that holds the codes. */
  readonly name: string;
  readonly codes: Weight;
  /** One number an output channel. */
  readonly scales: Uint8Array;
}

/** Forms in order of first use, each with a request that makes its codes. */
export function codedForms(network: FusedNetwork, resolved: ResolvedNetwork): readonly { readonly form: CodedForm; readonly request: WeightRequest; readonly group: string }[] {
  const groups = new Map(network.groups.map((group) => [group.name, group]));
  const seen = new Map<string, { form: CodedForm; request: WeightRequest; group: string }>();
  for (const { name, weights } of resolved.groups) {
    for (const request of weights) {
      const form = formOf(groups.get(name)!.weights[request.role]!, request);
      const key = keyOf(form);
      if (!seen.has(key)) seen.set(key, { form, request, group: name });
    }
  }
  return [...seen.values()];
}

export function formOf(tensor: string, { axis, transpose, dtype }: WeightRequest): CodedForm {
  return { tensor, axis, ...(transpose && { transpose }), dtype };
}

export function keyOf({ tensor, axis, transpose, dtype }: CodedForm): string {
  return canonical([tensor, axis, transpose === undefined ? [] : [...transpose], dtype]);
}

/** Everything that the file beside the model holds, by initializer. `codes` are those of `forms`, in their order. */
export function storedWeights(
  { graph, network, forms, codes, keep }: { readonly graph: Graph; readonly network: FusedNetwork; readonly forms: readonly CodedForm[]; readonly codes: readonly QuantisedWeight[]; readonly keep: Keep },
): StoredIndex & { readonly weights: Readonly<Record<string, Weight>> } {
  const fresh = nameSpace(tensorsOf(graph));
  const coded = forms.map((form, i): CodedWeight => {
    const { shape, dtype } = { shape: graph.weights[form.tensor]!.shape, dtype: form.dtype };
    const digest = keep(bytesOf(inOrderOf(shape, codes[i]!, form.transpose)));
    return { ...form, name: fresh(`${form.tensor}_quantized`), codes: { dtype, shape, digest }, scales: bytesOf(codes[i]!.scales) };
  });
  const floats = floatConstants(graph, network);
  const weights = Object.fromEntries([...coded.map((one) => [one.name, one.codes] as const), ...floats.map((name) => [name, graph.weights[name]!] as const)]);
  return { coded, floats, weights };
}

/** Constants that no group quantises: what CPU operators read, bounds, shapes. */
function floatConstants(graph: Graph, network: FusedNetwork): readonly string[] {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  return [...new Set(network.groups.flatMap((group) => {
    // A bias takes its steps from the weights; other float operands stay floats.
    const weights = Object.values(group.weights);
    const quantised = new Set(weights.length > 0 ? [...weights, ...Object.values(group.floats)] : []);
    if (group.nodes.length === 0) return Object.values(group.floats);
    return group.nodes.flatMap((name) => nodes.get(name)!.inputs.filter((input) => Object.hasOwn(graph.weights, input) && !quantised.has(input)));
  }))];
}

/** Codes of a group's constant, with the axes of the float tensor. */
function inOrderOf(shape: readonly number[], { codes }: QuantisedWeight, transpose: readonly number[] | undefined): Int8Array | Int16Array {
  if (transpose === undefined) return codes;
  const strides = transpose.map((from) => elements(shape.slice(from + 1)));
  const sizes = transpose.map((from) => shape[from]!);
  const out = codes instanceof Int8Array ? new Int8Array(codes.length) : new Int16Array(codes.length);
  const at = sizes.map(() => 0);
  let to = 0;
  for (let i = 0; i < codes.length; i++) {
    out[to] = codes[i]!;
    for (let d = sizes.length - 1; d >= 0; d--) {
      at[d]!++;
      to += strides[d]!;
      if (at[d]! < sizes[d]!) break;
      to -= at[d]! * strides[d]!;
      at[d] = 0;
    }
  }
  return out;
}

/** What the model must know of the file's weights without opening it. */
export interface StoredIndex {
  readonly coded: readonly CodedWeight[];
  readonly floats: readonly string[];
}

export function writeIndex({ coded, floats }: StoredIndex): Uint8Array {
  const rows = coded.map(({ scales: _, ...row }) => row);
  // Records of JSON values, which their interfaces can't say.
  return writePack({ rows, floats } as never, coded.map(({ scales }, i) => [String(i), scales] as const));
}

export function readIndex(bytes: Uint8Array): StoredIndex {
  const { meta, sections } = readPack(bytes);
  const { rows, floats } = meta as unknown as { readonly rows: readonly Omit<CodedWeight, 'scales'>[]; readonly floats: readonly string[] };
  return { coded: rows.map((row, i) => ({ ...row, scales: sections.get(String(i))! })), floats };
}
