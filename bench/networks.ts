// Whole networks, as users bring them, lowered for the AX650: how much stays on the NPU, and what the plan takes.
import { ax650 } from '../src/targets/ax650.ts';
import { lowerWhole, networks } from './networks/index.ts';

export async function run(): Promise<void> {
  for (const name of Object.keys(networks)) {
    const { cycles, macs, groups, units, cpu } = await lowerWhole(name, { target: ax650, mode: 'NPU1' });
    const npu = units.filter(({ type }) => type === 'NPU').length;
    console.log(`${name.padEnd(20)} ${(macs / 1e6).toFixed(0).padStart(6)} million MACs  ${String(groups.length).padStart(4)} groups  ${npu} NPU unit${npu === 1 ? '' : 's'}  ${cpu.length} groups on the CPU  ${(cycles / 1e6).toFixed(3)} million cycles`);
    for (const { op, limit } of new Map(cpu.map((one) => [`${one.op} ${one.limit}`, one])).values()) console.log(`${' '.repeat(21)}${op}: ${limit}`);
  }
}
