// The chains of a unit in tile mode, planned: what link gets beside the menus of its groups.
import type { BuildConfig } from '../src/config/index.ts';
import type { Build, Request } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { FoundChain } from '../src/npu/chains.ts';
import type { GroupStructure } from '../src/ops/group.ts';
import type { UnitPlan } from '../src/quant/network.ts';
import { chain } from './chain.ts';
import { governing } from './checking.ts';
import { compilesFor } from './compile-for.ts';
import type { ModelGoal } from './goal.ts';
import type { Wiring } from './wire.ts';

export interface UnitChains {
  readonly chains: readonly FoundChain[];
  readonly menus: readonly Artifact[];
}

export interface ChainedUnit {
  readonly plan: UnitPlan;
  readonly wired: Wiring;
  readonly groups: readonly { readonly structure: Artifact; readonly record: GroupStructure; readonly fused: { readonly kind: string } }[];
}

/** One record a unit; without chains where enable_tile_mode isn't set. */
export async function unitChains(build: Build, goal: ModelGoal, { called, units }: { called: string; units: readonly ChainedUnit[] }): Promise<readonly UnitChains[]> {
  const found = await Promise.all(units.map((unit) => (isTiled(goal.config, unit.plan) ? chainsIn(unit, goal) : [])));
  const chip = compilesFor(goal.target, goal.config);
  const requests = units.flatMap(({ plan, groups }, u) => found[u]!.map(({ groups: members, shape }): Request => ({
    label: `${called} ${plan.groups[members[0]!]!} to ${plan.groups[members.at(-1)!]!}`,
    options: { ...chip, shape },
    inputs: { structures: members.map((g) => groups[g]!.structure) },
    uses: [...new Set(members.map((g) => `lower/${groups[g]!.fused.kind}`))],
  })));
  const menus = (await build.map(chain, requests)).values();
  return found.map((chains) => ({ chains, menus: chains.map(() => menus.next().value!['menu']!) }));
}

function isTiled(config: BuildConfig, plan: UnitPlan): boolean {
  return governing(config, plan).enable_tile_mode;
}

async function chainsIn({ wired, groups }: ChainedUnit, { target, config }: ModelGoal): Promise<readonly FoundChain[]> {
  const { chainsOf, worthOn } = await import('../src/npu/chains.ts');
  const { modeOf } = await import('../src/targets/mode.ts');
  return chainsOf(wired.wiring, {
    structures: groups.map(({ record }) => record),
    inner: (edge) => wired.edges[edge]!.role === 'inner',
    worth: worthOn(modeOf(target, config.npu_mode).ocmBytes),
  });
}
