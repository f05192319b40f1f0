import { z } from 'zod';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { ProgramStats } from '../src/npu/object.ts';
import type { FusedNetwork, ResolvedNetwork, UnitPlan } from '../src/quant/network.ts';
import type { ResolveReport } from '../src/quant/resolve.ts';

export const exportFiles = defineTask({
  name: 'export',
  about: 'Writes the files that people and other tools look into.',
  options: z.strictObject({
    dump_frontend_graph: z.boolean(),
    /** The configuration in force, as JSON text. */
    config: z.string(),
    target: z.string(),
  }),
  inputs: { graph: 'one', network: 'one', resolved: 'one', report: 'one', units: 'one', menus: 'many', programs: 'many' },
  outputs: ['optimized', 'frontend', 'quant_onnx', 'quant_json', 'context'],
  async run(job) {
    const { readGraph } = await import('../src/graph/record.ts');
    const { writeOnnx } = await import('../src/onnx/write.ts');
    const { frontendGraph, quantAxmodelJson, quantisedGraph } = await import('../src/quant/export.ts');
    const { readMenu } = await import('../src/npu/menu.ts');
    const { readProgram } = await import('../src/npu/program.ts');
    const graph = readGraph(job.input('graph'));
    const network = JSON.parse(textOf(job.input('network'))) as FusedNetwork;
    const resolved = JSON.parse(textOf(job.input('resolved'))) as ResolvedNetwork;
    const report = JSON.parse(textOf(job.input('report'))) as ResolveReport;
    const units = JSON.parse(textOf(job.input('units'))) as UnitPlan[];
    const blobs = (digest: Parameters<typeof job.blob>[0]): Uint8Array => job.blob(digest);

    const programs = job.inputs('programs').values();
    const menus = job.inputs('menus').values();
    const rows = units.map((unit) => ({
      name: unit.name,
      type: unit.type,
      groups: unit.groups.map((name) => ({ name, macs: unit.type === 'NPU' ? readMenu(menus.next().value!).macs : 0 })),
      ...(unit.type === 'NPU' && { program: facts(readProgram(programs.next().value!).stats) }),
    }));
    const macs = rows.flatMap((row) => row.groups).reduce((sum, group) => sum + group.macs, 0);
    job.say(`QuantAxModel macs: ${macs}`);
    const context = { config: JSON.parse(job.options.config) as unknown, macs, units: rows };
    return {
      optimized: writeOnnx(graph, blobs),
      frontend: job.options.dump_frontend_graph ? writeOnnx(frontendGraph(graph, network), blobs) : new Uint8Array(),
      quant_onnx: writeOnnx(quantisedGraph(graph, network, resolved), blobs),
      quant_json: utf8(JSON.stringify(quantAxmodelJson({ graph, network, resolved, report, target: job.options.target }), null, 2) + '\n'),
      context: utf8(JSON.stringify(context, null, 2) + '\n'),
    };
  },
});

function facts({ cycles, busy, overlapCycles, ddrBytes, ocmPeak, ocmLive, swapPeak, swapLive }: ProgramStats): object {
  return { max_cycle: cycles, busy, dma_overlap_cycles: overlapCycles, ddr_bytes: ddrBytes, ocm: { peak: ocmPeak, live: ocmLive }, swap: { peak: swapPeak, live: swapLive } };
}
