// Writes a container as an ONNX file, laid out as the public structure of compiled.axmodel (docs/container.md). Equal parts give equal bytes.
import { canonical, type Json } from '../base/canonical.ts';
import { digestOf } from '../base/digest.ts';
import { dtypes } from '../base/dtype.ts';
import { attributeProto } from '../onnx/attributes.ts';
import { encodeModel, onnx } from '../onnx/codec.ts';
import { tensorProto } from '../onnx/tensors.ts';
import { modelProto, valueInfo } from '../onnx/write.ts';
import type { Chain, Container, ContainerTensor, NpuUnit, Unit } from './container.ts';
import { axmodel } from './extra.generated.js';
import { batched } from './batch.ts';
import { compressed } from './compress.ts';
import { dynParamsKey, extraKey, graphName, metadataKey, metadataVersion, modelKey, opTypes, paramsAlign, paramsKey, programKey, type Metadata } from './layout.ts';

export interface WriteContainerOptions {
  /** Which of the target's modes was chosen, from 0: the public extra data tells it to the vendor's tools. */
  readonly modeIndex?: number;
  /** What is stored compressed, where that pays: programs of these units, and all parameters. */
  readonly compress?: { readonly units: readonly string[]; readonly params: boolean };
}

export function writeContainer(container: Container, { modeIndex = 0, compress = { units: [], params: false } }: WriteContainerOptions = {}): Uint8Array {
  const { chains } = container;
  const units = chains.flatMap((chain) => chain.units);
  const { params, blocks } = packParams(units);
  const tensor = (name: string): ContainerTensor => container.tensors[name] ?? missing(name);
  const small = new Set([...(compress.params ? [paramsKey] : []), ...units.flatMap((unit) => (unit.type === 'NPU' && compress.units.includes(unit.name) ? unit.programs.map(({ batch }) => programKey(unit.name, batch)) : []))]);
  const plain: (readonly [string, Uint8Array])[] = [[paramsKey, params], [dynParamsKey, new Uint8Array()], ...units.flatMap(blobsOf)];
  const packed = new Map(plain.flatMap(([name, bytes]) => {
    const stream = small.has(name) ? compressed(bytes) : undefined;
    return stream === undefined ? [] : [[name, { stream, bytes: bytes.byteLength }] as const];
  }));
  const blobs = plain.map(([name, bytes]) => [name, packed.get(name)?.stream ?? bytes] as const);
  const shown = (pick: (chain: Chain) => readonly string[]) => chains.flatMap((chain) => pick(chain).map((name) => valueInfo(name, batched(tensor(name), chain.batch))));
  const graph = new onnx.GraphProto({
    name: graphName,
    node: chains.flatMap((chain) => chain.units.map((unit) => nodeOf(unit, (name) => batched(tensor(name), chain.batch)))),
    initializer: blobs.map(([name, bytes]) => tensorProto(name, blobTensor(bytes))),
    input: shown((chain) => chain.inputs),
    output: shown((chain) => chain.outputs),
    // Loaders look blobs up here, although initializers need no entry in ONNX.
    valueInfo: [...blobs.map(([name, bytes]) => valueInfo(name, blobTensor(bytes))), ...shown(innerOf)],
  });
  const metadata = { [metadataKey]: canonical(metadataOf(container, { blocks, packed })), [extraKey]: Buffer.from(extraOf(container, modeIndex)).toString('base64') };
  return encodeModel(modelProto({ graph, doc: 'Compiled by axbuild for its virtual NPU (docs/container.md). It does not run on a chip.', metadata }));
}

/** Tensors between the units of a chain. */
function innerOf({ inputs, outputs, units }: Chain): string[] {
  const ends = new Set([...inputs, ...outputs]);
  return [...new Set(units.flatMap((unit) => unit.outputs))].filter((name) => !ends.has(name));
}

function missing(name: string): never {
  throw new Error(`BUG: the container has no tensor "${name}"`);
}

function blobTensor(bytes: Uint8Array) {
  return { dtype: 'U8', shape: [bytes.byteLength], bytes } as const;
}

function blobsOf(unit: Unit): (readonly [string, Uint8Array])[] {
  if (unit.type === 'CPU') return [[modelKey(unit.name), unit.model]];
  return unit.programs.map(({ batch, program }) => [programKey(unit.name, batch), program]);
}

interface Block {
  readonly offset: number;
  readonly bytes: number;
}

