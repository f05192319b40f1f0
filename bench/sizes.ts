// What a batch costs beside single runs, on the real networks: bytes of the file, weights over DDR, cycles a sample.
import { openMemoryStore } from '../cache/memory-store.ts';
import { readProgram } from '../src/npu/program.ts';
import { buildNetwork } from '../test/network/networks.ts';
import { ax650 } from '../test/rig/workspace.ts';
import { hold } from './bars.ts';

export async function run(): Promise<void> {
  for (const name of ['cls', 'det'] as const) {
    const store = openMemoryStore();
    const one = await buildNetwork(name, { target: ax650(), set: { 'compiler.check': 0 } }, store);
    const four = await buildNetwork(name, { target: ax650(), set: { 'compiler.check': 0, 'compiler.static_batch_sizes': [1, 4] } }, store);
    const [unit] = four.container.chains[0]!.units;
    if (unit?.type !== 'NPU') throw new Error(`${name} is no NPU unit`);
    const [single, batch] = unit.programs.map(({ program }) => ({ bytes: program.byteLength, ...readProgram(program).stats }));
    const bytes = (built: typeof one): number => built.files['compiled.axmodel']!.byteLength;
    const added = (bytes(four) - bytes(one) - batch!.bytes) / bytes(one);
    const moved = batch!.ddrBytes.params / single!.ddrBytes.params;
    hold(`${name} batch 4: weights over DDR, beside batch 1`, moved, { atMost: 2, unit: 'x' });
    hold(`${name} batch 4: container beyond its program`, 100 * added, { atMost: 2, unit: '%' });
    console.log(`${name} batch 4: ${(batch!.cycles / 4 / single!.cycles).toFixed(3)} x the cycles a sample`);
  }
}
