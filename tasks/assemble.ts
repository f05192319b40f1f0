import * as z from 'zod';
import { textOf, utf8 } from '../src/base/bytes.ts';
import type { Chain, ContainerTensor, Unit, UnitProgram } from '../src/axmodel/container.ts';
import { defineTask } from '../src/engine/task.ts';
import type { ProgramStats } from '../src/npu/object.ts';
import type { FusedEdge, FusedNetwork, ResolvedEdge, ResolvedNetwork, UnitPlan } from '../src/quant/network.ts';
import type { ResolveReport } from '../src/quant/resolve.ts';
import { weightsFile } from './export.ts';

export const assemble = defineTask({
  name: 'assemble',
  about: 'Puts programs, parameters and CPU models into one compiled.axmodel, and describes the quantised model beside it.',
  options: z.strictObject({
    target: z.string(),
    mode: z.string(),
    modeIndex: z.int(),
    /** What the ends are shown for. */
    batch: z.int(),
    /** Compiled batches of each group of input shapes. */
    chains: z.array(z.array(z.int())),
    /** enable_data_soft_compression: of the programs of these units, of the parameters. */
    compress: z.strictObject({ units: z.array(z.string()), params: z.boolean() }),
  }),
  // Lists run over groups of shapes, then batches, then units, then groups of a unit, as far as each has them.
  inputs: { graph: 'one', network: 'one', resolved: 'one', report: 'one', units: 'one', networks: 'many', macs: 'many', programs: 'many', constants: 'many', cpus: 'many' },
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
    const { target, mode, modeIndex, batch: shown, compress } = job.options;
    const programs = job.inputs('programs').map(readProgram);
    const [programBytes, constants, cpus] = [job.inputs('programs').values(), job.inputs('constants').values(), job.inputs('cpus').values()];
    const read = programs.values();
    const tensors: Record<string, ContainerTensor> = {};
    const chains = job.options.chains.map((batches, group): Chain => {
      const chain = JSON.parse(textOf(job.inputs('networks')[group]!)) as FusedNetwork;
      const called = namesOf(chain, group);
      const compiled = batches.map((batch) => plans.filter((plan) => plan.type === 'NPU').map((plan): UnitProgram => {
        const parts = plan.groups.map(() => constants.next().value!);
        return { batch, program: programBytes.next().value!, params: paramsOf(read.next().value!, parts) };
      }));
      let npu = 0;
      const units = plans.map((plan): Unit => {
        const ends = { name: called.unit(plan.name), inputs: plan.inputs.map(called.tensor), outputs: plan.outputs.map(called.tensor) };
        if (plan.type === 'CPU') return { type: 'CPU', ...ends, model: cpus.next().value! };
        const unit = npu++;
        return { type: 'NPU', ...ends, programs: compiled.map((ofBatch) => ofBatch[unit]!) };
      });
      const used = new Set(plans.flatMap((plan) => [...plan.inputs, ...plan.outputs]));
      for (const edge of chain.edges.filter(({ name }) => used.has(name))) {
        const tensor = tensorOf(edge, { name: called.tensor(edge.name), resolved: resolvedOf.get(edge.name)! });
        tensors[tensor.name] = tensor;
      }
      return { inputs: chain.inputs.map(called.tensor), outputs: chain.outputs.map(called.tensor), batch: shown, units };
    });
    const container = writeContainer({ target, mode, tensors, chains }, { modeIndex, compress: { ...compress, units: chains.flatMap((_, group) => compress.units.map((unit) => `${unit}${suffixOf(group)}`)) } });

    const counts = job.inputs('macs').map((bytes) => JSON.parse(textOf(bytes)) as number[]);
    let npu = 0;
    const npuCount = plans.filter((plan) => plan.type === 'NPU').length;
    // Programs of a unit: one a batch, group of shapes after group of shapes.
    const sizes = job.options.chains.flatMap((batches, group) => batches.map((batch) => ({ group, batch })));
    const rows = plans.map(({ name, type, groups }) => {
      if (type === 'CPU') return { name, type, groups: groups.map((group) => ({ name: group, macs: 0 })) };
      const unit = npu++;
      return {
        name, type,
        groups: groups.map((group, g) => ({ name: group, macs: counts[unit]![g]! })),
        programs: sizes.map((size, i) => ({ ...size, ...figures(programs[i * npuCount + unit]!.stats) })),
      };
    });
    const macs = rows.flatMap((row) => row.groups).reduce((sum, group) => sum + group.macs, 0);
    job.say(`QuantAxModel macs: ${macs}`);
    for (const { name } of plans) if (job.options.chains[0]!.length > 1) job.say(`graph [${name}] batchs [${job.options.chains[0]!.join(', ')}]`);
    job.say(`fuse ${chains.reduce((sum, chain) => sum + chain.units.length, 0)} subgraph(s)`);
    return {
      container,
      quant_onnx: writeOnnx(quantisedGraph(graph, network, resolved), (digest) => job.blob(digest), { external: weightsFile }),
      quant_json: utf8(`${JSON.stringify(quantAxmodelJson({ graph, network, resolved, report, target }), null, 2)}\n`),
      facts: utf8(JSON.stringify({ macs, units: rows })),
    };
  },
});

interface Names {
  tensor(edge: string): string;
  unit(name: string): string;
}

/** The runtime knows an input by the user's name; its codes, should they cross units, step aside. Further groups of shapes carry their number. */
function namesOf({ edges }: FusedNetwork, group: number): Names {
  const raw = edges.filter((edge) => edge.role === 'input');
  const own = new Map([...raw.map((edge) => [edge.tensor, `${edge.tensor}:codes`] as const), ...raw.map((edge) => [edge.name, edge.tensor] as const)]);
  const suffix = suffixOf(group);
  return { tensor: (edge) => `${own.get(edge) ?? edge}${suffix}`, unit: (name) => `${name}${suffix}` };
}

/** Of names in a further group of shapes. */
export function suffixOf(group: number): string {
  return group === 0 ? '' : `_${group}`;
}

function tensorOf(edge: FusedEdge, { name, resolved: { dtype, quant } }: { name: string; resolved: ResolvedEdge }): ContainerTensor {
  const { shape, layout } = edge;
  const [n, c, h, w] = shape;
  // A runtime input with its channels last is shown as its bytes are: [N, H, W, C], row-major.
  const arrival = layout === 'nhwc' ? { shape: [n!, h!, w!, c!], layout: 'plain' as const } : { shape, layout: edge.dtype === undefined && shape.length === 4 ? 'nhwc' as const : 'plain' as const };
  return { name, dtype, quant, ...arrival };
}

function figures({ cycles, busy, overlapCycles, ddrBytes, ocmPeak, ocmLive, swapPeak, swapLive }: ProgramStats): object {
  return { max_cycle: cycles, busy, dma_overlap_cycles: overlapCycles, ddr_bytes: ddrBytes, ocm: { peak: ocmPeak, live: ocmLive }, swap: { peak: swapPeak, live: swapLive } };
}
