// One group on its own: its object linked as a unit of one, run on given codes. What checks compare with the reference.
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

export function simulateGroup({ structure, menu, scalars, constants, target, mode }: LoneGroup, inputs: readonly Codes[]): Codes {
  const edges = [...structure.inputs, structure.output];
  const output = structure.inputs.length;
  const program = link(
    [{ menu, scalars, inputs: structure.inputs.map((_, i) => i), output }],
    edges.map((edge, i) => ({ bytes: edgeBytes(edge), role: i === output ? 'output' : 'input' })),
    { target, mode },
  );
  const { outputs } = simulate(program, constants, inputs.map((codes, i) => toMemory(codes, edges[i]!)), { strict: true });
  return fromMemory(outputs[0]!, structure.output);
}
