// One group on its own, run by the simulator: what checks compare with the reference, and the linked program with.
import type { Codes, Edge } from '../ops/group.ts';
import type { Target } from '../targets/target.ts';
import { decode } from './decode.ts';
import { space } from './isa.ts';
import { link } from './link.ts';
import { edgeBytes, fromMemory, toMemory } from './memory.ts';
import { plainVariant, type Menu } from './object.ts';
import { patch } from './patch.ts';
import { simulate } from './simulate.ts';

export interface LoneGroup {
  readonly structure: { readonly inputs: readonly Edge[]; readonly output: Edge };
  readonly menu: Menu;
  readonly scalars: Readonly<Record<string, number>>;
  readonly constants: Uint8Array;
}

/** Codes in, codes out: linked as a unit of one, with every rule of execution checked. */
export function simulateGroup({ structure, menu, scalars, constants }: LoneGroup, on: { readonly target: Target; readonly mode: string }, inputs: readonly Codes[]): Codes {
  const edges = [...structure.inputs, structure.output];
  const output = structure.inputs.length;
  const program = link(
    [{ menu, scalars, inputs: structure.inputs.map((_, i) => i), output }],
    edges.map((edge, i) => ({ bytes: edgeBytes(edge), role: i === output ? 'output' : 'input' })),
    on,
  );
  const bytes = inputs.map((codes, i) => toMemory(codes, edges[i]!));
  return fromMemory(simulate(program, constants, bytes, { strict: true }).outputs[0]!, structure.output);
}

/**
 * Bytes in, bytes out, as they lie in memory: the object's own code with nothing planned around it, its instructions one after the other,
 * its edges in DDR. Shares no residency, address, order or wait with what `link` makes of it.
 */
export function runObject({ structure, menu, scalars, constants }: LoneGroup, inputs: readonly Uint8Array[]): Uint8Array {
  const variant = plainVariant(menu);
  const bases = {
    arena: 0, constants: 0,
    inputs: inputs.map((_, i) => ({ space: space.input + i, offset: 0 })),
    output: { space: space.output, offset: 0 },
  };
  const program = {
    code: patch(variant, decode(variant.code), { bases, scalars }),
    ocmBytes: variant.arenaBytes, paramsBytes: constants.byteLength, swapBytes: 0,
    inputs: inputs.map((bytes) => ({ bytes: bytes.byteLength })),
    outputs: [{ bytes: edgeBytes(structure.output) }],
  };
  return simulate(program, constants, inputs).outputs[0]!;
}
