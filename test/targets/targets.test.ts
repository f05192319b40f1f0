import assert from 'node:assert/strict';
import test from 'node:test';
import { ax650 } from '../../src/targets/ax650.ts';
import { targetOf, targets } from '../../src/targets/index.ts';
import { inMode, modeOf } from '../../src/targets/mode.ts';
import { readTarget } from '../../src/targets/read.ts';
import type { Target } from '../../src/targets/target.ts';

const small = `base: AX650
name: small
about: a chip for tests
modes:
  - { name: NPU1, engineSets: 1, ocmBytes: 65536 }
unsupported: [HardSwish]
`;

test('a file names a row to start from and says what differs', () => {
  assert.deepEqual(readTarget(small, 'chip.yaml'), {
    ...ax650, name: 'small', about: 'a chip for tests', modes: [{ name: 'NPU1', engineSets: 1, ocmBytes: 65536 }], unsupported: ['HardSwish'],
  });
});

test('a row written out as a file is that row', () => {
  for (const target of targets) assert.deepEqual(readTarget(JSON.stringify(target), 'chip.json'), target);
});

test('every number of every row has a source', () => {
  for (const { sources, ...row } of targets) {
    const nested = Object.keys(row.array).filter((key) => key === 'wideFactor');
    for (const field of [...Object.keys(row), ...nested, 'ocmBytes'].filter((key) => key !== 'name' && key !== 'about')) assert.ok(sources[field], `${row.name}: ${field}`);
  }
});

test('a mode that a chip lacks is refused with the ones it has', () => {
  assert.throws(() => modeOf(ax650, 'NPU4'), { message: 'AX650 has no mode "NPU4"\n   known  NPU1, NPU2, NPU3\n   try    NPU1' });
});

test('a mode of three engine sets computes three times as fast over the same DDR', () => {
  const three = inMode(ax650, 'NPU3');
  const rates = ({ arrays, resultBytes, vectorLanes, moveBytes, ddrBytesPerCycle }: Target) => [arrays, resultBytes, vectorLanes, moveBytes, ddrBytesPerCycle];
  assert.deepEqual(rates(ax650).map((rate, i) => (i < 4 ? 3 * rate : rate)), rates(three));
  assert.equal(inMode(ax650, 'NPU3', 4).ddrBytesPerCycle, 4);
  assert.equal(inMode(ax650, 'NPU3', 1000).ddrBytesPerCycle, ax650.ddrBytesPerCycle, 'a limit gives no more than there is');
  assert.equal(targetOf('AX650'), ax650);
});
