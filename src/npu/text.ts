// Programs as text, for golden tests and for `axbuild inspect`: one line an instruction, operands in the order of the table.
//
//   12  load       wait teng 3   from params+1024  from_plane_pitch 0  …
import type { Decoded } from './decode.ts';
import type { Address } from './encode.ts';
import { engines, space } from './isa.ts';

export function printInstructions(instructions: readonly Decoded[]): string {
  return instructions.map((instruction) => printInstruction(instruction) + '\n').join('');
}

export function printInstruction({ index, name, form, wait, fields, addresses }: Decoded): string {
  const waits = engines.flatMap((engine, i) => (wait[i] === 0 ? [] : [`${engine} ${wait[i]}`]));
  const operands = form.slots.map((slot) => {
    const address = addresses[slot.name];
    return `${slot.name} ${address === undefined ? fields[slot.name] : printAddress(address)}`;
  });
  const head = `${String(index).padStart(4)}  ${name.padEnd(10)}`;
  return [head, ...(waits.length === 0 ? [] : [`wait ${waits.join(' ')}`]), ...operands].join('  ');
}

/** `ocm+64`, `params+0`, `input1+0`, or `-` for no address. */
export function printAddress({ space: where, offset }: Address): string {
  return where === space.none ? '-' : `${printSpace(where)}+${offset}`;
}

export function printSpace(where: number): string {
  if (where >= space.output) return `output${where - space.output}`;
  if (where >= space.input) return `input${where - space.input}`;
  return ['ocm', 'params', 'swap'][where] ?? `space${where}`;
}
