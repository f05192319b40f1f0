// Reads a compiled.axmodel that axbuild wrote. The file may come from anywhere: nothing in it is believed before it is checked.
import { dtypeBytes, elements } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import { decodeModel, number, type Model, type onnx } from '../onnx/codec.ts';
import { elementTypeName, readTensor } from '../onnx/tensors.ts';
import { producer } from '../onnx/write.ts';
import { batched } from './batch.ts';
import { inflated } from './compress.ts';
import type { Chain, Container, ContainerTensor, Unit } from './container.ts';
import { metadataKey, metadataSchema, modelKey, opTypes, paramsKey, programKey, type Metadata } from './layout.ts';

/** Throws a Fault on bytes that are no container of axbuild's, or one that contradicts itself. Blobs are views into `bytes`. */
export function readContainer(bytes: Uint8Array, file: string): Container {
  const model = decodeModel(bytes, file);
  // frontend/optimized.onnx is from axbuild too.
  const isCompiled = model.metadataProps.some((entry) => entry.key === metadataKey) || model.graph.node.some((node) => node.opType === opTypes.NPU);
  if (model.producerName !== producer || !isCompiled) throw foreign(model, file);
  const metadata = readMetadata(model, file);
  const { tensors, target, mode } = metadata;
  const blobs = unpacked(readBlobs(model.graph, file), metadata, file);
  const byName = new Map<string, ContainerTensor>();
  for (const tensor of tensors) {
    if (byName.has(tensor.name)) throw broken(file, `tensor "${tensor.name}" is described twice`);
    if (!Number.isSafeInteger(elements(tensor.shape) * dtypeBytes(tensor.dtype))) throw broken(file, `tensor "${tensor.name}" has an impossible shape`);
    if (tensor.layout === 'nhwc' && (tensor.shape.length !== 4 || !['U8', 'U16', 'FP32'].includes(tensor.dtype))) {
      throw broken(file, `tensor "${tensor.name}" can't be in nhwc order`);
    }
    byName.set(tensor.name, tensor);
  }
  const due = metadata.chains.reduce((count, chain) => count + chain.units.length, 0);
  if (model.graph.node.length !== due) throw broken(file, `it has ${model.graph.node.length} nodes, but describes ${due} units`);
  checkEnds(model.graph.input, { ends: endsOf(metadata, 'inputs'), tensors: byName, file });
  checkEnds(model.graph.output, { ends: endsOf(metadata, 'outputs'), tensors: byName, file });
  const nodes = model.graph.node.values();
  const chains = metadata.chains.map(({ units: rows, ...ends }): Chain => {
    const units = rows.map((unit) => readUnit(nodes.next().value!, { unit, blobs, file }));
    checkBatches(units, file);
    return { ...ends, units };
  });
  checkFlow({ chains, tensors: byName, file });
  return { target, mode, tensors: Object.fromEntries(byName), chains };
}

function foreign(model: Model, file: string): Fault {
  const by = model.producerName === '' ? 'nobody names' : model.producerName;
  const vendor = model.graph.node.some((node) => node.opType === opTypes.NPU);
  return new Fault({
    place: { file },
    what: vendor ? 'this compiled model is not from axbuild: its instruction set is not public' : 'this is no compiled model',
    facts: [['producer', by], ['try', vendor ? "the vendor's own runtime" : 'a compiled.axmodel that axbuild built']],
  });
}

function broken(file: string, why: string): Fault {
  return new Fault({ place: { file }, what: `this compiled model is damaged: ${why}`, facts: [['try', 'axbuild build']] });
}

function readMetadata(model: Model, file: string): Metadata {
  const text = model.metadataProps.find((entry) => entry.key === metadataKey)?.value;
  if (text === undefined) throw broken(file, 'it has no axbuild metadata');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw broken(file, 'its axbuild metadata is no JSON');
    throw error;
  }
  const parsed = metadataSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw broken(file, `${issue?.path.join('.') ?? 'metadata'}: ${issue?.message ?? 'malformed'}`);
}

type Blobs = ReadonlyMap<string, Uint8Array>;

function readBlobs(graph: onnx.GraphProto, file: string): Blobs {
  const blobs = new Map<string, Uint8Array>();
  for (const tensor of graph.initializer) {
    if (blobs.has(tensor.name)) throw broken(file, `blob "${tensor.name}" is there twice`);
    const { dtype, bytes } = readTensor(tensor, tensor.name, { file });
    if (dtype !== 'U8') throw broken(file, `blob "${tensor.name}" is not made of bytes`);
    blobs.set(tensor.name, bytes);
  }
  return blobs;
}