/** All parameters in one blob, equal blocks once; `blocks` by program key. */
function packParams(units: readonly Unit[]): { params: Uint8Array; blocks: ReadonlyMap<string, Block> } {
  const placed = new Map<string, Block>();
  const blocks = new Map<string, Block>();
  const parts: (readonly [number, Uint8Array])[] = [];
  let end = 0;
  for (const unit of units.filter((one) => one.type === 'NPU')) {
    for (const { batch, params } of unit.programs) {
      const digest = digestOf(params);
      const offset = Math.ceil(end / paramsAlign) * paramsAlign;
      const block = placed.get(digest) ?? { offset, bytes: params.byteLength };
      if (!placed.has(digest)) {
        parts.push([offset, params]);
        end = offset + params.byteLength;
        placed.set(digest, block);
      }
      blocks.set(programKey(unit.name, batch), block);
    }
  }
  const params = new Uint8Array(end);
  for (const [offset, bytes] of parts) params.set(bytes, offset);
  return { params, blocks };
}

function metadataOf(container: Container, { blocks, packed }: { blocks: ReadonlyMap<string, Block>; packed: ReadonlyMap<string, { readonly bytes: number }> }): Json {
  const used = new Set(container.chains.flatMap(({ inputs, outputs, units }) => [...inputs, ...outputs, ...units.flatMap((unit) => [...unit.inputs, ...unit.outputs])]));
  const tensors = [...used].map((name) => container.tensors[name] ?? missing(name));
  const metadata: Metadata = {
    version: metadataVersion,
    target: container.target,
    mode: container.mode,
    tensors: tensors.map(({ name, dtype, shape, layout, quant }) => ({ name, dtype, shape: [...shape], layout, quant: quant === null ? null : { ...quant } })),
    ...(packed.size > 0 && { compressed: [...packed].map(([blob, { bytes }]) => ({ blob, bytes })) }),
    chains: container.chains.map(({ inputs, outputs, batch, units }) => ({
      inputs: [...inputs],
      outputs: [...outputs],
      batch,
      units: units.map((unit) =>
        unit.type === 'CPU'
          ? { type: 'CPU', name: unit.name }
          : { type: 'NPU', name: unit.name, programs: unit.programs.map(({ batch: size }) => ({ batch: size, ...blocks.get(programKey(unit.name, size))! })) },
      ),
    })),
  };
  return metadata;
}

function nodeOf(unit: Unit, tensor: (name: string) => ContainerTensor): onnx.NodeProto {
  const outputs = Object.fromEntries(unit.outputs.map((name) => [name, [typeName(tensor(name)), tensor(name).shape] as const]));
  const attributes: Readonly<Record<string, string | number>> = {
    ...(unit.type === 'NPU' ? { neu_name: unit.name, npu_graph_info: canonical(graphInfo(unit)) } : { onnx_key: modelKey(unit.name) }),
    outputs_info: canonical(outputs),
    version: 1,
  };
  const raw = (): never => missing('attribute');
  return new onnx.NodeProto({
    name: unit.name,
    opType: opTypes[unit.type],
    input: [...unit.inputs],
    output: [...unit.outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value, raw)),
  });
}

/** Element types as the vendor's logs spell them. */
function typeName({ dtype }: ContainerTensor): string {
  return onnx.TensorProto.DataType[dtypes[dtype].onnx]!.toLowerCase().replace(/^float$/, 'float32').replace(/^double$/, 'float64');
}

function graphInfo(unit: NpuUnit): Json {
  return {
    name: unit.name,
    type: 'NPUDotNeu',
    dotneus: unit.programs.map(({ batch }) => ({
      neu_key: programKey(unit.name, batch),
      batch,
      extra_inputs: [
        { name: 'params', const_data_key: paramsKey, type: 'DotNeuInputConst', dyn_param_expr_key: '' },
        { name: 'dyn_params', const_data_key: '', type: 'DotNeuInputDynParam', dyn_param_expr_key: dynParamsKey },
      ],
    })),
  };
}

function extraOf(container: Container, modeIndex: number): Uint8Array {
  const dynParam = 2;
  return axmodel.Extra.encode(
    new axmodel.Extra({
      // Layout and colour stay at their defaults: tensors are row-major in logical order at both ends.
      tensors: container.chains.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]).map((name) => new axmodel.Tensor({ name })),
      version: '1',
      subgraphs: container.chains
        .flatMap((chain) => chain.units)
        .filter((unit) => unit.type === 'NPU')
        .map((unit) => {
          const extraInputs = [new axmodel.ExtraInput({ name: 'params', constKey: paramsKey }), new axmodel.ExtraInput({ name: 'dyn_params', kind: dynParam, dynParamKey: dynParamsKey })];
          const programs = unit.programs.map(({ batch }) => new axmodel.Program({ neuKey: programKey(unit.name, batch), batch, extraInputs }));
          return new axmodel.Subgraph({ name: unit.name, programs });
        }),
      hardware: new axmodel.Hardware(modeIndex === 0 ? {} : { npuMode: modeIndex }),
    }),
  ).finish();
}
