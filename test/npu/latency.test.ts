// The cost model against published board latencies: docs/cost-model.md prints the table, and this test keeps it true. Networks are drawn by
// scripts and lowered whole.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { ax650Rows, otherRows } from '../../bench/boards.ts';
import { lowerWhole } from '../../bench/networks/index.ts';
import { timed, type Timed } from '../../bench/timed.ts';
import { lowerBounds } from '../../src/npu/lower-bounds.ts';
import { ax650 } from '../../src/targets/ax650.ts';
import { targetOf } from '../../src/targets/index.ts';
import { soak } from './random.ts';
import { chipOf } from './targets.ts';

interface Measured {
  readonly network: string;
  readonly mode: string;
  /** Of the board, and of the model. */
  readonly ms: number;
  readonly model: number;
  readonly timed: Timed;
}

let rows: readonly Measured[];

before(async () => {
  const measured: Measured[] = [];
  for (const { network, mode, ms } of ax650Rows) {
    const one = await timed(network, { target: ax650, mode });
    measured.push({ network, mode, ms, model: one.ms(ax650), timed: one });
  }
  rows = measured;
});

test('the table of docs/cost-model.md is what the model says', () => {
  const table = rows.filter(({ mode }) => mode === 'NPU1').map(({ network, timed: { macs } }) => {
    const columns = rows.filter((row) => row.network === network).flatMap(({ model, ms }) => [model.toFixed(3), ms.toFixed(3), `${model > ms ? '+' : '−'}${Math.abs(Math.round(100 * (model / ms - 1)))} %`]);
    return `| ${network} | ${(macs / 1e6).toFixed(0)} | ${columns.join(' | ')} |`;
  });
  const page = readFileSync(join(import.meta.dirname, '../../docs/cost-model.md'), 'utf8');
  assert.deepEqual(page.split('\n').filter((line) => rows.some(({ network }) => line.startsWith(`| ${network} |`))), table);
});

test('half of the latencies are met within 10 %, each within 20 %', () => {
  const errors = rows.map(({ model, ms }) => Math.abs(model / ms - 1)).sort((a, b) => a - b);
  assert.ok(errors[rows.length / 2]! <= 0.1, errors.join());
  assert.ok(errors.at(-1)! <= 0.2, errors.join());
});

test('a schedule counted again from the program is the one that the program was chosen by', () => {
  for (const { network, model, timed: { cycles } } of rows) assert.equal(model, cycles / (1000 * ax650.clockMhz), network);
});

test('no plan beats its lower bounds', () => {
  for (const { network, mode, timed: { wired, programs } } of rows) {
    wired.forEach(({ groups, edges }, u) => {
      const bounds = lowerBounds(groups, edges, { target: ax650, mode });
      const { cycles, ddrBytes: { params, load, store } } = programs[u]!;
      assert.ok(cycles >= bounds.cycles, network);
      assert.ok(params + load + store >= bounds.ddrBytes, network);
    });
  }
});

test('with little on-chip memory a fifth of the transfers and more hide behind computing, and memory is used well', async () => {
  for (const size of [256, 64]) {
    const { programs: [stats] } = await lowerWhole('MobileNetV2', { target: chipOf(size * 1024), mode: 'NPU1' });
    const { overlapCycles, busy, ocmPeak, ocmLive, swapPeak, swapLive } = stats!;
    assert.ok(overlapCycles >= 0.2 * busy.sdma, `${size} KiB: ${overlapCycles} of ${busy.sdma} cycles`);
    assert.ok(ocmPeak <= 1.3 * ocmLive && swapPeak <= 1.3 * swapLive, `${size} KiB`);
  }
});

test('on the other chips networks take longer in the order that boards do', async () => {
  const order = ['MobileNetV2', 'ResNet18', 'ResNet50'];
  const chips = [['AX620E', 'NPU2'], ['AX615', 'NPU2'], ['M57', 'NPU1'], ...(soak ? [['AX620E', 'NPU1'], ['AX615', 'NPU1']] as const : [])] as const;
  for (const [name, mode] of chips) {
    const target = targetOf(name)!;
    const cycles: number[] = [];
    for (const network of order) cycles.push((await lowerWhole(network, { target, mode })).cycles);
    assert.deepEqual([...cycles].sort((a, b) => a - b), cycles, `${name} ${mode}: ${cycles.join(', ')}`);
    for (const row of otherRows.filter((one) => one.chip === name && one.mode === mode)) {
      const ms = cycles[order.indexOf(row.network)]! / (1000 * target.clockMhz);
      assert.ok(Math.abs(ms / row.ms - 1) <= 0.25, `${name} ${mode} ${row.network}: ${ms} ms, board ${row.ms}`);
    }
  }
});
