// A menu as bytes: a pack of all code, all relocations and a row of numbers a variant.
import { byCodeUnit, type Json } from '../base/canonical.ts';
import { bytesOf, viewAs } from '../base/bytes.ts';
import { readPack, writePack } from '../base/pack.ts';
import { decode } from './decode.ts';
import type { Menu, Relocation, Variant } from './object.ts';

const version = 4;

interface MenuMeta {
  readonly version: number;
  readonly constantBytes: number;
  readonly macs: number;
  readonly scalars: readonly string[];
  readonly edges: number;
}

/** Numbers of a variant in its row; before them, a flag for each edge that is on chip. */
const rowNumbers = 13;

function rowOf({ onChip, memoryBytes, arenaBytes, cycles, ddrBytes, code, relocations }: Variant): number[] {
  return [
    ...onChip.map(Number), memoryBytes, arenaBytes, cycles.conv, cycles.teng, cycles.cv, cycles.sdma, cycles.total, cycles.ahead, ddrBytes.params, ddrBytes.load, ddrBytes.store,
    code.length, relocations.length,
  ];
}

export function writeMenu({ variants, ...numbers }: Menu): Uint8Array {
  const names = new Set<string>();
  for (const { relocations } of variants) for (const { scalar } of relocations) names.add(scalar);
  const scalars = [...names].sort(byCodeUnit);
  const rank = new Map(scalars.map((name, i) => [name, i]));
  const code = new Uint32Array(variants.reduce((sum, variant) => sum + variant.code.length, 0));
  // Pairs: word, rank of the scalar's name.
  const pairs = new Uint32Array(variants.reduce((sum, { relocations }) => sum + 2 * relocations.length, 0));
  let [word, next] = [0, 0];
  for (const variant of variants) {
    code.set(variant.code, word);
    word += variant.code.length;
    for (const relocation of variant.relocations) {
      pairs[next++] = relocation.word;
      pairs[next++] = rank.get(relocation.scalar)!;
    }
  }
  const meta: MenuMeta = { version, ...numbers, scalars, edges: variants[0]?.onChip.length ?? 0 };
  const members = variants.flatMap((variant) => variant.members ?? []);
  return writePack(meta as unknown as Json, [
    ['rows', bytesOf(Float64Array.from(variants.flatMap(rowOf)))],
    ['code', bytesOf(code)],
    ['relocations', bytesOf(pairs)],
    ...(members.length > 0 ? [['members', bytesOf(Uint16Array.from(members))] as const] : []),
  ]);
}

/** The reverse of writeMenu: only ever given what it wrote, so a mismatch is a bug. Code is a view into `bytes`. */
export function readMenu(bytes: Uint8Array): Menu {
  const { meta, sections } = readPack(bytes);
  const { version: written, constantBytes, macs, scalars, edges } = meta as unknown as MenuMeta; // checked by version: both sides are this file
  if (written !== version) throw new Error(`BUG: menu version ${written}`);
  const rows = viewAs(Float64Array, sections.get('rows')!);
  const code = viewAs(Uint32Array, sections.get('code')!);
  const pairs = viewAs(Uint32Array, sections.get('relocations')!);
  const given = sections.get('members');
  const members = given === undefined ? undefined : viewAs(Uint16Array, given);
  const variants: Variant[] = [];
  let [word, pair, instruction] = [0, 0, 0];
  for (let at = 0; at < rows.length; at += edges + rowNumbers) {
    const onChip = Array.from(rows.subarray(at, at + edges), (flag) => flag === 1);
    const [memoryBytes, arenaBytes, conv, teng, cv, sdma, total, ahead, params, load, store, words, count] = rows.subarray(at + edges, at + edges + rowNumbers) as unknown as Row;
    const relocations: Relocation[] = [];
    for (const end = pair + 2 * count; pair < end; pair += 2) relocations.push({ word: pairs[pair]!, scalar: scalars[pairs[pair + 1]!]! });
    const variant = { onChip, memoryBytes, arenaBytes, cycles: { conv, teng, cv, sdma, total, ahead }, ddrBytes: { params, load, store }, code: code.subarray(word, word + words), relocations };
    const own = members === undefined ? 0 : decode(variant.code).length;
    variants.push(members === undefined ? variant : { ...variant, members: [...members.subarray(instruction, instruction + own)] });
    instruction += own;
    word += words;
  }
  return { constantBytes, macs, variants };
}

type Row = readonly [number, number, number, number, number, number, number, number, number, number, number, number, number];
