// What access.ts says an instruction touches is what its definition touches, byte for byte.
import assert from 'node:assert/strict';
import test from 'node:test';
import { accesses, type Access } from '../../src/npu/access.ts';
import { space } from '../../src/npu/isa.ts';
import { eachRun, overlap } from '../../src/npu/runs.ts';
import { printInstruction } from '../../src/npu/text.ts';
import { seedOf } from '../rig/random.ts';
import { operandsOf } from './instructions.ts';
import { define } from './oracle.ts';
import { Random, rounds, sceneOf, Stage } from './stage.ts';

/** Operands that count whole although only some of their bytes may be looked up. */
const whole = new Set(['weights', 'channel_params', 'table', 'lut', 'exp_table']);

for (const name of Object.keys(operandsOf)) {
  const seed = seedOf();
  test(`${name}: accesses are the bytes that its definition touches (SEED=${seed})`, () => {
    for (let round = 0; round < rounds(20); round++) {
      const random = new Random(seed + 7919 * round);
      const stage = new Stage(random);
      const { image, d } = sceneOf(stage, name, operandsOf[name]!(stage, random));
      const touched = new Map<string, Set<number>>();
      const memory = new Map([[space.ocm, image], [space.input, image.slice()], [space.output + 1, new Uint8Array(image.byteLength)]]);
      define(d, memory, ({ operand, use, start, end }) => {
        const set = touched.get(`${use} ${operand}`) ?? new Set();
        touched.set(`${use} ${operand}`, set);
        for (let i = start; i < end; i++) set.add(i);
      });
      const said = new Map<string, Set<number>>();
      for (const access of accesses(d)) {
        for (const use of access.use === 'update' ? ['read', 'write'] : [access.use]) {
          const set = said.get(`${use} ${access.operand}`) ?? new Set();
          said.set(`${use} ${access.operand}`, set);
          for (const byte of bytesOf(access)) set.add(byte);
        }
      }
      for (const [key, set] of touched) {
        const claim = said.get(key) ?? new Set();
        const missed = [...set].filter((byte) => !claim.has(byte));
        assert.deepEqual(missed, [], `${printInstruction(d)}: ${key} not said`);
      }
      for (const [key, set] of said) {
        if (whole.has(key.split(' ')[1]!)) continue;
        const real = touched.get(key) ?? new Set();
        assert.deepEqual([...set].filter((byte) => !real.has(byte)), [], `${printInstruction(d)}: ${key} said in vain`);
      }
    }
  });
}

test(`two accesses overlap if, and only if, they share a byte (SEED=${seedOf()})`, () => {
  const random = new Random(seedOf());
  for (let round = 0; round < rounds(100); round++) {
    const list = ['conv', 'move', 'add'].flatMap((name) => {
      const stage = new Stage(random);
      return accesses(sceneOf(stage, name, operandsOf[name]!(stage, random)).d);
    });
    for (const a of list) {
      for (const b of list) {
        const bytes = new Set(bytesOf(b));
        assert.equal(overlap(a, b), a.space === b.space && bytesOf(a).some((byte) => bytes.has(byte)), JSON.stringify([a, b]));
      }
    }
  }
});

function bytesOf(access: Access): number[] {
  const bytes: number[] = [];
  eachRun(access, (start) => {
    for (let i = 0; i < access.run; i++) bytes.push(start + i);
    return true;
  });
  return bytes;
}
