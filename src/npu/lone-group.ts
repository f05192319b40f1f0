// One group on its own, run by the simulator: what checks compare with the reference, and the linked program with.
import type { Edge } from '../ops/group.ts';
import { decode } from './decode.ts';
import { space } from './isa.ts';
import { edgeBytes } from './memory.ts';
import { plainVariant, type Menu } from './object.ts';
import { patch } from './patch.ts';
import { simulate } from './simulate.ts';

export interface LoneGroup {
  readonly structure: { readonly inputs: readonly Edge[]; readonly output: Edge };
  readonly menu: Menu;
  readonly scalars: Readonly<Record<string, number>>;
  readonly constants: Uint8Array;
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
