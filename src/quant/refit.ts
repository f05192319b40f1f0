// The quantised network at other shapes of its inputs. Types, scales and weights stay what they were resolved to; only shapes move, and what
// follows from them.
import { utf8 } from '../base/bytes.ts';
import { canonical, type Json } from '../base/canonical.ts';
import type { Digest } from '../base/digest.ts';
import { Fault } from '../base/fault.ts';
import type { Keep } from '../graph/graph.ts';
import type { Edge, GroupStructure } from '../ops/group.ts';
import type { FusedGroup, FusedNetwork, ResolvedNetwork } from './network.ts';

export interface RefitOptions {
  /** The network that was resolved, and the same one at the new shapes. */
  readonly base: FusedNetwork;
  readonly network: FusedNetwork;
  readonly resolved: ResolvedNetwork;
  readonly structureOf: (digest: Digest) => GroupStructure;
  readonly keep: Keep;
}

/** Throws a Fault where the shapes change more than shapes. */
export function refit({ base, network, resolved, structureOf, keep }: RefitOptions): ResolvedNetwork {
  const [before, after] = [base.groups.map(skeleton), network.groups.map(skeleton)];
  const odd = Math.max(before.length, after.length) === 0 ? -1 : before.findIndex((text, i) => text !== after[i]);
  if (odd >= 0 || before.length !== after.length) throw differs(base.groups[Math.max(odd, 0)], network.groups[Math.max(odd, 0)]);
  const shapes = new Map(network.edges.map((edge) => [edge.name, edge.shape]));
  const groupOf = new Map(network.groups.map((group) => [group.name, group]));
  return {
    edges: resolved.edges,
    groups: resolved.groups.map((group) => {
      const fused = groupOf.get(group.name)!;
      const old = structureOf(group.structure);
      const reshaped = (edge: Edge, name: string): Edge => ({ ...edge, shape: shapes.get(name)! });
      const structure: GroupStructure = {
        ...old,
        attributes: { ...old.attributes, ...fused.draft!.attributes },
        inputs: old.inputs.map((edge, i) => reshaped(edge, fused.inputs[i]!)),
        output: reshaped(old.output, fused.outputs[0]!),
      };
      return { ...group, structure: keep(utf8(canonical(structure as unknown as Json))) };
    }),
  };
}

/** What must not change: who computes what from what. */
function skeleton({ name, kind, nodes, inputs, outputs, weights, floats, chain }: FusedGroup): string {
  return canonical({ name, kind, nodes, inputs, outputs, weights, floats, chain } as unknown as Json);
}

function differs(before: FusedGroup | undefined, after: FusedGroup | undefined): Fault {
  const say = (group: FusedGroup | undefined): string => (group === undefined ? 'nothing' : `${group.kind} "${group.name}"`);
  return new Fault({
    exit: 2,
    what: 'at other input shapes this is another network: its operators would have to be quantised apart',
    facts: [['at the own shapes', say(before)], ['at the others', say(after)], ['try', 'a build of its own for these shapes']],
  });
}
