// What is in a compiled model, for people. Of the vendor's files the structure is public, the programs aren't.
import { Fault } from '../base/fault.ts';
import { decode } from '../npu/decode.ts';
import { engines, type Engine } from '../npu/isa.ts';
import type { ProgramStats } from '../npu/object.ts';
import { readProgram } from '../npu/program.ts';
import { decodeModel, type Model } from '../onnx/codec.ts';
import { inspectInfo, inspectOnnx, type InspectedTensor } from '../onnx/inspect.ts';
import { producer } from '../onnx/write.ts';
import type { Chain, Container, ContainerTensor, Unit } from './container.ts';
import { metadataKey, opTypes } from './layout.ts';
import { readContainer } from './read.ts';

export interface InspectedProgram {
  readonly batch: number;
  readonly bytes: number;
  readonly paramsBytes: number;
  readonly instructions: Readonly<Record<Engine, number>>;
  readonly stats: ProgramStats;
}

export type InspectedUnit = { readonly name: string; readonly inputs: readonly string[]; readonly outputs: readonly string[] } & (
  | { readonly type: 'NPU'; readonly programs: readonly InspectedProgram[] }
  | { readonly type: 'CPU'; readonly bytes: number; readonly operators: Readonly<Record<string, number>> });

export interface InspectedGroup {
  readonly inputs: readonly ContainerTensor[];
  readonly outputs: readonly ContainerTensor[];
  /** Samples that the file's ends are shown for. */
  readonly batch: number;
  readonly units: readonly InspectedUnit[];
}

export interface InspectedContainer {
  readonly producer: string;
  readonly target: string;
  readonly mode: string;
  /** Parameters of all programs, equal ones once. */
  readonly paramsBytes: number;
  /** Tensors between units. */
  readonly inner: readonly ContainerTensor[];
  readonly groups: readonly InspectedGroup[];
}

export interface InspectedForeign {
  readonly producer: string;
  readonly about: string;
  readonly inputs: readonly InspectedTensor[];
  readonly outputs: readonly InspectedTensor[];
  readonly units: readonly { readonly name: string; readonly type: 'NPU' | 'CPU'; readonly inputs: readonly string[]; readonly outputs: readonly string[] }[];
  readonly blobs: readonly { readonly name: string; readonly bytes: number }[];
}

/** Whether a model is a compiled one, ours or another's. */
export function isCompiled(model: Model): boolean {
  return model.metadataProps.some(({ key }) => key === metadataKey) || model.graph.node.some(({ opType }) => opType === opTypes.NPU);
}

export function isOurs(model: Model): boolean {
  return model.producerName === producer;
}

/** Throws a Fault on a container that contradicts itself, programs included. */
export function inspectContainer(bytes: Uint8Array, file: string): InspectedContainer {
  const container = readContainer(bytes, file);
  const { target, mode, tensors, chains } = container;
  const blocks = new Map(chains.flatMap(({ units }) => units).flatMap((unit) => (unit.type === 'CPU' ? [] : unit.programs.map(({ params }) => [params.byteOffset, params.byteLength] as const))));
  return {
    producer, target, mode,
    paramsBytes: [...blocks.values()].reduce((sum, size) => sum + size, 0),
    inner: innerOf(container),
    groups: chains.map(({ inputs, outputs, batch, units }) => ({
      inputs: inputs.map((name) => tensors[name]!),
      outputs: outputs.map((name) => tensors[name]!),
      batch,
      units: units.map((unit) => inspectUnit(unit, file)),
    })),
  };
}

export function inspectForeign(model: Model): InspectedForeign {
  const { graph } = model;
  return {
    producer: [model.producerName, model.producerVersion].filter((part) => part !== '').join(' '),
    about: model.docString,
    inputs: graph.input.map(inspectInfo),
    outputs: graph.output.map(inspectInfo),
    units: graph.node.map(({ name, opType, input, output }) => ({ name, type: opType === opTypes.NPU ? 'NPU' : 'CPU', inputs: input, outputs: output })),
    blobs: graph.initializer.map(({ name, rawData, int32Data }) => ({ name, bytes: rawData.byteLength || int32Data.length })),
  };
}

function inspectUnit(unit: Unit, file: string): InspectedUnit {
  const { name, inputs, outputs } = unit;
  if (unit.type === 'CPU') return { type: 'CPU', name, inputs, outputs, bytes: unit.model.byteLength, operators: inspectOnnx(decodeModel(unit.model, `${file}, ${name}`), file).operators };
  const programs = unit.programs.map(({ batch, program: bytes, params }): InspectedProgram => {
    try {
      const program = readProgram(bytes);
      const instructions = Object.fromEntries(engines.map((engine) => [engine, 0])) as Record<Engine, number>; // a count for each
      for (const { engine } of decode(program.code)) instructions[engine]++;
      return { batch, bytes: bytes.byteLength, paramsBytes: params.byteLength, instructions, stats: program.stats };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw new Fault({ ...error.parts, place: { file }, what: `the program of "${name}" for batch ${batch}: ${error.parts.what}` });
    }
  });
  return { type: 'NPU', name, inputs, outputs, programs };
}

function innerOf({ tensors, chains }: Container): ContainerTensor[] {
  const ends = new Set(chains.flatMap(({ inputs, outputs }: Chain) => [...inputs, ...outputs]));
  const made = new Set(chains.flatMap(({ units }) => units.flatMap((unit) => unit.outputs)));
  return [...made].filter((name) => !ends.has(name)).map((name) => tensors[name]!);
}
