// The cost model against published board latencies: docs/cost-model.md prints the table, and this test keeps it true.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { link } from '../../src/npu/link.ts';
import { lowerBounds } from '../../src/npu/lower-bounds.ts';
import { edgeBytes } from '../../src/npu/memory.ts';
import type { LinkEdge, LinkGroup, Menu } from '../../src/npu/object.ts';
import { tile } from '../../src/npu/tile.ts';
import { ax650 } from '../../src/targets/ax650.ts';
import { targetOf } from '../../src/targets/index.ts';
import type { Target } from '../../src/targets/target.ts';
import { published, type Published } from './published.ts';
import { chipOf } from './targets.ts';

/** Code does not depend on scales, so any numbers will do. */
const anyScalars = ['in_zero', 'zero', 'lo', 'hi', 'a_zero', 'a_multiplier', 'b_zero', 'b_multiplier', 'multiplier', 'shift'];
const scalars = Object.fromEntries(anyScalars.map((name) => [name, 1]));

function unitOf(network: Published, { target, mode }: { target: Target; mode: string }): { groups: LinkGroup[]; edges: LinkEdge[] } {
  const menus = new Map<string, Menu>();
  const used = new Set(network.groups.flatMap(({ inputs }) => inputs));
  const groups = network.groups.map(({ structure, inputs, output }): LinkGroup => {
    const key = JSON.stringify(structure);
    const menu = menus.get(key) ?? tile(structure, { target, mode });
    menus.set(key, menu);
    return { menu, scalars, inputs, output };
  });
  const edges = network.edges.map((edge, i): LinkEdge => ({ bytes: edgeBytes(edge), role: i === 0 ? 'input' : used.has(i) ? 'inner' : 'output' }));
  return { groups, edges };
}

const rows = published.map((network) => {
  const cells = (['NPU1', 'NPU3'] as const).map((mode) => {
    const { groups, edges } = unitOf(network, { target: ax650, mode });
    const { stats } = link(groups, edges, { target: ax650, mode });
    const bounds = lowerBounds(groups, edges, { target: ax650, mode });
    const board = mode === 'NPU1' ? network.npu1 : network.npu3;
    return { stats, bounds, board, ms: stats.cycles / (1000 * ax650.clockMhz) };
  });
  return { name: network.name, cells };
});

test('the table of docs/cost-model.md is what the model says', () => {
  const table = rows.map(({ name, cells }) => {
    const columns = cells.flatMap(({ ms, board }) => [ms.toFixed(3), board.toFixed(3), `${ms > board ? '+' : '−'}${Math.abs(Math.round(100 * (ms / board - 1)))} %`]);
    return `| ${name} | ${(cells[0]!.stats.macs / 1e6).toFixed(0)} | ${columns.join(' | ')} |`;
  });
  const page = readFileSync(join(import.meta.dirname, '../../docs/cost-model.md'), 'utf8');
  const printed = page.split('\n').filter((line) => published.some(({ name }) => line.startsWith(`| ${name} |`)));
  assert.deepEqual(printed, table);
});

test('no plan beats its lower bounds', () => {
  for (const { name, cells } of rows) {
    for (const { stats, bounds } of cells) {
      assert.ok(stats.cycles >= bounds.cycles, name);
      assert.ok(stats.ddrBytes.params + stats.ddrBytes.load + stats.ddrBytes.store >= bounds.ddrBytes, name);
    }
  }
});

test('with little on-chip memory a fifth of the transfers and more hide behind computing, and memory is used well', () => {
  const network = published.find(({ name }) => name === 'MobileNetV2')!;
  for (const size of [256, 64]) {
    const options = { target: chipOf(size * 1024), mode: 'NPU1' };
    const { groups, edges } = unitOf(network, options);
    const { stats } = link(groups, edges, options);
    assert.ok(stats.overlapCycles >= 0.2 * stats.busy.sdma, `${size} KiB: ${stats.overlapCycles} of ${stats.busy.sdma} cycles`);
    assert.ok(stats.ocmPeak <= 1.3 * stats.ocmLive && stats.swapPeak <= 1.3 * stats.swapLive, `${size} KiB`);
  }
});

test('on the other chips networks take longer in the order that boards do', () => {
  const order = ['MobileNetV2', 'ResNet18', 'ResNet50'];
  for (const [name, mode] of [['AX620E', 'NPU1'], ['AX620E', 'NPU2'], ['AX615', 'NPU1'], ['AX615', 'NPU2'], ['M57', 'NPU1']] as const) {
    const target = targetOf(name)!;
    const cycles = order.map((which) => {
      const { groups, edges } = unitOf(published.find((network) => network.name === which)!, { target, mode });
      return link(groups, edges, { target, mode }).stats.cycles;
    });
    assert.deepEqual([...cycles].sort((a, b) => a - b), cycles, `${name} ${mode}: ${cycles.join(', ')}`);
  }
});
