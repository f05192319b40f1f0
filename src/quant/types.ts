// What layer_configs may ask for. An activation type is codes (or floats) in a storage; a signed one has a symmetric range, and its codes are
// stored with 2^(bits-1) added, so that arithmetic never sees a sign (docs/integer-spec.md §1).
import type { EdgeType } from '../ops/group.ts';

/** Lowest first: of the readers of an edge the highest wins. */
export const codeTypes = {
  U8: { storage: 'U8', levels: 255, signed: false },
  S8: { storage: 'U8', levels: 255, signed: true },
  U16: { storage: 'U16', levels: 65535, signed: false },
  S16: { storage: 'U16', levels: 65535, signed: true },
} as const satisfies Readonly<Record<string, { readonly storage: EdgeType; readonly levels: number; readonly signed: boolean }>>;

/** The signed type that has the same storage. */
export const signedNames = { U8: 'S8', U16: 'S16' } as const;

/** Type of codes as the user names it. */
export type CodeType = keyof typeof codeTypes;

/** What a group computes in, or an edge carries. */
export type ComputeType = CodeType | 'FP32';

/** Every type that may be asked for, lowest first. */
export const computeTypes: readonly ComputeType[] = ['U8', 'S8', 'U16', 'S16', 'FP32'];

/** What the weights of a group are stored in, lowest first. */
export const weightTypes = ['S8', 'S16'] as const;
export type WeightType = (typeof weightTypes)[number];

export function isComputeType(name: string): name is ComputeType {
  return (computeTypes as readonly string[]).includes(name);
}

export function isWeightType(name: string): name is WeightType {
  return (weightTypes as readonly string[]).includes(name);
}

export function highest<T extends ComputeType>(types: readonly [T, ...T[]]): T {
  return types.reduce((most, type) => (computeTypes.indexOf(type) > computeTypes.indexOf(most) ? type : most));
}

/** Whether b has more bits than a. */
export function isWider(b: CodeType, a: CodeType): boolean {
  return codeTypes[b].levels > codeTypes[a].levels;
}
