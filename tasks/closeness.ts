// How close a unit's outputs in integers come to those of the float network.
import { viewAs } from '../src/base/bytes.ts';
import type { Quant } from '../src/ops/group.ts';
import { cosine } from './checking.ts';
import type { UnitEdges } from './unit-run.ts';

export interface Ends extends UnitEdges {
  /** Of each output, in order. */
  readonly sinks: readonly { readonly quant: Quant | null }[];
}

/** The lowest cosine of an output to its floats (FP32 bytes in logical order). `outputs`: of each group, in memory order. */
export async function lowestCosine(outputs: readonly Uint8Array[], floats: readonly Uint8Array[], { wiring, edges, sinks }: Ends): Promise<number> {
  const { fromMemory } = await import('../src/npu/memory.ts');
  const ends = edges.flatMap(({ role }, e) => (role === 'output' ? [e] : []));
  const cosines = ends.map((end, i) => {
    const { data } = fromMemory(outputs[wiring.findIndex(({ output }) => output === end)]!, edges[end]!.edge);
    const { scale, zero } = sinks[i]!.quant ?? { scale: 1, zero: 0 };
    const close = cosine(data, viewAs(Float32Array, floats[i]!), (code) => (code - zero) * scale);
    return Number.isFinite(close) ? close : 0; // the float network itself overflows
  });
  return Math.min(...cosines);
}
