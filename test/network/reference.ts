// A whole network by the integer definitions alone, group after group, and by the simulator, with every edge in view.
import { elements } from '../../src/base/dtype.ts';
import { textOf } from '../../src/base/bytes.ts';
import { edgeBytes, fromMemory, toMemory } from '../../src/npu/memory.ts';
import type { Program } from '../../src/npu/object.ts';
import { readProgram } from '../../src/npu/program.ts';
import { simulate } from '../../src/npu/simulate.ts';
import type { Codes, Edge, GroupStructure, GroupValues, Params } from '../../src/ops/group.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import type { FusedNetwork, ResolvedNetwork, UnitPlan } from '../../src/quant/network.ts';
import { quantiseWeight } from '../../src/quant/weights.ts';
import type { Built } from './networks.ts';

/** An NPU group as the definitions take it; edges by name. */
export interface Group {
  readonly name: string;
  readonly structure: GroupStructure;
  readonly values: GroupValues;
  readonly params: Params;
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Codes by edge. */
export type Tensors = Map<string, Codes>;

/** The NPU groups of a unit in order, their integers worked out here from what `resolve` says: no task between is asked. */
export function groupsOf(built: Built, unit: string): Group[] {
  const fused = built.json<FusedNetwork>('fuse', 'network');
  const resolved = built.json<ResolvedNetwork>('resolve', 'network');
  return planOf(built, unit).groups.map((name) => {
    const { structure, values, weights } = resolved.groups.find((group) => group.name === name)!;
    const { inputs, outputs } = fused.groups.find((group) => group.name === name)!;
    const read = <T>(digest: typeof structure): T => JSON.parse(textOf(built.blob(digest))) as T; // records that resolve wrote
    const [shape, numbers] = [read<GroupStructure>(structure), read<GroupValues>(values)];
    const codes = weights.map((request) => [request.role, quantiseWeight(built.blob(request.float), request, { refineThreshold: built.config.quant.refine_weight_threshold })] as const);
    const params = kindOf(shape.kind).params(shape, numbers, Object.fromEntries(codes), built.blob);
    return { name, structure: shape, values: numbers, params, inputs, output: outputs[0]! };
  });
}

export function planOf(built: Built, unit: string): UnitPlan {
  return built.json<UnitPlan[]>('partition', 'units').find((plan) => plan.name === unit)!;
}

/** Every edge that the groups write, from the edges that enter. */
export function referenceEdges(groups: readonly Group[], entering: ReadonlyMap<string, Codes>): Tensors {
  const edges: Tensors = new Map(entering);
  for (const { structure, params, inputs, output } of groups) {
    edges.set(output, kindOf(structure.kind).integer(structure, params, inputs.map((name) => edges.get(name)!)));
  }
  return edges;
}

export interface Linked {
  readonly program: Program;
  readonly params: Uint8Array;
  /** The edges that enter, in the order of the program's inputs, and those that groups write, in the order of the groups. */
  readonly inputs: readonly (readonly [name: string, edge: Edge])[];
  readonly written: readonly { readonly name: string; readonly edge: Edge; readonly at: number }[];
}

/** The one program of a unit, out of the container, with the names of its edges. */
export function linkedOf(built: Built, unit: string, groups: readonly Group[]): Linked {
  const found = built.container.chains[0]!.units.find((one) => one.name === unit);
  if (found?.type !== 'NPU') throw new Error(`no NPU unit ${unit}`);
  const [{ program, params }] = found.programs as [typeof found.programs[number]];
  const { wiring } = built.jobs['link']!.find((job) => job.label === unit)!.recipe.options as unknown as { wiring: { output: number }[] };
  const entering = planOf(built, unit).inputs.map((name) => {
    const reader = groups.find((group) => group.inputs.includes(name))!;
    return [name, reader.structure.inputs[reader.inputs.indexOf(name)]!] as const;
  });
  const written = groups.map(({ output, structure }, g) => ({ name: output, edge: structure.output, at: wiring[g]!.output }));
  return { program: readProgram(program), params, inputs: entering, written };
}

/** Every edge that the linked program writes, each copied the moment it is complete. */
export function simulatedEdges({ program, params, inputs, written }: Linked, entering: ReadonlyMap<string, Codes>, code = program.code): { edges: Tensors; saturations: number } {
  const bytes = inputs.map(([name, edge]) => toMemory(entering.get(name)!, edge));
  const probes = written.map(({ edge, at }) => {
    const { space, offset, completeAfter } = program.edges[at]!;
    return { after: completeAfter, space, offset, bytes: edgeBytes(edge) };
  });
  const ran = simulate({ ...program, code }, params, bytes, { strict: true, probes });
  return { edges: new Map(written.map(({ name, edge }, i) => [name, fromMemory(ran.probes[i]!, edge)])), saturations: ran.saturations };
}

/** Edges whose codes differ, each with the number of places and the first of them. */
export function differences(reference: ReadonlyMap<string, Codes>, program: ReadonlyMap<string, Codes>): string[] {
  const found: string[] = [];
  for (const [name, { data }] of program) {
    const due = reference.get(name)!;
    if (data.length !== elements(due.shape)) found.push(`${name}: ${data.length} values instead of ${elements(due.shape)}`);
    let [count, first] = [0, -1];
    for (let i = 0; i < data.length; i++) {
      if (Object.is(data[i], due.data[i])) continue;
      count++;
      if (first < 0) first = i;
    }
    if (count > 0) found.push(`${name}: ${count} of ${data.length} values, first [${first}]: reference ${due.data[first]}, program ${data[first]}`);
  }
  return found;
}
