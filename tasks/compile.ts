// From groups to linked programs: objects, then a link. Every group is tiled, valued and checked on its own; a unit is linked once.
import type { Digest } from '../src/base/digest.ts';
import type { Build, Outputs, Request } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { GroupStructure, Quant } from '../src/ops/group.ts';
import type { FusedGroup, FusedNetwork, ResolvedGroup, ResolvedNetwork, UnitPlan, WeightRequest } from '../src/quant/network.ts';
import { check } from './check.ts';
import { compilesFor, ddrShareOf } from './compile-for.ts';
import { unitChains } from './chains.ts';
import { checkOptions, governing, isChecked } from './checking.ts';
import { link } from './link.ts';
import { linkCheck } from './link-check.ts';
import { alone } from './alone.ts';
import { blobArtifact, jsonOf, type SampleIndex } from './passing.ts';
import type { ModelGoal } from './goal.ts';
import { perf, perfNames } from './perf.ts';
import { labelOf, type Size } from './size.ts';
import { tile } from './tile.ts';
import { values } from './values.ts';
import { weights } from './weights.ts';
import { wire } from './wire.ts';

export interface Compiled {
  /** Resolves when every check of every unit has passed: nothing may be published before. */
  readonly checks: Promise<Checked>;
  /** One per NPU unit, in the order of the plan. */
  readonly programs: readonly Artifact[];
  /** Multiply-accumulates of each unit's groups. */
  readonly macs: readonly Artifact[];
  /** Constants of every group, unit after unit, in the order of the programs' groups. */
  readonly constants: readonly Artifact[];
  /** Of one run of all of them. */
  cycles(): Promise<number>;
  /** Of the units that npu_perf is set for; names of units get the suffix. */
  perf(suffix: string): Promise<readonly UnitPerf[]>;
}

export interface Checked {
  /** Of each checked unit: how close its groups come to the float network. */
  readonly cosines: readonly Artifact[];
}

export interface UnitPerf {
  readonly unit: string;
  readonly trace: Artifact;
  readonly profile: Artifact;
}

interface GroupParts {
  readonly fused: FusedGroup;
  readonly structure: Artifact;
  readonly record: GroupStructure;
  readonly values: Artifact;
  readonly menu: Artifact;
  readonly object: Artifact;
  readonly params: Artifact;
  readonly constants: Artifact;
  readonly scalars: Artifact;
}

export async function compileUnits(
  build: Build,
  goal: ModelGoal,
  inputs: Pick<Size, 'label' | 'network' | 'resolved' | 'samples'> & { readonly units: Artifact },
): Promise<Compiled> {
  const called = labelOf(goal, inputs.label);
  const network = await jsonOf<FusedNetwork>(build, inputs.network);
  const resolved = await jsonOf<ResolvedNetwork>(build, inputs.resolved);
  const plans = await jsonOf<UnitPlan[]>(build, inputs.units);
  const samples = await jsonOf<SampleIndex>(build, inputs.samples);
  const units = plans.filter((plan) => plan.type === 'NPU');
  const chip = compilesFor(goal.target, goal.config);
  const share = ddrShareOf(goal.target, goal.config);

  const groups = await compileGroups(build, goal, { called, network, resolved, units });
  const of = (name: string): GroupParts => groups.get(name)!;
  const partOf = (unit: UnitPlan): string => `${called} ${unit.name}`;
  const sampleOf = (edge: string): Artifact => blobArtifact(samples[edge] as Digest);

  const checkGroups = (): Promise<unknown> => build.map(check, units.flatMap((unit) => {
    const options = checkOptions(goal.config, unit);
    return unit.groups.filter((group) => isChecked(goal.config, unit, of(group).fused)).map((name): Request => {
      const { fused, structure, values: records, params, scalars, object, constants } = of(name);
      const inputs = { structure, values: records, params, scalars, object, constants, samples: fused.inputs.map(sampleOf) };
      return { label: `${called} ${name}`, part: partOf(unit), options, inputs, uses: [`kinds/${fused.kind}`] };
    });
  }));

  const quants = new Map(resolved.edges.map((edge) => [edge.name, edge.quant]));
  const wires = units.map((unit) => wire(unit, of));
  const wirings = wires.map(({ wired }) => wired);
  const parts = units.map((unit) => {
    const members = unit.groups.map(of);
    return { objects: members.map((group) => group.object), scalars: members.map((group) => group.scalars), constants: members.map((group) => group.constants) };
  });
  const chained = await unitChains(build, goal, { called, units: units.map((plan, u) => ({ plan, wired: wirings[u]!, groups: plan.groups.map(of) })) });
  const links = build.map(link, units.map((unit, u): Request => {
    const menus = unit.groups.map((name) => of(name).menu);
    const { chains, menus: ofChains } = chained[u]!;
    return { label: partOf(unit), part: partOf(unit), options: { ...chip, ...share, ...wirings[u]!, chains }, inputs: { menus, scalars: parts[u]!.scalars, chains: ofChains } };
  }));

  // Groups one by one, and the linked program: the two sides of the link's check.
  const checkLinks = async (): Promise<readonly Artifact[]> => {
    const quantOf = (name: string): { quant: Quant | null } => ({ quant: quants.get(name) ?? null });
    const checked = units.flatMap((unit, u) => (checkOptions(goal.config, unit).level === 0 ? [] : [{
      unit, u,
      label: partOf(unit),
      options: { ...wirings[u]!, sources: unit.inputs.map(quantOf) },
      inputs: { ...parts[u]!, samples: unit.inputs.map(sampleOf) },
    }]));
    const [apart, linked] = await Promise.all([
      build.map(alone, checked.map(({ unit, label, options, inputs: all }) => ({
        label,
        part: label,
        options: { ...options, sinks: unit.outputs.map(quantOf) },
        inputs: { ...all, floats: unit.outputs.map(sampleOf) },
      }))),
      links,
    ]);
    await build.map(linkCheck, checked.map(({ unit, u, label, options, inputs: all }, i) => ({
      label,
      part: label,
      options: { ...options, ...checkOptions(goal.config, unit) },
      inputs: { ...all, program: linked[u]!['program']!, alone: apart[i]!['edges']! },
    })));
    return apart.map((one) => one['cosine']!);
  };
  // Whoever awaits the checks hears of a failure; until then it must not count as unhandled.
  const checks = Promise.all([checkGroups(), checkLinks()]).then(([, cosines]) => ({ cosines }));
  checks.catch(() => {});
  const made = await links;
  return {
    checks,
    programs: made.map((one) => one['program']!),
    macs: made.map((one) => one['macs']!),
    constants: units.flatMap((unit) => unit.groups.map((name) => of(name).constants)),
    async cycles() {
      const { readProgram } = await import('../src/npu/program.ts');
      const programs = await Promise.all(made.map(async (one) => readProgram(await build.read(one['program']!))));
      return programs.reduce((sum, program) => sum + program.stats.cycles, 0);
    },
    async perf(suffix) {
      const traced = units.map((unit, u) => ({ unit, u })).filter(({ unit }) => governing(goal.config, unit).npu_perf);
      const requests = traced.map(({ unit, u }): Request => {
        const names = perfNames(`${unit.name}${suffix}`, wires[u]!.names, unit.groups.map((name) => of(name).fused));
        return { label: partOf(unit), part: partOf(unit), options: { ...chip, ...share, ...wirings[u]!, names }, inputs: { program: made[u]!['program']!, macs: made[u]!['macs']! } };
      });
      const reports = await build.map(perf, requests);
      return reports.map((one, i): UnitPerf => ({ unit: `${traced[i]!.unit.name}${suffix}`, trace: one['trace']!, profile: one['profile']! }));
    },
  };
}

