// Programs with damaged words: refused with a fault, or executed as defined. Never a trap, never a byte beside the operands.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { decode } from '../../src/npu/decode.ts';
import { headWords } from '../../src/npu/encode.ts';
import { space } from '../../src/npu/isa.ts';
import { simulate, type Simulation } from '../../src/npu/simulate.ts';
import { printInstruction } from '../../src/npu/text.ts';
import { seedOf } from '../rig/random.ts';
import { operandsOf } from './instructions.ts';
import { define } from './oracle.ts';
import { Random, rounds, sceneOf, Stage } from './stage.ts';

/** Windows larger than this take the definition too long. */
const tapsMax = 2000;

for (const name of Object.keys(operandsOf)) {
  const seed = seedOf();
  test(`${name}: one damaged operand is refused or computed as defined (SEED=${seed})`, () => {
    let computed = 0;
    for (let round = 0; round < rounds(60); round++) {
      const random = new Random(seed + 7919 * round);
      const stage = new Stage(random);
      const { program, image, d } = sceneOf(stage, name, operandsOf[name]!(stage, random));
      const code = program.code.slice();
      const word = d.at + random.within(headWords, d.form.words - 1);
      code[word] = random.pick(code[word]! + 1, code[word]! - 1, code[word]! ^ (1 << random.within(0, 31)), 0, 1, 0xffffffff, random.bits());
      const outcome = attempt(() => simulate({ ...program, code }, new Uint8Array(0), [image]));
      if (outcome === 'refused') continue;
      const damaged = decode(code)[1]!;
      if ((damaged.fields.kernel_y ?? 1) * (damaged.fields.kernel_x ?? 1) > tapsMax) continue;
      const expected = [image.slice(), new Uint8Array(image.byteLength)];
      const saturations = define(damaged, new Map([[space.ocm, expected[0]!], [space.input, image], [space.output, new Uint8Array(image.byteLength)], [space.output + 1, expected[1]!]]));
      // A store into output 0 is written over by the scene's own.
      outcome.outputs.forEach((bytes, i) => assert.ok(Buffer.compare(bytes, expected[i]!) === 0, printInstruction(damaged)));
      assert.equal(outcome.saturations, saturations, printInstruction(damaged));
      computed++;
    }
    assert.ok(computed > 3, `only ${computed} damaged instructions were executed`);
  });
}

function attempt(run: () => Simulation): Simulation | 'refused' {
  try {
    return run();
  } catch (error) {
    if (error instanceof Fault) return 'refused';
    throw error;
  }
}
