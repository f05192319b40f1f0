// A menu as bytes: a pack whose meta holds the numbers and whose sections hold each variant's code.
import { bytesOf, viewAs } from '../base/bytes.ts';
import type { Json } from '../base/canonical.ts';
import { readPack, writePack } from '../base/pack.ts';
import type { Menu, Variant } from './object.ts';

const version = 1;

export function writeMenu({ variants, ...numbers }: Menu): Uint8Array {
  const meta: Json = {
    version, ...numbers,
    variants: variants.map(({ onChip, arenaBytes, cycles, ddrBytes, relocations }) => ({
      onChip, arenaBytes, cycles: { ...cycles }, ddrBytes: { ...ddrBytes }, relocations: relocations.map(({ word, scalar }) => [word, scalar]),
    })),
  };
  return writePack(meta, variants.map(({ code }, i) => [String(i), bytesOf(code)]));
}

interface MenuMeta {
  readonly version: number;
  readonly constantBytes: number;
  readonly macs: number;
  readonly variants: readonly (Omit<Variant, 'code' | 'relocations'> & { readonly relocations: readonly (readonly [number, string])[] })[];
}

/** The reverse of writeMenu: only ever given what it wrote, so a mismatch is a bug. */
export function readMenu(bytes: Uint8Array): Menu {
  const { meta, sections } = readPack(bytes);
  const record = meta as unknown as MenuMeta; // checked by version: both sides are this file
  if (record.version !== version) throw new Error(`BUG: menu version ${record.version}`);
  return {
    constantBytes: record.constantBytes,
    macs: record.macs,
    variants: record.variants.map(({ relocations, ...rest }, i) => ({
      ...rest,
      code: viewAs(Uint32Array, sections.get(String(i))!).slice(),
      relocations: relocations.map(([word, scalar]) => ({ word, scalar })),
    })),
  };
}
