// Units: sub_config ranges, CPU subgraphs, and what is left between them.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { FusedEdge, FusedGroup, FusedNetwork, UnitPlan } from '../../src/quant/network.ts';
import { partition } from '../../src/quant/partition.ts';
import { faultOf } from './faults.ts';
import { rounds, seeded } from './seeded.ts';
import { toy } from './toy.ts';

type Range = readonly [start: readonly string[], end: readonly string[]];

const cut = (network: FusedNetwork, ...ranges: Range[]): readonly UnitPlan[] =>
  partition(network, { ranges: ranges.map(([start, end], index) => ({ start, end, index })), placeOf: (index) => ({ file: 'model.json', line: 10 + index }) });

const unitsText = (units: readonly UnitPlan[]): string =>
  units.map(({ name, groups, inputs, outputs, subConfig }) => `${name}${subConfig === undefined ? '' : ` [${subConfig}]`}: ${inputs.join(', ')} -> ${groups.join(' ')} -> ${outputs.join(', ')}`).join('\n');

const lines = (text: string): string => text.trim().split('\n').map((line) => line.trim()).join('\n');

const residual = toy(`
  input x 1x4x8x8
  weight w 4x4x3x3
  conv1: a = Conv(x, w) 1x4x8x8
  conv2: b0 = Conv(a, w) 1x4x8x8
  act2: b = HardSwish(b0) 1x4x8x8
  conv3: c = Conv(b, w) 1x4x8x8
  add: d = Add(c, a) 1x4x8x8
  conv4: e = Conv(d, w) 1x4x8x8
  output e
`);

test('a network without CPU groups and ranges is one unit', () => {
  assert.equal(unitsText(cut(residual.fuse())), 'subgraph_npu_0: x:raw -> x:quantize conv1 conv2 conv3 add conv4 e:dequantize -> e');
});

test('a range in the middle makes three units, its tensors are their boundaries', () => {
  assert.equal(unitsText(cut(residual.fuse(), [['a'], ['c']])), lines(`
    subgraph_npu_0: x:raw -> x:quantize conv1 -> a
    subgraph_npu_1 [0]: a -> conv2 conv3 -> c
    subgraph_npu_2: a, c -> add conv4 e:dequantize -> e
  `));
});

test('a range may have several entries and exits, and names by alias', () => {
  assert.equal(unitsText(cut(residual.fuse(), [['op_1:AxQuantizedConv_out'], ['b', 'd']])), lines(`
    subgraph_npu_0: x:raw -> x:quantize conv1 -> a
    subgraph_npu_1 [0]: a -> conv2 conv3 add -> d
    subgraph_npu_2: d -> conv4 e:dequantize -> e
  `));
});

test('a range from the raw input or to the output has no unit before or behind it; two ranges may touch', () => {
  assert.equal(unitsText(cut(residual.fuse(), [['x:raw'], ['a']], [['a'], ['e']])), lines(`
    subgraph_npu_0 [0]: x:raw -> x:quantize conv1 -> a
    subgraph_npu_1 [1]: a -> conv2 conv3 add conv4 e:dequantize -> e
  `));
});

test('what the target lacks cuts the network in three', () => {
  assert.equal(unitsText(cut(residual.fuse({ unsupported: ['HardSwish'] }))), lines(`
    subgraph_npu_0: x:raw -> x:quantize conv1 conv2 -> a, b0
    subgraph_cpu_1: b0 -> act2 -> b
    subgraph_npu_2: a, b -> conv3 add conv4 e:dequantize -> e
  `));
});

test('CPU groups in a row are one subgraph, and a branch beside them stays with its unit', () => {
  const { fuse } = toy(`
    input x 1x4x8x8
    weight w 4x4x3x3
    conv1: a = Conv(x, w) 1x4x8x8
    odd1: b = NonZero(a) 1x4x8x8
    side: s = Conv(a, w) 1x4x8x8
    odd2: c = NonZero(b) 1x4x8x8
    conv2: d = Conv(c, w) 1x4x8x8
    add: e = Add(d, s) 1x4x8x8
    output e
  `);
  assert.equal(unitsText(cut(fuse())), lines(`
    subgraph_npu_0: x:raw -> x:quantize conv1 side -> a, s
    subgraph_cpu_1: a -> odd1 odd2 -> c
    subgraph_npu_2: s, c -> conv2 add e:dequantize -> e
  `));
});

test('a second input is quantised in the unit that reads it', () => {
  const { fuse } = toy(`
    input x 1x4x8x8
    input late 1x4x8x8
    weight w 4x4x3x3
    conv1: a = Conv(x, w) 1x4x8x8
    odd: b = NonZero(a) 1x4x8x8
    add: c = Add(b, late) 1x4x8x8
    output c
  `);
  assert.equal(unitsText(cut(fuse())), lines(`
    subgraph_npu_0: x:raw -> x:quantize conv1 -> a
    subgraph_cpu_1: a -> odd -> b
    subgraph_npu_2: b, late:raw -> late:quantize add c:dequantize -> c
  `));
});

