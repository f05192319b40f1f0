// Executes a container: NPU units on the simulator, CPU units on ONNX Runtime, in order.
import { bytesOf } from '../base/bytes.ts';
import { dtypeBytes, elements, type DType } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import { fromMemory, toMemory } from '../npu/memory.ts';
import type { Program } from '../npu/object.ts';
import { readProgram } from '../npu/program.ts';
import { openModel, tensorOf, type FloatTensor } from '../onnx/float.ts';
import { batched, batchesOf, planBatches, type BatchRun } from './batch.ts';
import type { Chain, Container, ContainerTensor, CpuUnit, NpuUnit } from './container.ts';

type Codes = Parameters<typeof toMemory>[0];
type Edge = Parameters<typeof toMemory>[1];

/** npu/simulate: bytes of the inputs in memory order, to bytes of the outputs. */
export type Simulate = (program: Program, params: Uint8Array, inputs: Uint8Array[]) => readonly Uint8Array[];

export interface RunOptions {
  readonly simulate: Simulate;
  /** Which chain: the container's first by default. */
  readonly group?: number;
  /** How many samples each input holds, one after the other. */
  readonly samples?: number;
  /** Tensors to give back instead of the chain's outputs: any that a unit makes. */
  readonly outputs?: readonly string[];
  /** Called before each run of the chain. */
  readonly onBatch?: (run: BatchRun) => void;
}

type Bytes = Readonly<Record<string, Uint8Array>>;

/** Bytes of every runtime input by name, in memory order; gives bytes of the outputs by name. */
export async function runContainer(container: Container, inputs: Bytes, { simulate, group = 0, samples = 1, onBatch, ...options }: RunOptions): Promise<Bytes> {
  const chain = chainOf(container, group);
  const tensor = tensorsOf(container);
  checkInputs(chain, inputs, { tensor, samples });
  const wanted = options.outputs ?? chain.outputs;
  const results = wanted.map((): Uint8Array[] => []);
  let done = 0;
  for (const run of planBatches(samples, batchesOf(chain))) {
    onBatch?.(run);
    const part = Object.fromEntries(chain.inputs.map((name) => [name, take(inputs[name]!, { each: bytesDue(tensor(name)), from: done, run })]));
    const made = await runBatch(chain, part, { simulate, tensor, batch: run.batch });
    wanted.forEach((name, i) => results[i]!.push((made.get(name) ?? unknownOutput(name)).subarray(0, run.samples * bytesDue(tensor(name)))));
    done += run.samples;
  }
  return Object.fromEntries(wanted.map((name, i) => [name, results[i]!.length === 1 ? results[i]![0]! : concatenated(results[i]!)]));
}

/** Throws a Fault where the container has no such chain. */
export function chainOf({ chains }: Container, group: number): Chain {
  const chain = chains[group];
  if (chain !== undefined) return chain;
  throw new Fault({ exit: 2, what: `this model has no group ${group}`, facts: [['known', chains.map((_, i) => i).join(', ')]] });
}

