// A group's constants as bytes. Their places follow from structure alone, whatever variant of the code reads them.
import type { GroupStructure, Params } from '../ops/group.ts';
import { loweringOf } from './lower/index.ts';
import { alignUp } from './lower/lowering.ts';
import { offsetsOf } from './lower/run-tiles.ts';

export interface ConstantLayout {
  readonly bytes: number;
  readonly offsets: Readonly<Record<string, number>>;
}

export function constantLayout(structure: GroupStructure): ConstantLayout {
  const specs = loweringOf(structure.kind).constants(structure);
  return { bytes: specs.reduce((sum, spec) => sum + alignUp(spec.bytes), 0), offsets: Object.fromEntries(offsetsOf(specs)) };
}

export function packConstants(structure: GroupStructure, params: Params): Uint8Array {
  const lowering = loweringOf(structure.kind);
  const { bytes, offsets } = constantLayout(structure);
  const packed = new Uint8Array(bytes);
  for (const { name, bytes: length } of lowering.constants(structure)) {
    const part = lowering.pack(name, structure, params);
    if (part.byteLength !== length) throw new Error(`BUG: ${name} of ${structure.kind} has ${part.byteLength} bytes instead of ${length}`);
    packed.set(part, offsets[name]!);
  }
  return packed;
}