/** Blobs as they were before they were compressed. */
function unpacked(blobs: ReadonlyMap<string, Uint8Array>, { compressed = [] }: Metadata, file: string): Blobs {
  const whole = new Map(blobs);
  const done = new Set<string>();
  for (const { blob, bytes: size } of compressed) {
    const small = blobs.get(blob);
    if (small === undefined) throw broken(file, `blob "${blob}" is missing`);
    if (done.has(blob)) throw broken(file, `blob "${blob}" is compressed twice`);
    const bytes = inflated(small, size);
    if (bytes === undefined) throw broken(file, `blob "${blob}" does not unpack to the ${size} bytes it is said to hold`);
    whole.set(blob, bytes);
    done.add(blob);
  }
  return whole;
}

function readUnit(node: onnx.NodeProto, { unit, blobs, file }: { unit: Metadata['chains'][number]['units'][number]; blobs: Blobs; file: string }): Unit {
  if (node.name !== unit.name || node.opType !== opTypes[unit.type]) throw broken(file, `node "${node.name}" (${node.opType}) stands where unit "${unit.name}" (${opTypes[unit.type]}) is due`);
  const blob = (key: string): Uint8Array => {
    const bytes = blobs.get(key);
    if (bytes === undefined) throw broken(file, `blob "${key}" is missing`);
    return bytes;
  };
  const ends = { name: unit.name, inputs: node.input, outputs: node.output };
  if (unit.type === 'CPU') return { type: 'CPU', ...ends, model: blob(modelKey(unit.name)) };
  const programs = unit.programs.map(({ batch, offset, bytes }) => {
    const params = blob(paramsKey);
    if (offset + bytes > params.byteLength) throw broken(file, `the parameters of "${unit.name}" end outside of ${paramsKey}`);
    return { batch, program: blob(programKey(unit.name, batch)), params: params.subarray(offset, offset + bytes) };
  });
  if (new Set(programs.map((program) => program.batch)).size < programs.length) throw broken(file, `"${unit.name}" has two programs for one batch`);
  return { type: 'NPU', ...ends, programs };
}

/** All units of a chain run the same batches, and ONNX Runtime one sample at a time. */
function checkBatches(units: readonly Unit[], file: string): void {
  const lists = units.map((unit) => (unit.type === 'CPU' ? [1] : unit.programs.map((program) => program.batch)));
  const odd = lists.findIndex((batches) => batches.join() !== lists[0]!.join());
  if (odd >= 0) throw broken(file, `"${units[odd]!.name}" has programs for batches ${lists[odd]!.join(', ')}, "${units[0]!.name}" for ${lists[0]!.join(', ')}`);
}

interface End {
  readonly name: string;
  readonly batch: number;
}

function endsOf({ chains }: Metadata, side: 'inputs' | 'outputs'): End[] {
  return chains.flatMap((chain) => chain[side].map((name) => ({ name, batch: chain.batch })));
}

/** What ONNX tools see at both ends is what the metadata say. */
function checkEnds(infos: readonly onnx.ValueInfoProto[], { ends, tensors, file }: { ends: readonly End[]; tensors: ReadonlyMap<string, ContainerTensor>; file: string }): void {
  const described = ends.map(({ name, batch }) => {
    const tensor = tensors.get(name);
    return tensor === undefined ? name : `${name} ${tensor.dtype} ${batched(tensor, batch).shape.join('x')}`;
  });
  const seen = infos.map(({ name, type }) => `${name} ${elementTypeName(type?.tensorType?.elemType ?? 0)} ${(type?.tensorType?.shape?.dim ?? []).map((dim) => number(dim.dimValue ?? 0)).join('x')}`);
  if (described.join() !== seen.join()) throw broken(file, `its ends are ${seen.join(', ')}, but it describes ${described.join(', ')}`);
}

interface Flow {
  readonly chains: readonly Chain[];
  readonly tensors: ReadonlyMap<string, ContainerTensor>;
  readonly file: string;
}

/** Units read what is there before them in their chain, and nothing is made twice. */
function checkFlow({ chains, tensors, file }: Flow): void {
  const everywhere = new Set<string>();
  const names = new Set<string>();
  for (const { inputs, outputs, units } of chains) {
    const made = new Set<string>();
    const make = (name: string): void => {
      if (!tensors.has(name)) throw broken(file, `tensor "${name}" is not described`);
      if (everywhere.has(name)) throw broken(file, `tensor "${name}" is made twice`);
      everywhere.add(name);
      made.add(name);
    };
    inputs.forEach(make);
    for (const unit of units) {
      if (names.has(unit.name)) throw broken(file, `two units are called "${unit.name}"`);
      names.add(unit.name);
      const absent = unit.inputs.find((name) => !made.has(name));
      if (absent !== undefined) throw broken(file, `"${unit.name}" reads "${absent}", which nothing made before it`);
      unit.outputs.forEach(make);
    }
    const absent = outputs.find((name) => !made.has(name));
    if (absent !== undefined) throw broken(file, `output "${absent}" is made by nothing`);
  }
}
