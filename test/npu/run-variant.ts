// Runs one variant of a menu by hand: inputs are brought where it expects them, outputs taken from where it leaves them. Link is not
// asked, so every residency can be tried.
import { elements } from '../../src/base/dtype.ts';
import { packConstants } from '../../src/npu/constants.ts';
import { decode } from '../../src/npu/decode.ts';
import { dependencies } from '../../src/npu/dependencies.ts';
import { CodeWriter } from '../../src/npu/encode.ts';
import { space } from '../../src/npu/isa.ts';
import { edgeBytes, fromMemory, toMemory } from '../../src/npu/memory.ts';
import type { Variant } from '../../src/npu/object.ts';
import { patch } from '../../src/npu/patch.ts';
import { simulate } from '../../src/npu/simulate.ts';
import type { Codes } from '../../src/ops/group.ts';
import type { Scene } from './scenes.ts';

export function runVariant({ structure, params, inputs }: Scene, variant: Variant): Codes {
  const edges = [...structure.inputs, structure.output];
  const output = structure.inputs.length;
  let end = Math.ceil(variant.arenaBytes / 64) * 64;
  const where = edges.map((edge, i) => {
    if (!variant.onChip[i]!) return { space: i === output ? space.output : space.input + i, offset: 0 };
    const offset = end;
    end += Math.ceil(edgeBytes(edge) / 64) * 64;
    return { space: space.ocm as number, offset };
  });

  const before = new CodeWriter();
  const after = new CodeWriter();
  edges.forEach((edge, i) => {
    if (!variant.onChip[i]!) return;
    const world = { space: i === output ? space.output : space.input + i, offset: 0 };
    const run = { from_plane_pitch: 0, from_row_pitch: 0, to_plane_pitch: 0, to_row_pitch: 0, planes: 1, rows: 1, run: edgeBytes(edge) };
    if (i === output) after.add('store', { from: where[i]!, to: world, ...run });
    else before.add('load', { from: world, to: where[i]!, ...run });
  });
  const bases = { arena: 0, constants: 0, inputs: where.slice(0, output), output: where[output]! };
  const own = patch(variant, decode(variant.code), { bases, scalars: params.scalars });
  const code = new Uint32Array([...before.code(), ...own, ...after.code()]);
  const instructions = decode(code);
  dependencies(instructions).forEach((wait, i) => code.set(wait, instructions[i]!.at + 1));

  const constants = packConstants(structure, params);
  const program = {
    code, ocmBytes: end, paramsBytes: constants.byteLength, swapBytes: 0,
    inputs: structure.inputs.map((edge) => ({ bytes: edgeBytes(edge) })), outputs: [{ bytes: edgeBytes(structure.output) }],
  };
  const { outputs } = simulate(program, constants, inputs.map((codes, i) => toMemory(codes, edges[i]!)), { strict: true });
  const codes = fromMemory(outputs[0]!, structure.output);
  if (codes.data.length !== elements(structure.output.shape)) throw new Error('BUG: an output of the wrong size');
  return codes;
}
