// What lies between tensors: shared by layer_configs (float nodes) and sub_configs (groups).

/** Something that reads and writes named tensors. */
export interface Flow {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The flows on paths from the start tensors to the end tensors: whoever reads a start, whoever writes an end, and all in between. */
export function onPaths<T extends Flow>(flows: readonly T[], { start, end }: { start: Iterable<string>; end: Iterable<string> }): readonly T[] {
  const reached = new Set(start);
  const wanted = new Set(end);
  const ahead = flows.filter(({ inputs, outputs }) => {
    if (!inputs.some((tensor) => reached.has(tensor))) return false;
    outputs.forEach((tensor) => reached.add(tensor));
    return true;
  });
  const both = ahead.reverse().filter(({ inputs, outputs }) => {
    if (!outputs.some((tensor) => wanted.has(tensor))) return false;
    inputs.forEach((tensor) => wanted.add(tensor));
    return true;
  });
  return both.reverse();
}

/** A shortest path as tensor, flow, tensor, … tensor, from one of `start` to one of `end` through at least one flow; undefined if there is none. */
export function pathBetween(flows: readonly Flow[], { start, end }: { start: Iterable<string>; end: ReadonlySet<string> }): readonly string[] | undefined {
  const readers = new Map<string, Flow[]>();
  for (const flow of flows) for (const tensor of new Set(flow.inputs)) readers.set(tensor, [...(readers.get(tensor) ?? []), flow]);
  const seen = new Set<string>();
  const queue = [...start].map((tensor): readonly string[] => [tensor]);
  for (const path of queue) {
    for (const flow of readers.get(path.at(-1)!) ?? []) {
      for (const tensor of flow.outputs) {
        const longer = [...path, flow.name, tensor];
        if (end.has(tensor)) return longer;
        if (seen.has(tensor)) continue;
        seen.add(tensor);
        queue.push(longer);
      }
    }
  }
  return undefined;
}
