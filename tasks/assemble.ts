import * as z from 'zod';
import { textOf, utf8 } from '../src/base/bytes.ts';
import type { ContainerTensor, Unit } from '../src/axmodel/container.ts';
import { defineTask } from '../src/engine/task.ts';
import type { ProgramStats } from '../src/npu/object.ts';
import type { FusedNetwork, ResolvedNetwork, UnitPlan } from '../src/quant/network.ts';
import type { ResolveReport } from '../src/quant/resolve.ts';
import { weightsFile } from './export.ts';

export const assemble = defineTask({
  name: 'assemble',
  about: 'Puts programs, parameters and CPU models into one compiled.axmodel, and describes the quantised model beside it.',
  options: z.strictObject({ target: z.string(), mode: z.string(), modeIndex: z.int() }),
  inputs: { graph: 'one', network: 'one', resolved: 'one', report: 'one', units: 'one', macs: 'many', programs: 'many', constants: 'many', cpus: 'many' },
  outputs: ['container', 'quant_onnx', 'quant_json', 'facts'],
  light: true,
  async run(job) {
    const { writeContainer } = await import('../src/axmodel/write.ts');
    const { paramsOf } = await import('../src/npu/params.ts');
    const { readProgram } = await import('../src/npu/program.ts');
    const { readGraph } = await import('../src/graph/record.ts');
    const { writeOnnx } = await import('../src/onnx/write.ts');
    const { quantAxmodelJson, quantisedGraph } = await import('../src/quant/export.ts');
    const graph = readGraph(job.input('graph'));
    const report = JSON.parse(textOf(job.input('report'))) as ResolveReport;
    const network = JSON.parse(textOf(job.input('network'))) as FusedNetwork;
    const resolved = JSON.parse(textOf(job.input('resolved'))) as ResolvedNetwork;
    const plans = JSON.parse(textOf(job.input('units'))) as UnitPlan[];

    const resolvedOf = new Map(resolved.edges.map((edge) => [edge.name, edge]));
    // The runtime knows an input by the user's name; its codes, should they cross units, step aside.
    const raw = network.edges.filter((edge) => edge.role === 'input');
    const publicNames = new Map([...raw.map((edge) => [edge.tensor, `${edge.tensor}:codes`] as const), ...raw.map((edge) => [edge.name, edge.tensor] as const)]);
    const publicName = (name: string): string => publicNames.get(name) ?? name;
    const tensors = network.edges.map((edge): ContainerTensor => {
      const { dtype, quant } = resolvedOf.get(edge.name)!;
      const { shape, layout } = edge;
      const [n, c, h, w] = shape;
      // A runtime input with its channels last is shown as its bytes are: [N, H, W, C], row-major.
      const arrival = layout === 'nhwc' ? { shape: [n!, h!, w!, c!], layout: 'plain' as const } : { shape, layout: edge.dtype === undefined && shape.length === 4 ? 'nhwc' as const : 'plain' as const };
      return { name: publicName(edge.name), dtype, quant, ...arrival };
    });

    const programs = job.inputs('programs').map(readProgram);
    const [constants, cpus] = [job.inputs('constants').values(), job.inputs('cpus').values()];
    let npu = 0;
    const units = plans.map((plan): Unit => {
      const ends = { name: plan.name, inputs: plan.inputs.map(publicName), outputs: plan.outputs.map(publicName) };
      if (plan.type === 'CPU') return { type: 'CPU', ...ends, model: cpus.next().value! };
      const program = job.inputs('programs')[npu]!;
      const params = paramsOf(programs[npu++]!, plan.groups.map(() => constants.next().value!));
      return { type: 'NPU', ...ends, programs: [{ batch: 1, program, params }] };
    });
    const used = new Set(units.flatMap((unit) => [...unit.inputs, ...unit.outputs]));
    const { target, mode, modeIndex } = job.options;
    const container = writeContainer({
      target, mode,
      tensors: Object.fromEntries(tensors.filter((tensor) => used.has(tensor.name)).map((tensor) => [tensor.name, tensor])),
      inputs: network.inputs.map(publicName),
      outputs: network.outputs,
      units,
    }, { modeIndex });

    const counts = job.inputs('macs').map((bytes) => JSON.parse(textOf(bytes)) as number[]);
    npu = 0;
    const rows = plans.map(({ name, type, groups }) => {
      if (type === 'CPU') return { name, type, groups: groups.map((group) => ({ name: group, macs: 0 })) };
      const unit = npu++;
      return { name, type, groups: groups.map((group, g) => ({ name: group, macs: counts[unit]![g]! })), program: figures(programs[unit]!.stats) };
    });
    const macs = rows.flatMap((row) => row.groups).reduce((sum, group) => sum + group.macs, 0);
    job.say(`QuantAxModel macs: ${macs}`);
    job.say(`fuse ${units.length} subgraph(s)`);
    return {
      container,
      quant_onnx: writeOnnx(quantisedGraph(graph, network, resolved), (digest) => job.blob(digest), { external: weightsFile }),
      quant_json: utf8(`${JSON.stringify(quantAxmodelJson({ graph, network, resolved, report, target }), null, 2)}\n`),
      facts: utf8(JSON.stringify({ macs, units: rows })),
    };
  },
});

function figures({ cycles, busy, overlapCycles, ddrBytes, ocmPeak, ocmLive, swapPeak, swapLive }: ProgramStats): object {
  return { max_cycle: cycles, busy, dma_overlap_cycles: overlapCycles, ddr_bytes: ddrBytes, ocm: { peak: ocmPeak, live: ocmLive }, swap: { peak: swapPeak, live: swapLive } };
}
