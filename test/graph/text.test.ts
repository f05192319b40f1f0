// The text form of graphs: golden, complete, and exact about what can't be read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { parseGraph } from '../../src/graph/parse.ts';
import { printGraph } from '../../src/graph/print.ts';
import { blobsOf, readGraph, writeGraph } from '../../src/graph/record.ts';
import { brokenRules } from '../../src/graph/verify.ts';
import { graphOf, randomGraph, randomness } from './rig.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = process.env['SOAK'] === '1' ? 5000 : 500;

const text = `graph "small net"
  input x FP32[1,3,8,8]
  conv = Conv(x, w, _) auto_pad="NOTSET" group=1 pads=[1,1,1,1] -> "conv:out" FP32[1,4,8,8]
  split = com.example::Halve("conv:out") scale=0.5 table=U8[256]@${'ab'.repeat(32)} -> a FP32[1,2,8,8], _, b
  output a
  output b
  weight w FP32[4,3,3,3] ${'cd'.repeat(32)}
`;

test('a graph reads as its text', () => {
  assert.equal(printGraph(parseGraph(text)), text);
});

test('brief text cuts digests', () => {
  assert.ok(printGraph(parseGraph(text), { brief: true }).endsWith('weight w FP32[4,3,3,3] cdcdcdcd\n'));
});

test(`random graphs survive text and record, whatever their names (SEED=${seed})`, () => {
  const next = randomness(seed);
  for (let round = 0; round < rounds; round++) {
    const graph = randomGraph(next);
    assert.deepEqual(brokenRules(graph), []);
    assert.deepEqual(parseGraph(printGraph(graph)), graph);
    assert.deepEqual(readGraph(writeGraph(graph)), graph);
  }
});

test('the record of a graph does not depend on the order its records were filled in', () => {
  const graph = graphOf('graph g\n input x U8[1]\n n = Add(x, a) k=1 b=2 -> y U8[1]\n m = Add(y, c) -> z U8[1]\n output z\n weight a U8[1] #one\n weight c U8[1] #two');
  const turned = <T>(record: Readonly<Record<string, T>>): Record<string, T> => Object.fromEntries(Object.entries(record).reverse());
  assert.deepEqual(writeGraph({ ...graph, weights: turned(graph.weights), types: turned(graph.types), nodes: graph.nodes.map((node) => ({ ...node, attributes: turned(node.attributes) })) }), writeGraph(graph));
});

test('the blobs of a graph are those of its weights and of tensors in attributes, each once', () => {
  assert.deepEqual(blobsOf(parseGraph(text)), ['ab'.repeat(32), 'cd'.repeat(32)]);
});

test('text that is no graph is a fault at its line', () => {
  const fault = (line: string): string => {
    try {
      parseGraph(`graph g\n${line}`);
    } catch (error) {
      return error instanceof Error ? error.message.split('\n')[0]! : String(error);
    }
    return 'it was read';
  };
  assert.equal(fault('  a = Conv(x'), 'graph text:2  the line ends too early');
  assert.equal(fault('  a = Conv(x y) -> z'), 'graph text:2  "," is due, not "y"');
  assert.equal(fault('  a = Conv(x) k=! -> z'), 'graph text:2  can\'t read "! -> z"');
  assert.equal(fault('  weight w FP33[1] 00'), 'graph text:2  "FP33" is no element type');
  assert.equal(fault('  weight w FP32[1] 00'), 'graph text:2  "00" is no digest');
  assert.equal(fault('  nothing here'), 'graph text:2  a line can\'t start with "nothing"');
  assert.equal(fault('  output y z'), 'graph text:2  "z" is too much');
});
