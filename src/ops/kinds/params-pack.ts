// Params as bytes, and back: scalars and the arrays' classes in the header, one section an array.
import { bytesOf, viewAs, type TypedArray } from '../../base/bytes.ts';
import { byCodeUnit, type Json } from '../../base/canonical.ts';
import { readPack, writePack } from '../../base/pack.ts';
import type { Params } from '../group.ts';

/** The classes an array of Params may have; the name is what the header says. */
const classes: Readonly<Record<string, (bytes: Uint8Array) => TypedArray>> = {
  Int8Array: (bytes) => viewAs(Int8Array, bytes),
  Uint8Array: (bytes) => viewAs(Uint8Array, bytes),
  Int16Array: (bytes) => viewAs(Int16Array, bytes),
  Uint16Array: (bytes) => viewAs(Uint16Array, bytes),
  Int32Array: (bytes) => viewAs(Int32Array, bytes),
  Uint32Array: (bytes) => viewAs(Uint32Array, bytes),
  Float32Array: (bytes) => viewAs(Float32Array, bytes),
  BigInt64Array: (bytes) => viewAs(BigInt64Array, bytes),
};

/** Equal params give equal bytes, in whatever order their members were made. */
export function writeParams({ scalars, arrays }: Params): Uint8Array {
  const list = Object.entries(arrays).sort(([a], [b]) => byCodeUnit(a, b));
  const types = Object.fromEntries(list.map(([name, array]) => [name, array.constructor.name]));
  for (const [name, type] of Object.entries(types)) if (classes[type] === undefined) throw new Error(`BUG: params have a ${type} "${name}"`);
  return writePack({ scalars, arrays: types }, list.map(([name, array]) => [name, bytesOf(array)] as const));
}

export function readParams(bytes: Uint8Array): Params {
  const { meta, sections } = readPack(bytes);
  const { scalars, arrays: types } = meta as { readonly scalars: Record<string, number>; readonly arrays: Record<string, string> } & Json;
  const arrays = Object.entries(types).map(([name, type]): [string, TypedArray] => {
    const view = classes[type];
    const section = sections.get(name);
    if (view === undefined || section === undefined) throw new Error(`BUG: params pack has no ${type} "${name}"`);
    return [name, view(section)];
  });
  return { scalars, arrays: Object.fromEntries(arrays) };
}