async function compileGroups(
  build: Build,
  goal: ModelGoal,
  { called, network, resolved, units }: { called: string; network: FusedNetwork; resolved: ResolvedNetwork; units: readonly UnitPlan[] },
): Promise<Map<string, GroupParts>> {
  const members = units.flatMap((unit) => unit.groups.map((name) => ({ name, part: `${called} ${unit.name}` })));
  const sliced = new Set(units.filter((unit) => governing(goal.config, unit).enable_slice_mode).flatMap((unit) => unit.groups));
  const fusedOf = new Map(network.groups.map((group) => [group.name, group]));
  const resolvedOf = new Map(resolved.groups.map((group) => [group.name, group]));
  const list = members.map(({ name, part }) => ({ name, part, fused: fusedOf.get(name)!, resolved: resolvedOf.get(name)! }));
  const chip = compilesFor(goal.target, goal.config);
  const structures = list.map(({ resolved: group }) => blobArtifact(group.structure));
  const [tiled, valued, records] = await Promise.all([
    build.map(tile, list.map(({ name, part, fused }, i): Request => ({
      label: `${called} ${name}`,
      part,
      options: { ...chip, sliced: sliced.has(name) },
      inputs: { structure: structures[i]! },
      uses: [`lower/${fused.kind}`],
    }))),
    valuesOf(build, goal, { called, list }),
    Promise.all(structures.map((structure) => jsonOf<GroupStructure>(build, structure))),
  ]);
  return new Map(list.map(({ name, fused, resolved: group }, i) => [name, {
    fused,
    structure: structures[i]!,
    record: records[i]!,
    values: blobArtifact(group.values),
    menu: tiled[i]!['menu']!,
    object: tiled[i]!['object']!,
    params: valued[i]!['params']!,
    constants: valued[i]!['constants']!,
    scalars: valued[i]!['scalars']!,
  }]));
}

/** Quantises each weight tensor, then packs each group's integers. */
async function valuesOf(
  build: Build,
  goal: ModelGoal,
  { called, list }: { called: string; list: readonly { readonly name: string; readonly part: string; readonly fused: FusedGroup; readonly resolved: ResolvedGroup }[] },
): Promise<readonly Outputs[]> {
  const requests = list.flatMap(({ name, part, resolved }) => resolved.weights.map((weight) => ({ ...weightRequest(goal, name, weight), part })));
  const codes = await build.map(weights, requests);
  let next = 0;
  return build.map(values, list.map(({ name, part, fused, resolved }): Request => ({
    label: `${called} ${name}`,
    part,
    options: { roles: resolved.weights.map((weight) => weight.role) },
    inputs: {
      structure: blobArtifact(resolved.structure),
      values: blobArtifact(resolved.values, resolved.floats),
      weights: resolved.weights.map(() => codes[next++]!['codes']!),
    },
    uses: [`kinds/${fused.kind}`, `lower/${fused.kind}`],
  })));
}

/** The job that quantises one weight tensor of a group. */
export function weightRequest(goal: ModelGoal, group: string, { float, role, ...how }: WeightRequest): Request {
  return {
    label: `${goal.name} ${group} ${role}`,
    options: { ...how, refine_weight_threshold: goal.config.quant.refine_weight_threshold },
    inputs: { weight: blobArtifact(float) },
  };
}
