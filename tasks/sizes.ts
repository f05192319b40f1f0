// Which sizes of a network are compiled, and compiling them: groups of input shapes, batches of each.
import { Fault } from '../src/base/fault.ts';
import { parseShapes, type BuildConfig } from '../src/config/index.ts';
import type { Build } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { UnitPlan } from '../src/quant/network.ts';
import { compileUnits, type Compiled } from './compile.ts';
import { cpu } from './cpu.ts';
import type { ModelGoal } from './goal.ts';
import { jsonOf, type Facts } from './passing.ts';
import { batchOf, labelOf, sizeOf, type Size, type Sizing } from './size.ts';

/** One group of input shapes: a chain of the compiled model. */
export interface CompiledShapes {
  readonly network: Artifact;
  readonly batches: readonly { readonly batch: number; readonly compiled: Compiled }[];
  /** Models of the CPU subgraphs, in the order of the plan. */
  readonly cpus: readonly Artifact[];
}

export interface CompileSizes {
  readonly base: Size;
  readonly units: Artifact;
  readonly sizing: Sizing;
  /** Members whose code shapes depend on. */
  readonly uses: readonly string[];
  /** The optimised network at each further group of input shapes. */
  readonly extras: readonly Artifact[];
}

export async function compileSizes(build: Build, goal: ModelGoal, { base, units, sizing, uses, extras }: CompileSizes): Promise<readonly CompiledShapes[]> {
  const onCpu = (await jsonOf<UnitPlan[]>(build, units)).filter((plan) => plan.type === 'CPU').map((plan) => plan.name);
  const sizes = [base, ...extras.map((graph, i) => sizeOf(build, goal, { graph, label: groupLabel(i + 1), samples: 1, sizing }))];
  return Promise.all(sizes.map(async (coming): Promise<CompiledShapes> => {
    const size = await coming;
    const compiled = (samples: number): Promise<Compiled> => batchOf(build, goal, { size, samples, sizing, uses }).then((one) => compileUnits(build, goal, { ...one, units }));
    const cut = { network: size.network, resolved: size.resolved, units };
    const models = build.map(cpu, onCpu.map((unit) => ({ label: `${labelOf(goal, size.label)} ${unit}`, options: { unit }, inputs: { graph: size.graph, ...cut } })));
    const [batches, cpus] = await Promise.all([compileBatches(goal.config, compiled), models]);
    return { network: size.network, batches, cpus: cpus.map((one) => one['model']!) };
  }));
}

/** How a group of shapes is called in labels; 0 is the model's own. */
export function groupLabel(group: number): string {
  return group === 0 ? '' : `g${group}`;
}

async function compileBatches({ compiler }: BuildConfig, compiled: (samples: number) => Promise<Compiled>): Promise<CompiledShapes['batches']> {
  if (compiler.max_dynamic_batch_size === 0) {
    return Promise.all(staticBatches(compiler).map(async (batch) => ({ batch, compiled: await compiled(batch) })));
  }
  // 1, 2, 4 … while a sample gets no slower.
  const kept: { readonly batch: number; readonly compiled: Compiled }[] = [];
  for (let [batch, best] = [1, Infinity]; batch <= compiler.max_dynamic_batch_size; batch *= 2) {
    const next = await compiled(batch);
    const each = (await next.cycles()) / batch;
    if (each > best) break;
    best = each;
    kept.push({ batch, compiled: next });
  }
  return kept;
}

function staticBatches({ static_batch_sizes: given }: BuildConfig['compiler']): readonly number[] {
  return given.length === 0 ? [1] : [...new Set(given)].sort((a, b) => a - b);
}

/** How many samples the ends of the compiled model are shown for. */
export function shownBatch({ compiler }: BuildConfig): number {
  return compiler.max_dynamic_batch_size || staticBatches(compiler).at(-1)!;
}

/** input_shapes of each further group: the own ones, with the i-th src_extra_shapes of each input that has some laid over. */
export function extraShapesOf(config: BuildConfig, facts: Facts): string[] {
  const extra = config.input_processors.flatMap(({ tensor_name, src_extra_shapes }) => {
    const names = tensor_name === 'DEFAULT' ? facts.inputs.map((input) => input.name).filter((name) => !config.input_processors.some((one) => one.tensor_name === name)) : [tensor_name];
    return names.map((name) => ({ name, shapes: src_extra_shapes.map(({ shape }) => shape) }));
  });
  const count = Math.max(0, ...extra.map(({ shapes }) => shapes.length));
  const own = parseShapes(config.input_shapes).shapes;
  return Array.from({ length: count }, (_, i) => {
    const at = { ...own, ...Object.fromEntries(extra.flatMap(({ name, shapes }) => (shapes[i] === undefined ? [] : [[name, shapes[i]] as const]))) };
    return Object.entries(at).map(([name, shape]) => `${name}:${shape.join('x')}`).join(';');
  });
}

/** Throws where several samples at once can't be, before anything slow: an input whose first dimension isn't 1, a part on the CPU. */
export function refuseBatches({ config, placeOf }: ModelGoal, { facts, units }: { facts: Facts; units: readonly UnitPlan[] }): void {
  const setting = config.compiler.max_dynamic_batch_size > 1 ? 'max_dynamic_batch_size' : 'static_batch_sizes';
  if (shownBatch(config) === 1) return;
  const refuse = (what: string, more: readonly (readonly [string, string])[]): Fault => {
    const place = placeOf(`compiler.${setting}`);
    return new Fault({ exit: 2, what, facts: more, ...(place && { place }) });
  };
  const own = parseShapes(config.input_shapes).shapes;
  for (const { name, shape } of facts.inputs) {
    const [first] = own[name] ?? shape;
    if (typeof first === 'number' && first !== 1) throw refuse(`${setting} counts samples, and input "${name}" has ${first} of them already`, [['shape', (own[name] ?? shape).join('x')], ['try', `input_shapes: "${name}:${[1, ...(own[name] ?? shape).slice(1)].join('x')}"`]]);
  }
  const cpuUnit = units.find((unit) => unit.type === 'CPU');
  if (cpuUnit !== undefined) throw refuse(`${setting} needs a network that runs on the NPU alone`, [['on the CPU', cpuUnit.groups.join(', ')], ['try', `no ${setting}: the runtime then loops over samples`]]);
}
