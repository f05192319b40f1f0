// A network from ONNX bytes to linked programs in this process: load, optimise, fuse, resolve, partition, tile, link. Ranges are invented
// (every tensor 0 .. 1, as a softmax has it whatever shares its codes) and no weight is quantised, since neither code nor cycles depend on them.
import { textOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { link } from '../../src/npu/link.ts';
import { edgeBytes } from '../../src/npu/memory.ts';
import type { LinkEdge, LinkGroup, Menu, Program, ProgramStats } from '../../src/npu/object.ts';
import { tile } from '../../src/npu/tile.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import type { Edge, GroupStructure } from '../../src/ops/group.ts';
import { opOf } from '../../src/ops/index.ts';
import { kinds } from '../../src/ops/kinds/index.ts';
import { passes } from '../../src/passes/index.ts';
import { optimise } from '../../src/passes/optimise.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { fuse } from '../../src/quant/fuse.ts';
import type { FusedGroup, FusedNetwork, UnitPlan } from '../../src/quant/network.ts';
import { partition } from '../../src/quant/partition.ts';
import { resolve } from '../../src/quant/resolve.ts';
import type { Target } from '../../src/targets/target.ts';
import type { Drawn } from './drawing.ts';
import { networks } from './index.ts';

export interface LowerOptions {
  readonly target: Target;
  readonly mode: string;
  /** Side of the input image, instead of the network's own. */
  readonly side?: number;
}

export interface Lowered {
  readonly groups: readonly FusedGroup[];
  readonly structures: ReadonlyMap<string, GroupStructure>;
  readonly units: readonly UnitPlan[];
  /** Groups that run on the CPU, and the limit each of them misses. */
  readonly cpu: readonly { readonly name: string; readonly op: string; readonly limit: string }[];
  /** Of each NPU unit's program, in order. */
  readonly programs: readonly ProgramStats[];
  readonly linked: readonly Program[];
  /** What they are linked of. */
  readonly wired: readonly { readonly groups: readonly LinkGroup[]; readonly edges: readonly LinkEdge[] }[];
  readonly cycles: number;
  readonly macs: number;
}

export async function lowerWhole(name: string, options: LowerOptions): Promise<Lowered> {
  const draw = networks[name];
  if (draw === undefined) throw new Error(`no network is called ${name}: ${Object.keys(networks).join(', ')}`);
  return lower(draw(options.side), options);
}

/** Menus by structure, mode and chip: networks share many a layer. */
const menus = new Map<string, Menu>();

export async function lower({ onnx }: Pick<Drawn, 'onnx'>, { target, mode }: Pick<LowerOptions, 'target' | 'mode'>): Promise<Lowered> {
  const { graph, network } = await frontEnd(onnx, target);
  const structures = structuresOf(graph, network);
  const units = partition(network, { ranges: [] });
  const menuOf = (structure: GroupStructure): Menu => {
    const key = digestOf(JSON.stringify([target, mode, structure]));
    const menu = menus.get(key) ?? tile(structure, { target, mode });
    menus.set(key, menu);
    return menu;
  };
  const wired = units.filter(({ type }) => type === 'NPU').map((unit) => wire(unit, { network, structures, menuOf }));
  const linked = wired.map(({ groups, edges }) => link(groups, edges, { target, mode }));
  const programs = linked.map(({ stats }) => stats);
  const opNamed = new Map(graph.nodes.map((node) => [node.name, node.op]));
  const cpu = network.groups.filter(({ kind }) => kind === 'cpu').map((group) => ({ name: group.name, op: opNamed.get(group.nodes[0]!)!, limit: group.limit ?? '' }));
  const sum = (of: (stats: ProgramStats) => number): number => programs.reduce((total, stats) => total + of(stats), 0);
  return { groups: network.groups, structures, units, cpu, programs, linked, wired, cycles: sum(({ cycles }) => cycles), macs: sum(({ macs }) => macs) };
}

const fusing = new Set(kinds.filter(({ fusesChain }) => fusesChain).map(({ name }) => name));

/** The optimised float graph and its groups; images arrive as cameras give them, channels last in bytes. */
export async function frontEnd(onnx: Uint8Array, target: Pick<Target, 'unsupported'>): Promise<{ graph: Graph; network: FusedNetwork; blobs: (digest: Digest) => Uint8Array }> {
  const kept = new Map<Digest, Uint8Array>();
  const keep = (bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    kept.set(digest, bytes);
    return digest;
  };
  const blobs = (digest: Digest): Uint8Array => kept.get(digest)!;
  const ops = (type: string, domain = ''): ReturnType<typeof opOf> => opOf(type, domain);
  const { graph } = await optimise(readOnnx(onnx, { file: 'network.onnx', opOf: ops, keep }), { passes, blobs, keep, opOf: ops, runFloat });
  const inputs = graph.inputs.map((tensor) => ({ tensor, dtype: 'U8' as const, layout: 'NHWC' as const }));
  const network = fuse(graph, { opOf: ops, fusesChain: (kind) => fusing.has(kind), blobs, unsupported: target.unsupported, inputs });
  return { graph, network, blobs };
}

function structuresOf(graph: Graph, network: FusedNetwork): ReadonlyMap<string, GroupStructure> {
  const kept = new Map<Digest, Uint8Array>();
  const keep = (bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    kept.set(digest, bytes);
    return digest;
  };
  const sketch = new Map(network.edges.map(({ tensor }) => [tensor, { count: 1, min: 0, max: 1 }]));
  const inputs = graph.inputs.map((tensor) => ({ tensor, mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] }));
  const { network: resolved } = resolve({ graph, network, sketch, method: 'MinMax', layerConfigs: [], inputs, fusesChain: (kind) => fusing.has(kind), keep });
  // What resolve has written itself.
  return new Map(resolved.groups.map(({ name, structure }) => [name, JSON.parse(textOf(kept.get(structure)!)) as GroupStructure]));
}

interface Wiring {
  readonly network: FusedNetwork;
  readonly structures: ReadonlyMap<string, GroupStructure>;
  readonly menuOf: (structure: GroupStructure) => Menu;
}

/** A unit as link takes it: edges by number, the runtime's first, and some number for every scalar that code names. */
function wire(unit: UnitPlan, { network, structures, menuOf }: Wiring): { groups: LinkGroup[]; edges: LinkEdge[] } {
  const members = network.groups.filter(({ name }) => unit.groups.includes(name));
  const found = new Map<string, Edge>();
  for (const { name, inputs, outputs } of members) {
    const structure = structures.get(name)!;
    inputs.forEach((edge, i) => found.set(edge, structure.inputs[i]!));
    found.set(outputs[0]!, structure.output);
  }
  const names = [...unit.inputs, ...unit.outputs, ...[...found.keys()].filter((name) => !unit.inputs.includes(name) && !unit.outputs.includes(name))];
  const index = new Map(names.map((name, i) => [name, i]));
  const roleOf = (name: string): LinkEdge['role'] => (unit.inputs.includes(name) ? 'input' : unit.outputs.includes(name) ? 'output' : 'inner');
  const edges = names.map((name): LinkEdge => ({ bytes: edgeBytes(found.get(name)!), role: roleOf(name) }));
  const groups = members.map(({ name, inputs, outputs }): LinkGroup => {
    const menu = menuOf(structures.get(name)!);
    const scalars = Object.fromEntries(menu.variants.flatMap(({ relocations }) => relocations.map(({ scalar }) => [scalar, 1])));
    return { menu, scalars, inputs: inputs.map((edge) => index.get(edge)!), output: index.get(outputs[0]!)! };
  });
  return { groups, edges };
}
