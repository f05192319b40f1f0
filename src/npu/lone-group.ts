// One group on its own: its object linked as a unit of one and run. What checks compare with the reference, and the link with.
import type { Codes, Edge } from '../ops/group.ts';
import type { Target } from '../targets/target.ts';
import { link } from './link.ts';
import { edgeBytes, fromMemory, toMemory } from './memory.ts';
import type { Menu } from './object.ts';
import { simulate } from './simulate.ts';

export interface LoneGroup {
  readonly structure: { readonly inputs: readonly Edge[]; readonly output: Edge };
  readonly menu: Menu;
  readonly scalars: Readonly<Record<string, number>>;
  readonly constants: Uint8Array;
  readonly target: Target;
  readonly mode: string;
}

/** Codes in, codes out, with every rule of execution checked. */
export function simulateGroup(group: LoneGroup, inputs: readonly Codes[]): Codes {
  const { structure } = group;
  const bytes = inputs.map((codes, i) => toMemory(codes, structure.inputs[i]!));
  return fromMemory(runGroup(group, bytes, { strict: true }), structure.output);
}

/** Bytes as they lie in memory, in and out. */
export function runGroup({ structure, menu, scalars, constants, target, mode }: LoneGroup, inputs: readonly Uint8Array[], { strict }: { strict: boolean }): Uint8Array {
  const edges = [...structure.inputs, structure.output];
  const output = structure.inputs.length;
  const program = link(
    [{ menu, scalars, inputs: structure.inputs.map((_, i) => i), output }],
    edges.map((edge, i) => ({ bytes: edgeBytes(edge), role: i === output ? 'output' : 'input' })),
    { target, mode },
  );
  return simulate(program, constants, inputs, { strict }).outputs[0]!;
}