test('an input that is read on both sides of a CPU group is quantised before it', () => {
  const { fuse } = toy(`
    input x 1x4x8x8
    weight w 4x4x3x3
    conv1: a = Conv(x, w) 1x4x8x8
    odd: b = NonZero(a) 1x4x8x8
    add: c = Add(b, x) 1x4x8x8
    output c x
  `);
  assert.equal(unitsText(cut(fuse())), lines(`
    subgraph_npu_0: x:raw -> x:quantize x:dequantize conv1 -> x:codes, x, a
    subgraph_cpu_1: a -> odd -> b
    subgraph_npu_2: x:codes, b -> add c:dequantize -> c
  `));
});

test('an operator inserted at the front changes the first unit only', () => {
  const body = `
    conv1: a = Conv(y, w) 1x4x8x8
    conv2: b = Conv(a, w) 1x4x8x8
    odd: c = NonZero(b) 1x4x8x8
    conv3: d = Conv(c, w) 1x4x8x8
    conv4: e = Conv(d, w) 1x4x8x8
    output e`;
  const head = 'input x 1x4x8x8\nweight w 4x4x3x3\n';
  const content = (text: string): string[] => cut(toy(text).fuse(), [['d'], ['e']]).slice(1).map(({ groups, inputs, outputs }) => JSON.stringify({ groups, inputs, outputs }));
  const without = content(`${head}first: y = MaxPool(x) 1x4x8x8${body}`);
  assert.equal(without.length, 3);
  assert.deepEqual(content(`${head}extra: z = Conv(x, w) 1x4x8x8\nfirst: y = MaxPool(z) 1x4x8x8${body}`), without);
});

test('absent names are faults with the nearest one, tensors inside of a group name it and its edge', () => {
  assert.equal(faultOf(() => cut(residual.fuse(), [['a'], ['zz']])), [
    'model.json:10  sub_configs[0] names tensor "zz", which the quantised network does not have',
    '   names  are those of frontend/optimized_quant_axmodel.onnx (--debug.dump_frontend_graph)',
  ].join('\n'));
  assert.equal(faultOf(() => cut(residual.fuse(), [['op_1:AxQuantisedConv_out'], ['c']])), [
    'model.json:10  sub_configs[0] names tensor "op_1:AxQuantisedConv_out", which the quantised network does not have',
    '   names  are those of frontend/optimized_quant_axmodel.onnx (--debug.dump_frontend_graph)',
    '   try    op_1:AxQuantizedConv_out',
  ].join('\n'));
  assert.equal(faultOf(() => cut(residual.fuse(), [['b0'], ['c']])), [
    'model.json:10  sub_configs[0] names tensor "b0", which is inside of a group',
    '   group  conv2 (op_2:AxQuantizedConv) computes conv2, act2 as one',
    '   try    b',
  ].join('\n'));
});

test('ranges without a path, without an end, or in each other are faults', () => {
  assert.equal(faultOf(() => cut(residual.fuse(), [['d'], ['b']])), [
    'model.json:10  sub_configs[0] holds no group of the NPU: no path leads from "d" to "b"',
    '   try  start_tensor_names above end_tensor_names',
  ].join('\n'));
  assert.equal(faultOf(() => cut(residual.fuse(), [['a'], []])), [
    'model.json:10  sub_configs[0] has no end_tensor_names',
    '   try  both: a range leads from start tensors to end tensors',
  ].join('\n'));
  assert.equal(faultOf(() => cut(residual.fuse(), [['x'], ['c']], [['b'], ['e']])), [
    'model.json:11  sub_configs[1] overlaps sub_configs[0]',
    '   both hold  conv3',
    '   try        ranges without a group in common',
  ].join('\n'));
});

test('a path that leaves a range and returns is a fault that prints it', () => {
  assert.equal(faultOf(() => cut(residual.fuse(), [['x', 'c'], ['b', 'd']])), [
    'model.json:10  sub_configs[0] leaves its range and comes back',
    '   path  b -> conv3 -> c',
    '   try   two ranges, or one that ends before this path leaves it',
  ].join('\n'));
  assert.equal(faultOf(() => cut(residual.fuse({ unsupported: ['HardSwish'] }), [['x'], ['d']])), [
    'model.json:10  sub_configs[0] leaves its range and comes back',
    '   path  b0 -> act2 -> b',
    '   try   two ranges, or one that ends before this path leaves it',
  ].join('\n'));
});

test('ranges that wait for each other are a fault', () => {
  const { fuse } = toy(`
    input x 1x4x8x8
    input y 1x4x8x8
    weight w 4x4x3x3
    c1: a = Conv(x, w) 1x4x8x8
    c2: b = Conv(a, w) 1x4x8x8
    c3: c = Conv(y, w) 1x4x8x8
    c4: d = Conv(c, w) 1x4x8x8
    tail: t = Conv(b, w) 1x4x8x8
    output d t
  `);
  assert.equal(faultOf(() => cut(fuse(), [['x', 'c'], ['a', 'd:codes']], [['a', 'y'], ['b', 'c']])), [
    'model.json:10  sub_configs [0] and [1] wait for each other: each reads what another one writes',
    '   [0]  c1, c4',
    '   [1]  c2, c3',
    '   try  one range that holds both, or ranges that end before the other begins',
  ].join('\n'));
});

