// How good the plans are: what the linked programs take beside what no plan could do without.
import { openMemoryStore } from '../cache/memory-store.ts';
import { chipWith } from '../test/network/chips.ts';
import { buildNetwork } from '../test/network/networks.ts';
import { planFigures, type Memory } from '../test/network/plan.ts';
import { front, tileModeFigures } from '../test/network/tile-mode.ts';
import { ax650 } from '../test/rig/workspace.ts';

const chips = { 'AX650 NPU1': ax650(), '256 KiB': chipWith({ kib: 256 }), '64 KiB': chipWith({ kib: 64 }) } as const;

export async function run(): Promise<void> {
  for (const name of ['cls', 'det'] as const) {
    const store = openMemoryStore();
    for (const [chip, target] of Object.entries(chips)) {
      const built = await buildNetwork(name, { target, set: { 'compiler.check': 0 } }, store);
      const tiled = await buildNetwork(name, { target, set: { 'compiler.check': 0, 'compiler.enable_tile_mode': true } }, store);
      const { stats, ocm, swap, overlap, macCycles, ddrLeast } = planFigures(built, target);
      const { params, load, store: stored } = stats.ddrBytes;
      const { conv, teng, cv, sdma } = stats.busy;
      console.log(`${name} on ${chip}`);
      console.log(`  cycles      ${stats.cycles} = ${(stats.cycles / macCycles).toFixed(2)} x the array's ${Math.ceil(macCycles)} without padding or pause; ${(stats.cycles / Math.max(conv, teng, cv, sdma)).toFixed(2)} x the busiest engine`);
      console.log(`  busy        conv ${conv}, teng ${teng}, cv ${cv}, sdma ${sdma}; ${(overlap * 100).toFixed(1)} % of DMA cycles while something computes (bar 20 %)`);
      console.log(`  DDR bytes   ${params + load + stored} = ${((params + load + stored) / ddrLeast).toFixed(2)} x parameters, inputs and outputs once`);
      console.log(`  on chip     ${memory(ocm)}`);
      console.log(`  swap        ${memory(swap)}`);
      const [off, on] = [tileModeFigures(built), tileModeFigures(tiled)];
      console.log(`  tile mode   ${on.cycles} cycles = ${(on.cycles / off.cycles).toFixed(2)} x; DDR bytes ${on.ddrBytes} = ${(on.ddrBytes / off.ddrBytes).toFixed(2)} x, of the first ${front} groups ${on.frontBytes} = ${(on.frontBytes / off.frontBytes).toFixed(2)} x; ${on.inside} edges are never whole`);
    }
  }
}

function memory({ peak, live }: Memory): string {
  return live === 0 ? `${peak} bytes` : `${peak} bytes = ${(peak / live).toFixed(3)} x the ${live} that live at once (bar 1.3 x)`;
}
