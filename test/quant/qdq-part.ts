// The part of a QDQ model that one group became.
import { bytesOf } from '../../src/base/bytes.ts';
import type { DType } from '../../src/base/dtype.ts';
import { extract, producersOf } from '../../src/graph/rewrite.ts';
import { openModel, tensorOf } from '../../src/onnx/float.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import type { Codes } from '../../src/ops/group.ts';
import type { Group, Quantised } from './qdq.ts';

/** What ONNX Runtime makes of the nodes that a group became, from the codes given: codes, as the group's definition has them. */
export async function runPart({ network, resolved, qdq, blobs }: Quantised, { fused, structure }: Group, inputs: readonly Codes[]): Promise<ArrayLike<number>> {
  const tensors = new Map(network.edges.map((edge) => [edge.name, edge.tensor]));
  const signed = new Map(resolved.edges.map((edge) => [edge.name, edge.signed === true]));
  const codesName = (edge: string): string => `${tensors.get(edge)!}_QuantizeLinear_Output`;
  const producers = producersOf(qdq);
  const typeOfCodes = (edge: string): DType => qdq.weights[producers.get(codesName(edge))!.inputs[2]!]!.dtype;
  const entering = new Set(fused.inputs.map(codesName));
  const output = codesName(fused.outputs[0]!);
  const nodes = new Set<string>();
  for (const pending = [output]; pending.length > 0; ) {
    const tensor = pending.pop()!;
    const producer = entering.has(tensor) ? undefined : producers.get(tensor);
    if (producer === undefined || nodes.has(producer.name)) continue;
    nodes.add(producer.name);
    pending.push(...producer.inputs);
  }
  const types = Object.fromEntries(fused.inputs.map((edge, i) => [codesName(edge), { dtype: typeOfCodes(edge), shape: structure.inputs[i]!.shape }]));
  const part = extract({ ...qdq, types }, { name: fused.name, nodes, outputs: [output] });
  const session = await openModel(writeOnnx(part, blobs), { name: fused.name });
  const feeds = Object.fromEntries(fused.inputs.map((edge, i) => [codesName(edge), tensorOf(types[codesName(edge)]!, bytesOf(shifted(inputs[i]!, typeOfCodes(edge))))]));
  const made = (await session.run(feeds))[output]!;
  await session.close();
  const offset = signed.get(fused.outputs[0]!) === true ? (structure.output.dtype === 'U16' ? 32768 : 128) : 0;
  return Float64Array.from(made.data as Int16Array, (code) => Number(code) + offset);
}

/** Stored codes of a signed type, as numbers of that type. */
function shifted({ data }: Codes, dtype: DType): Uint8Array | Uint16Array | Int8Array | Int16Array {
  if (dtype === 'S8') return Int8Array.from(data, (code) => code - 128);
  if (dtype === 'S16') return Int16Array.from(data, (code) => code - 32768);
  return data as Uint8Array | Uint16Array;
}