/** A random acyclic network: every group reads one to three edges of earlier ones; some run on the CPU. */
function randomNetwork(random: () => number): FusedNetwork {
  const count = 3 + Math.floor(random() * 18);
  const groups: FusedGroup[] = [];
  for (let g = 0; g < count; g++) {
    const near = Math.max(0, g - 6);
    const reads = g === 0 ? ['x'] : Array.from({ length: 1 + Math.floor(random() * 3) }, () => `e${near + Math.floor(random() * (g - near))}`);
    const inputs = random() < 0.1 ? ['x'] : [...new Set(reads)];
    groups.push({ name: `g${g}`, alias: `op_${g}:Any`, kind: random() < 0.25 ? 'cpu' : 'conv', nodes: [`n${g}`], chain: [], inputs, outputs: [`e${g}`], weights: {}, floats: {} });
  }
  const read = new Set(groups.flatMap((group) => group.inputs));
  const edges = ['x', ...groups.flatMap((group) => group.outputs)].map((name): FusedEdge => ({ name, tensor: name, shape: [1], ...(name === 'x' ? { role: 'input' as const } : read.has(name) ? {} : { role: 'output' as const }) }));
  return { edges, groups, inputs: ['x'], outputs: edges.filter((edge) => edge.role === 'output').map((edge) => edge.name) };
}

/** Whether the units, in their order, only read what came before: then there is no cycle between them. */
function assertSound(network: FusedNetwork, units: readonly UnitPlan[]): void {
  assert.deepEqual(units.flatMap((unit) => unit.groups).sort(), network.groups.map((group) => group.name).sort());
  const at = new Map(units.flatMap((unit, u) => unit.groups.map((group) => [group, u] as const)));
  const maker = new Map(network.groups.flatMap((group) => group.outputs.map((edge) => [edge, group] as const)));
  for (const group of network.groups) {
    assert.equal(units[at.get(group.name)!]!.type === 'CPU', group.kind === 'cpu');
    for (const edge of group.inputs) {
      const from = maker.get(edge);
      if (from === undefined) continue;
      assert.ok(at.get(from.name)! <= at.get(group.name)!, `${from.name} is read by ${group.name}, which comes earlier`);
      if (at.get(from.name) === at.get(group.name)) continue;
      assert.ok(units[at.get(group.name)!]!.inputs.includes(edge));
      assert.ok(units[at.get(from.name)!]!.outputs.includes(edge));
    }
  }
}

test('of random networks every group is in one unit, and units never wait for each other', () => {
  const random = seeded();
  const counts = { cut: 0, ranged: 0, refused: 0 };
  for (let round = 0; round < rounds(400); round++) {
    const network = randomNetwork(random);
    assertSound(network, cut(network));
    counts.cut++;
    const pick = (): string => network.edges[Math.floor(random() * network.edges.length)]!.name;
    const ranges = Array.from({ length: 1 + Math.floor(random() * 2) }, (): Range => [[pick(), ...(random() < 0.3 ? [pick()] : [])], [pick()]]);
    try {
      const units = cut(network, ...ranges);
      assertSound(network, units);
      for (const [index] of ranges.entries()) assert.equal(units.filter((unit) => unit.subConfig === index).length, 1);
      counts.ranged++;
    } catch (error) {
      if (!(error instanceof Error) || !/^model\.json/.test(error.message)) throw error;
      counts.refused++;
    }
  }
  assert.ok(counts.ranged > counts.cut / 10, JSON.stringify(counts));
});

test('of random networks no two units of one type could be joined without a cycle where the canonical order meets them', () => {
  const random = seeded();
  for (let round = 0; round < rounds(100); round++) {
    const network = randomNetwork(random);
    const units = cut(network);
    const before = units.map((unit) => new Set(units.flatMap((other, o) => (other.outputs.some((edge) => unit.inputs.includes(edge)) ? [o] : []))));
    // A unit begins with a group that could join no earlier unit of its type: some path leads from that unit through another to this group.
    units.forEach((unit, u) => {
      const first = network.groups.find((group) => group.name === unit.groups[0])!;
      const sources = units.flatMap((other, o) => (other.outputs.some((edge) => first.inputs.includes(edge)) ? [o] : []));
      units.slice(0, u).forEach((earlier, e) => {
        if (earlier.type !== unit.type) return;
        const reached = new Set([e]);
        for (let changed = true; changed; ) {
          changed = false;
          before.forEach((froms, to) => { if (!reached.has(to) && [...froms].some((from) => reached.has(from))) { reached.add(to); changed = true; } });
        }
        assert.ok(sources.some((source) => source !== e && reached.has(source)), `${unit.name} could have begun in ${earlier.name}`);
      });
    });
  }
});
