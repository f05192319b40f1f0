// Brings nodes from the model's opset to canonicalOpset, one version after the other, following types as far as they can be inferred.
import { Fault } from '../base/fault.ts';
import { canonicalOpset, type Keep, type Node, type Weight } from '../graph/graph.ts';
import type { Inference } from '../graph/infer.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { laterAttributes, upgrades } from './upgrade/index.ts';
import type { UpgradeView } from './upgrade/upgrade.ts';

export interface UpgradeOptions {
  readonly opset: number;
  readonly file: string;
  /** Grows by the constants that upgrades make. */
  readonly weights: Record<string, Weight>;
  readonly keep: Keep;
  readonly inference: Inference;
}

/** Nodes in topological order, to nodes in topological order. Throws a Fault on a node whose meaning can't be said any more. */
export function upgradeNodes(nodes: readonly Node[], options: UpgradeOptions): readonly Node[] {
  const taken = new Set([...Object.keys(options.weights), ...nodes.flatMap((node) => [...node.inputs, ...node.outputs])]);
  return nodes.flatMap((node) => {
    checkLater(node, options);
    let upgraded: readonly Node[] = [node];
    for (let version = options.opset + 1; version <= canonicalOpset; version++) {
      upgraded = upgraded.flatMap((part) => upgrades[part.op]?.[version]?.(part, viewOf(part, { ...options, version, taken })) ?? [part]);
    }
    for (const part of upgraded) options.inference.add(part);
    return upgraded;
  });
}

function viewOf(node: Node, { opset, version, file, weights, keep, inference, taken }: UpgradeOptions & { version: number; taken: Set<string> }): UpgradeView {
  const tensor = (role: string): string => {
    let name = `${node.outputs[0] ?? node.name}/${role}`;
    while (taken.has(name)) name += '_';
    taken.add(name);
    return name;
  };
  return {
    tensor,
    numbers: (name) => (name === undefined || name === '' ? undefined : inference.numbers(name)),
    typeOf: (name) => (name === undefined || name === '' ? undefined : inference.typeOf(name)),
    constant: (role, { dtype, shape, numbers }) => {
      const name = tensor(role);
      weights[name] = { dtype, shape, digest: keep(bytesOfNumbers(numbers, dtype)) };
      return name;
    },
    refuse: (why) => {
      throw new Fault({
        place: { file },
        what: `${node.op} "${node.name}" of opset ${opset} can't be brought to opset ${canonicalOpset}: ${why}`,
        facts: [['changed', `in opset ${version}`], ['try', `export the model with opset ${canonicalOpset}`]],
      });
    },
  };
}

function checkLater(node: Node, { opset, file }: UpgradeOptions): void {
  for (const [name, since] of Object.entries(laterAttributes[node.op] ?? {})) {
    if (since > opset || node.attributes[name] === undefined) continue;
    throw new Fault({
      place: { file },
      what: `${node.op} "${node.name}" uses attribute ${name}, which came with opset ${since}: axbuild's graphs are of opset ${canonicalOpset}`,
      facts: [['try', `export the model with opset ${canonicalOpset}`]],
    });
  }
}
