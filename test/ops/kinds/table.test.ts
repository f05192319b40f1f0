// Where a table's domain and nodes lie, and what it makes of everything beyond them.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { UnaryCall } from '../../../src/ops/group.ts';
import { applyChain } from '../../../src/ops/functions.ts';
import { codeOf } from '../../../src/ops/kinds/codes.ts';
import { breakpointsOf, domainOf } from '../../../src/ops/kinds/domain.ts';
import { buildEpilogue, epilogue, epilogueOf } from '../../../src/ops/kinds/epilogue.ts';
import { Random, seed } from './random.ts';
import { quantFor, structureOf, type CodeType } from './rig.ts';

const call = (fn: string, ...args: number[]): UnaryCall => ({ fn, args });

test('kinks are followed back through the functions before them', () => {
  assert.deepEqual(breakpointsOf([call('hard_swish')], [-10, 10]), [-3, 3]);
  assert.deepEqual(breakpointsOf([call('hard_swish')], [-1, 10]), [3]);
  const near = (got: readonly number[], want: readonly number[]): void => {
    assert.equal(got.length, want.length, `${got.join()} instead of ${want.join()}`);
    got.forEach((x, i) => assert.ok(Math.abs(x - want[i]!) < 1e-9, `${x} instead of ${want[i]}`));
  };
  near(breakpointsOf([call('affine', 2, 1), call('hard_swish')], [-1e6, 1e6]), [-2, 1]);
  near(breakpointsOf([call('affine', -0.5, 0), call('relu'), call('affine', 1, -2), call('abs')], [-100, 100]), [-4, 0]);
  // A function that comes back meets its kink twice.
  near(breakpointsOf([call('square'), call('clip', 4, 9)], [-100, 100]), [-3, -2, 2, 3]);
});

test('a domain leaves out the constant tails, however wide the reach', () => {
  const inCodes = (chain: readonly UnaryCall[], scale: number, zero: number) => (x: number): number => Math.min(Math.max(applyChain(chain, x) / scale + zero, 0), 255);
  const around = (got: readonly [number, number], want: readonly [number, number]): void =>
    got.forEach((x, i) => assert.ok(Math.abs(x - want[i]!) < 1e-3, `[${got.join()}] instead of [${want.join()}]`));
  for (const size of [20, 1e3, 1e6, 1e9]) {
    // A sigmoid leaves code 0 at half a step of 1/255, and meets 255 as far on the other side.
    around(domainOf(inCodes([call('sigmoid')], 1 / 255, 0), { reach: [-size, size], breakpoints: [] }), [-6.232, 6.232]);
    // A silu is back within half a step of 0 at -7.28; its dip is the only sign of life on the left.
    around(domainOf(inCodes([call('silu')], 0.01, 30), { reach: [-size, size], breakpoints: [] }), [-7.2832, 2.4406]);
  }
  // A straight line is all life, but for the half steps that round to its ends.
  around(domainOf(inCodes([call('affine', 1, 0)], 1, 0), { reach: [0, 100], breakpoints: [] }), [0.5, 99.5]);
});

test('the kinks of hard_swish fall on nodes', () => {
  for (const dtype of ['U8', 'U16'] as const) {
    for (const high of [2.9, 6, 31.7, 400]) {
      const { scalars, step } = built([call('hard_swish')], dtype, { output: [-0.375, high], reach: [-500, 500] });
      const segment = 2 ** scalars.fraction_bits!;
      for (const kink of high > 3 ? [-3, 3] : [-3]) {
        const at = (kink / step + scalars.zero!) / segment;
        assert.ok(Math.abs(at - Math.round(at)) * segment < 1, `${kink} lies at node ${at}`);
      }
    }
  }
});

test('beyond its domain a table holds the codes of the tails', () => {
  const random = new Random(seed);
  const chains = [[call('sigmoid')], [call('silu')], [call('tanh'), call('affine', 0.5, 0.5)], [call('gelu')], [call('hard_sigmoid', 0.2, 0.5)], [call('softplus')]];
  for (let i = 0; i < 60; i++) {
    const chain = chains[i % chains.length]!;
    const dtype = random.pick<CodeType>(['U8', 'U16']);
    const output = [-random.between(0, 0.5), random.between(0.3, 1.1)] as const;
    const { finish, step, quant, top } = built(chain, dtype, { output, reach: [-60, 60] });
    for (const end of [-60, -59.9, 59.9, 60]) {
      assert.equal(finish(Math.round(end / step)), codeOf(applyChain(chain, end), quant, top), `${chain[0]!.fn} at ${end}, ${dtype}, output ${output.join('..')}, SEED=${seed}`);
    }
  }
});

test('clips alone are no table', () => {
  assert.equal(epilogueOf([]), 'clamp');
  assert.equal(epilogueOf([call('relu'), call('clip', 0, 6)]), 'clamp');
  assert.equal(epilogueOf([call('relu'), call('affine', 2, 0)]), 'table');
});

function built(chain: readonly UnaryCall[], dtype: CodeType, { output, reach }: { output: readonly [number, number]; reach: readonly [number, number] }) {
  const structure = structureOf({ kind: 'conv', attributes: {}, inputs: [], output: { shape: [1], dtype }, chain, head: [] });
  const quant = quantFor(output, dtype);
  const parts = buildEpilogue({ structure, output: quant, chain, reach, unit: 1e-6 });
  return { ...parts, quant, top: dtype === 'U8' ? 255 : 65535, finish: epilogue(structure, parts) };
}
