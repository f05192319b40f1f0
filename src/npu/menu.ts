// A menu as bytes: a pack whose meta holds the numbers and the names of scalars, and whose sections hold each variant's code and relocations.
import { byCodeUnit, type Json } from '../base/canonical.ts';
import { bytesOf, viewAs } from '../base/bytes.ts';
import { readPack, writePack } from '../base/pack.ts';
import type { Menu, Relocation, Variant } from './object.ts';

const version = 2;

export function writeMenu({ variants, ...numbers }: Menu): Uint8Array {
  const scalars = [...new Set(variants.flatMap(({ relocations }) => relocations.map(({ scalar }) => scalar)))].sort(byCodeUnit);
  const rank = new Map(scalars.map((name, i) => [name, i]));
  const meta: Json = {
    version, ...numbers, scalars,
    variants: variants.map(({ onChip, arenaBytes, cycles, ddrBytes }) => ({ onChip, arenaBytes, cycles: { ...cycles }, ddrBytes: { ...ddrBytes } })),
  };
  return writePack(meta, variants.flatMap(({ code, relocations }, i) => {
    // Pairs: word, rank of the scalar's name.
    const pairs = new Uint32Array(2 * relocations.length);
    relocations.forEach(({ word, scalar }, r) => pairs.set([word, rank.get(scalar)!], 2 * r));
    return [[`${i}`, bytesOf(code)], [`${i} relocations`, bytesOf(pairs)]] as const;
  }));
}

interface MenuMeta {
  readonly version: number;
  readonly constantBytes: number;
  readonly macs: number;
  readonly scalars: readonly string[];
  readonly variants: readonly Omit<Variant, 'code' | 'relocations'>[];
}

/** The reverse of writeMenu: only ever given what it wrote, so a mismatch is a bug. Code is a view into `bytes`. */
export function readMenu(bytes: Uint8Array): Menu {
  const { meta, sections } = readPack(bytes);
  const record = meta as unknown as MenuMeta; // checked by version: both sides are this file
  if (record.version !== version) throw new Error(`BUG: menu version ${record.version}`);
  const words = (name: string): Uint32Array => viewAs(Uint32Array, sections.get(name)!);
  return {
    constantBytes: record.constantBytes,
    macs: record.macs,
    variants: record.variants.map((rest, i) => {
      const pairs = words(`${i} relocations`);
      const relocations = Array.from({ length: pairs.length / 2 }, (_, r): Relocation => ({ word: pairs[2 * r]!, scalar: record.scalars[pairs[2 * r + 1]!]! }));
      return { ...rest, code: words(`${i}`), relocations };
    }),
  };
}
