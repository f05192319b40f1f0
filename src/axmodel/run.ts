// Executes a container: NPU units on the simulator, CPU units on ONNX Runtime, in order.
import { bytesOf } from '../base/bytes.ts';
import { dtypeBytes, elements, type DType } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import { fromMemory, toMemory } from '../npu/memory.ts';
import type { Program } from '../npu/object.ts';
import { readProgram } from '../npu/program.ts';
import { openModel, tensorOf, type FloatTensor } from '../onnx/float.ts';
import type { Container, ContainerTensor, CpuUnit, NpuUnit } from './container.ts';

type Codes = Parameters<typeof toMemory>[0];
type Edge = Parameters<typeof toMemory>[1];

/** npu/simulate: bytes of the inputs in memory order, to bytes of the outputs. */
export type Simulate = (program: Program, params: Uint8Array, inputs: Uint8Array[]) => readonly Uint8Array[];

export interface RunOptions {
  readonly simulate: Simulate;
  /** Tensors to give back instead of the container's outputs: any that a unit makes. */
  readonly outputs?: readonly string[];
}

/** Bytes of every runtime input by name, in memory order; gives bytes of the outputs by name. */
export async function runContainer(container: Container, inputs: Readonly<Record<string, Uint8Array>>, { simulate, outputs = container.outputs }: RunOptions): Promise<Readonly<Record<string, Uint8Array>>> {
  checkInputs(container, inputs);
  const tensor = (name: string): ContainerTensor => {
    const found = container.tensors[name];
    if (found === undefined) throw new Error(`BUG: the container has no tensor "${name}"`);
    return found;
  };
  const bytes = new Map(container.inputs.map((name) => [name, inputs[name]!] as const));
  for (const unit of container.units) {
    const given = unit.inputs.map((name) => bytes.get(name)!);
    const made = unit.type === 'NPU' ? runNpu(unit, given, simulate) : await runCpu(unit, given, tensor);
    unit.outputs.forEach((name, i) => {
      const result = made[i];
      if (result?.byteLength !== bytesDue(tensor(name))) {
        throw new Fault({ what: `unit "${unit.name}" gives ${result?.byteLength ?? 0} bytes for "${name}"`, facts: [['needs', `${bytesDue(tensor(name))} bytes`]] });
      }
      bytes.set(name, result);
    });
  }
  return Object.fromEntries(outputs.map((name) => [name, bytes.get(name) ?? unknownOutput(name)]));
}

function unknownOutput(name: string): never {
  throw new Error(`BUG: no unit makes "${name}"`);
}

/** The size of a tensor in memory. */
export function bytesDue({ dtype, shape }: ContainerTensor): number {
  return elements(shape) * dtypeBytes(dtype);
}

function checkInputs(container: Container, inputs: Readonly<Record<string, Uint8Array>>): void {
  const unknown = Object.keys(inputs).find((name) => !container.inputs.includes(name));
  if (unknown !== undefined) throw new Fault({ what: `the model has no input "${unknown}"`, facts: [['known', container.inputs.join(', ')]] });
  for (const name of container.inputs) {
    const { dtype, shape } = container.tensors[name]!;
    const due = bytesDue(container.tensors[name]!);
    const facts = [['needs', `${dtype} [${shape.join(', ')}], ${due} bytes`]] as const;
    if (!Object.hasOwn(inputs, name)) throw new Fault({ what: `input "${name}" is missing`, facts });
    if (inputs[name]!.byteLength !== due) throw new Fault({ what: `input "${name}" has ${inputs[name]!.byteLength} bytes`, facts });
  }
}

function runNpu(unit: NpuUnit, inputs: readonly Uint8Array[], simulate: Simulate): readonly Uint8Array[] {
  // One batch a call: larger programs are for deployments that feed several samples.
  const [first] = unit.programs;
  if (first === undefined) throw new Error(`BUG: "${unit.name}" has no program`);
  return simulate(readProgram(first.program), first.params, [...inputs]);
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
