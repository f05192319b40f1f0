// What the two halves of a link check share: a unit's groups, its edges by number, and one sample in memory order.
import * as z from 'zod';
import { textOf } from '../src/base/bytes.ts';
import type { Job } from '../src/engine/task.ts';
import type { Menu } from '../src/npu/object.ts';
import type { Edge } from '../src/ops/group.ts';

const edge = z.strictObject({ shape: z.array(z.int()), dtype: z.enum(['U8', 'U16', 'FP32']), layout: z.enum(['nhwc', 'plain']) });

/** How the groups of a unit hang together: edges by number. */
export const wiring = {
  wiring: z.array(z.strictObject({ inputs: z.array(z.int()), output: z.int() })),
  edges: z.array(z.strictObject({ edge, role: z.enum(['input', 'output', 'inner']) })),
};

/** Null where values are what they are. */
export const quantOrNone = z.strictObject({ quant: z.strictObject({ scale: z.number(), zero: z.number() }).nullable() });

export const unitEdges = {
  ...wiring,
  /** Scale and zero of each input of the unit, in order. */
  sources: z.array(quantOrNone),
};
export type UnitEdges = z.infer<z.ZodObject<typeof unitEdges>>;

export interface AloneInputs {
  /** Menus of one variant each: the plain one. */
  readonly objects: readonly Menu[];
  readonly scalars: readonly Readonly<Record<string, number>>[];
  readonly constants: readonly Uint8Array[];
}

export async function readParts<Options>(job: Job<Options>): Promise<AloneInputs> {
  const { readMenu } = await import('../src/npu/menu.ts');
  return {
    objects: job.inputs('objects').map(readMenu),
    scalars: job.inputs('scalars').map((bytes) => JSON.parse(textOf(bytes)) as Record<string, number>),
    constants: job.inputs('constants'),
  };
}

/** The unit's inputs as they lie in memory. */
export async function sampleBytes(samples: readonly Uint8Array[], { edges, sources }: UnitEdges): Promise<Uint8Array[]> {
  const { sampleCodes } = await import('../src/quant/codes.ts');
  const { toMemory } = await import('../src/npu/memory.ts');
  return samples.map((bytes, i) => toMemory(sampleCodes(bytes, edges[i]!.edge, sources[i]!.quant), edges[i]!.edge));
}

/** Each group's output in memory order, from the outputs of the groups before it. */
export async function runAlone({ objects, scalars, constants }: AloneInputs, inputs: readonly Uint8Array[], { wiring: groups, edges }: UnitEdges, run: RunGroup = ({ make }) => make()): Promise<Uint8Array[]> {
  const { runObject } = await import('../src/npu/lone-group.ts');
  const at: (Uint8Array | undefined)[] = edges.map((_, e) => inputs[e]);
  return groups.map((group, g) => {
    const structure = { inputs: group.inputs.map((e) => edges[e]!.edge), output: edges[group.output]!.edge };
    const make = (): Uint8Array => runObject({ structure, menu: objects[g]!, scalars: scalars[g]!, constants: constants[g]! }, group.inputs.map((e) => at[e]!));
    const bytes = run({ group: g, structure, inputs: group.inputs, output: group.output, make });
    at[group.output] = bytes;
    return bytes;
  });
}

/** Gives a group's output, by making it or from where it is known already. `inputs`, `output`: edges by number. */
export type RunGroup = (of: {
  readonly group: number;
  readonly structure: { readonly inputs: readonly Edge[]; readonly output: Edge };
  readonly inputs: readonly number[];
  readonly output: number;
  make(): Uint8Array;
}) => Uint8Array;
