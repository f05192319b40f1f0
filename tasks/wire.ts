// A unit's groups and edges as numbers: what link needs to know of them, in canonical order and without names; and the names beside it.
import type { Edge, GroupStructure } from '../src/ops/group.ts';
import type { FusedGroup, UnitPlan } from '../src/quant/network.ts';

export interface Wiring {
  readonly wiring: { inputs: number[]; output: number }[];
  readonly edges: { edge: Edge; role: 'input' | 'output' | 'inner' }[];
}

export interface Wired {
  readonly wired: Wiring;
  /** Of each edge. */
  readonly names: readonly string[];
}

export function wire(unit: UnitPlan, of: (name: string) => { readonly fused: FusedGroup; readonly record: GroupStructure }): Wired {
  const index = new Map<string, number>();
  const edges: Wiring['edges'] = [];
  const roleOf = (name: string): Wiring['edges'][number]['role'] => unit.inputs.includes(name) ? 'input' : unit.outputs.includes(name) ? 'output' : 'inner';
  const add = (name: string, edge: Edge): number => {
    const known = index.get(name);
    if (known !== undefined) return known;
    index.set(name, edges.length);
    edges.push({ edge, role: roleOf(name) });
    return edges.length - 1;
  };
  // Runtime order first, inputs then outputs as the unit lists them: their rank is their address space.
  for (const input of unit.inputs) {
    for (const name of unit.groups) {
      const at = of(name).fused.inputs.indexOf(input);
      if (at >= 0) add(input, of(name).record.inputs[at]!);
    }
  }
  for (const output of unit.outputs) {
    const producer = of(unit.groups.find((name) => of(name).fused.outputs[0] === output)!);
    add(output, producer.record.output);
  }
  const wiring = unit.groups.map((name) => {
    const { fused, record } = of(name);
    return { inputs: fused.inputs.map((edge, i) => add(edge, record.inputs[i]!)), output: add(fused.outputs[0]!, record.output) };
  });
  return { wired: { wiring, edges }, names: [...index.keys()] };
}
