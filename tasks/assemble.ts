import { z } from 'zod';
import { textOf } from '../src/base/bytes.ts';
import type { ContainerTensor, Unit } from '../src/axmodel/container.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork, ResolvedNetwork, UnitPlan } from '../src/quant/network.ts';

export const assemble = defineTask({
  name: 'assemble',
  about: 'Puts programs, parameters and CPU models into one compiled.axmodel.',
  options: z.strictObject({ target: z.string(), mode: z.string(), modeIndex: z.int() }),
  inputs: { network: 'one', resolved: 'one', units: 'one', programs: 'many', constants: 'many', cpus: 'many' },
  outputs: ['container'],
  async run(job) {
    const { writeContainer } = await import('../src/axmodel/write.ts');
    const { paramsOf } = await import('../src/npu/params.ts');
    const { readProgram } = await import('../src/npu/program.ts');
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

    const [programs, constants, cpus] = [job.inputs('programs').values(), job.inputs('constants').values(), job.inputs('cpus').values()];
    const units = plans.map((plan): Unit => {
      const ends = { name: plan.name, inputs: plan.inputs.map(publicName), outputs: plan.outputs.map(publicName) };
      if (plan.type === 'CPU') return { type: 'CPU', ...ends, model: cpus.next().value! };
      const program: Uint8Array = programs.next().value!;
      const params = paramsOf(readProgram(program), plan.groups.map(() => constants.next().value!));
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
    job.say(`fuse ${units.length} subgraph(s)`);
    return { container };
  },
});