/** The samples of one run; missing ones are zeros. */
function take(bytes: Uint8Array, { each, from, run }: { each: number; from: number; run: BatchRun }): Uint8Array {
  const part = bytes.subarray(from * each, (from + run.samples) * each);
  if (run.samples === run.batch) return part;
  const filled = new Uint8Array(run.batch * each);
  filled.set(part);
  return filled;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

type TensorOf = (name: string) => ContainerTensor;

function tensorsOf({ tensors }: Container): TensorOf {
  return (name) => {
    const found = tensors[name];
    if (found === undefined) throw new Error(`BUG: the container has no tensor "${name}"`);
    return found;
  };
}

async function runBatch(chain: Chain, inputs: Bytes, { simulate, tensor, batch }: { simulate: Simulate; tensor: TensorOf; batch: number }): Promise<ReadonlyMap<string, Uint8Array>> {
  const bytes = new Map(Object.entries(inputs));
  for (const unit of chain.units) {
    const given = unit.inputs.map((name) => bytes.get(name)!);
    const made = unit.type === 'NPU' ? runNpu(unit, given, { simulate, batch }) : await runCpu(unit, given, tensor);
    unit.outputs.forEach((name, i) => {
      const [result, due] = [made[i], batch * bytesDue(tensor(name))];
      if (result?.byteLength !== due) throw new Fault({ what: `unit "${unit.name}" gives ${result?.byteLength ?? 0} bytes for "${name}"`, facts: [['needs', `${due} bytes`]] });
      bytes.set(name, result);
    });
  }
  return bytes;
}

function unknownOutput(name: string): never {
  throw new Error(`BUG: no unit makes "${name}"`);
}

/** The size of one sample of a tensor in memory. */
export function bytesDue({ dtype, shape }: ContainerTensor): number {
  return elements(shape) * dtypeBytes(dtype);
}

function checkInputs(chain: Chain, inputs: Bytes, { tensor, samples }: { tensor: TensorOf; samples: number }): void {
  const unknown = Object.keys(inputs).find((name) => !chain.inputs.includes(name));
  if (unknown !== undefined) throw new Fault({ what: `the model has no input "${unknown}"`, facts: [['known', chain.inputs.join(', ')]] });
  for (const name of chain.inputs) {
    const { dtype, shape } = batched(tensor(name), samples);
    const due = samples * bytesDue(tensor(name));
    const facts = [['needs', `${dtype} [${shape.join(', ')}], ${due} bytes`]] as const;
    if (!Object.hasOwn(inputs, name)) throw new Fault({ what: `input "${name}" is missing`, facts });
    if (inputs[name]!.byteLength !== due) throw new Fault({ what: `input "${name}" has ${inputs[name]!.byteLength} bytes`, facts });
  }
}

function runNpu(unit: NpuUnit, inputs: readonly Uint8Array[], { simulate, batch }: { simulate: Simulate; batch: number }): readonly Uint8Array[] {
  const chosen = unit.programs.find((program) => program.batch === batch);
  if (chosen === undefined) throw new Error(`BUG: "${unit.name}" has no program for batch ${batch}`);
  return simulate(readProgram(chosen.program), chosen.params, [...inputs]);
}

async function runCpu(unit: CpuUnit, inputs: readonly Uint8Array[], tensor: (name: string) => ContainerTensor): Promise<readonly Uint8Array[]> {
  const session = await openModel(unit.model, { name: unit.name });
  try {
    if (session.inputs.length !== unit.inputs.length || session.outputs.length !== unit.outputs.length) {
      throw new Fault({
        what: `the model of unit "${unit.name}" does not fit it`,
        facts: [['unit', `${unit.inputs.join(', ')} -> ${unit.outputs.join(', ')}`], ['model', `${session.inputs.join(', ')} -> ${session.outputs.join(', ')}`]],
      });
    }
    const feeds = Object.fromEntries(session.inputs.map((name, i) => [name, logical(inputs[i]!, tensor(unit.inputs[i]!))]));
    const results = await session.run(feeds);
    return session.outputs.map((name, i) => physical(results[name]!, tensor(unit.outputs[i]!)));
  } finally {
    await session.close();
  }
}

/** What ONNX Runtime sees: elements in logical order. */
function logical(bytes: Uint8Array, tensor: ContainerTensor): FloatTensor {
  const edge = edgeOf(tensor);
  return edge === undefined ? tensorOf(tensor, bytes) : { ...tensor, data: fromMemory(bytes, edge).data };
}

function physical(result: FloatTensor, tensor: ContainerTensor): Uint8Array {
  if (result.dtype !== tensor.dtype || elements(result.shape) !== elements(tensor.shape)) {
    throw new Fault({ what: `the CPU gives ${result.dtype} [${result.shape.join(', ')}] for "${tensor.name}"`, facts: [['needs', `${tensor.dtype} [${tensor.shape.join(', ')}]`]] });
  }
  const edge = edgeOf(tensor);
  return edge === undefined ? bytesOf(result.data) : toMemory({ shape: tensor.shape, data: codesOf(result) }, edge);
}

/** A tensor whose bytes are in another order than its elements; undefined for row-major ones. */
function edgeOf({ dtype, shape, layout }: ContainerTensor): Edge | undefined {
  return layout === 'plain' || !isEdgeType(dtype) ? undefined : { shape, dtype, layout };
}

function isEdgeType(dtype: DType): dtype is Edge['dtype'] {
  return dtype === 'U8' || dtype === 'U16' || dtype === 'FP32';
}

function codesOf({ data }: FloatTensor): Codes['data'] {
  if (data instanceof Uint8Array || data instanceof Uint16Array || data instanceof Float32Array) return data;
  throw new Error('BUG: an edge holds neither codes nor floats');
}
