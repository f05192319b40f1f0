// Edges in the QDQ model: a float tensor, its codes behind QuantizeLinear, and the floats that readers see behind DequantizeLinear. Edges that
// share scale and zero name the same two constants.
import { bytesOf } from '../base/bytes.ts';
import type { DType } from '../base/dtype.ts';
import type { Graph, Keep, Node, TensorType, Weight } from '../graph/graph.ts';
import type { EdgeType, Quant } from '../ops/group.ts';
import { classesOf } from './classes.ts';
import type { FusedNetwork, ResolvedNetwork } from './network.ts';
import { nameSpace, tensorsOf } from './qdq-names.ts';
import { signedNames } from './types.ts';

/** What the model is made of, as it grows. */
export interface Sheet {
  readonly nodes: Node[];
  readonly weights: Record<string, Weight>;
  readonly types: Record<string, TensorType>;
  /** A tensor or node name as asked for, or one like it. */
  readonly fresh: (wanted: string) => string;
  constant(name: string, type: TensorType, data: Float32Array | Int32Array | Int8Array | Int16Array | Uint8Array | Uint16Array): string;
  /** A node with one output, which it gives. What it writes needs no type in the file: it follows from what it reads. */
  node(op: string, inputs: readonly string[], output: string, attributes?: Node['attributes']): string;
}

export function sheetOf(graph: Graph, { keep, taken }: { readonly keep: Keep; readonly taken: readonly string[] }): Sheet {
  const nodes: Node[] = [];
  const weights: Record<string, Weight> = {};
  const types = Object.fromEntries([...graph.inputs, ...graph.outputs].map((tensor) => [tensor, graph.types[tensor]!]));
  const nodeName = nameSpace(graph.nodes.map((node) => node.name));
  return {
    nodes, weights, types,
    fresh: nameSpace([...tensorsOf(graph), ...taken]),
    constant(name, { dtype, shape }, data) {
      weights[name] = { dtype, shape, digest: keep(bytesOf(data)) };
      return name;
    },
    node(op, inputs, output, attributes = {}) {
      nodes.push({ name: nodeName(output), op, domain: '', inputs, outputs: [output], attributes });
      return output;
    },
  };
}

export interface Edges {
  /** The tensor that an edge's producer writes: floats. */
  before(edge: string): string;
  /** Ends an edge: behind its producer has written `before`. */
  write(edge: string): void;
  /** The tensor that a reader reads: floats, of the codes that it computes in. */
  read(edge: string, entry?: { readonly dtype: EdgeType; readonly quant: Quant | null }): string;
}

interface Numbers {
  readonly scale: string;
  readonly zero: string;
}

export function edgesOf(sheet: Sheet, { graph, network, resolved }: { readonly graph: Graph; readonly network: FusedNetwork; readonly resolved: ResolvedNetwork }): Edges {
  const { fresh } = sheet;
  const tensors = new Map(network.edges.map((edge) => [edge.name, edge.tensor]));
  const quants = new Map(resolved.edges.map((edge) => [edge.name, edge]));
  const classes = classesOf(network);
  // Codes that leave the network are dequantised into the tensor itself; their producer's floats step aside.
  const leaving = new Set(network.groups.flatMap(({ kind, inputs: [edge] }) => {
    const isCodes = kind === 'dequantize' && !graph.inputs.includes(tensors.get(edge!)!) && quants.get(edge!)!.quant !== null;
    return isCodes ? [edge!] : [];
  }));

  const befores = new Map<string, string>();
  const before = (edge: string): string => once(befores, edge, () => (leaving.has(edge) ? fresh(`${tensors.get(edge)!}_QuantizeLinear_Input`) : tensors.get(edge)!));

  const known = new Map<string, Numbers>();
  const numbers = (name: string, dtype: DType, quant: Quant): Numbers => ({
    scale: sheet.constant(fresh(`${name}_scale`), { dtype: 'FP32', shape: [] }, Float32Array.of(quant.scale)),
    zero: sheet.constant(fresh(`${name}_zero_point`), { dtype, shape: [] }, codeArrays[dtype]!.of(quant.zero)),
  });
  const numbersOf = (edge: string): Numbers => {
    const first = classes.get(edge)![0]!;
    const { dtype, quant, signed } = quants.get(first)!;
    // Codes of a signed type are stored with its offset added, which here is no more than their type.
    return once(known, first, () => (signed === true && dtype !== 'FP32'
      ? numbers(tensors.get(first)!, signedNames[dtype], { scale: quant!.scale, zero: 0 })
      : numbers(tensors.get(first)!, dtype, quant!)));
  };
  const pair = (from: string, { name, into }: { readonly name: string; readonly into: string }, { scale, zero }: Numbers): string => {
    const codes = sheet.node('QuantizeLinear', [from, scale, zero], fresh(`${name}_QuantizeLinear_Output`));
    return sheet.node('DequantizeLinear', [codes, scale, zero], into);
  };

  const reads = new Map<string, string>();
  const narrow = new Map<string, string>();
  return {
    before,
    write(edge) {
      if (quants.get(edge)!.quant === null) return;
      const name = tensors.get(edge)!;
      const into = leaving.has(edge) ? name : fresh(`${name}_DequantizeLinear_Output`);
      reads.set(edge, pair(before(edge), { name, into }, numbersOf(edge)));
    },
    read(edge, entry) {
      const { dtype, quant } = quants.get(edge)!;
      const wide = quant === null ? tensors.get(edge)! : reads.get(edge)!;
      if (entry === undefined || entry.quant === null || entry.dtype === dtype) return wide;
      // Whoever computes in fewer bits requantises, as its group does.
      const name = `${tensors.get(edge)!}_${entry.dtype}`;
      return once(narrow, `${edge} ${entry.dtype} ${entry.quant.scale} ${entry.quant.zero}`, () =>
        pair(wide, { name, into: fresh(`${name}_DequantizeLinear_Output`) }, numbers(name, entry.dtype, entry.quant!)));
    },
  };
}

const codeArrays: Readonly<Partial<Record<DType, { of(...numbers: number[]): Uint8Array | Uint16Array | Int8Array | Int16Array }>>> = { U8: Uint8Array, U16: Uint16Array, S8: Int8Array, S16: Int16Array };

export function once<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
