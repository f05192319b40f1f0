// A chip without HardSwish: the network falls into NPU, CPU, NPU …, and still says the same.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { fromMemory } from '../../src/npu/memory.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { readGraph } from '../../src/graph/record.ts';
import { openSession } from '../../src/onnx/float.ts';
import type { Codes, Edge, Quant } from '../../src/ops/group.ts';
import { galleryOf, measure, print } from './accuracy.ts';
import { chipWith } from './chips.ts';
import { buildNetwork, type Built, type ModelName } from './networks.ts';
import { firstSeed, logicalPixels, pictureOf, type Picture } from './pictures.ts';
import { differences, groupsOf, linkedOf, referenceEdges, simulatedEdges, type Tensors } from './reference.ts';

const soak = process.env['SOAK'] === '1';
// The detector has more and larger cuts; it takes longer and shows nothing else.
const names: readonly ModelName[] = soak ? ['cls', 'det'] : ['cls'];

const builds = new Map<ModelName, { whole: Built; cut: Built }>();

for (const name of names) {
  before(async () => {
    const store = openMemoryStore();
    const whole = await buildNetwork(name, { set: { 'compiler.check': 0 } }, store);
    const cut = await buildNetwork(name, { target: chipWith({ unsupported: ['HardSwish'] }), set: { 'compiler.check': 2 } }, store);
    builds.set(name, { whole, cut });
  });

  test(`${name} without HardSwish: NPU and CPU take turns, and every CPU unit is one HardSwish`, () => {
    const { cut } = builds.get(name)!;
    const { units } = cut.container.chains[0]!;
    assert.ok(units.length >= 15 && units.length % 2 === 1);
    units.forEach((unit, i) => assert.equal(unit.type, i % 2 === 0 ? 'NPU' : 'CPU', unit.name));
    assert.equal(cut.jobs['cpu']?.length, (units.length - 1) / 2);
    assert.equal(cut.jobs['link_check']?.length, (units.length + 1) / 2);
  });

  test(`${name} without HardSwish: each NPU unit gives the bits of its definitions, each CPU unit HardSwish within a step`, async () => {
    const { cut } = builds.get(name)!;
    const picture = await pictureOf(name, firstSeed);
    const tensors = await everyTensor(cut, picture);
    for (const unit of cut.container.chains[0]!.units) {
      const [input, output] = [unit.inputs[0]!, unit.outputs[0]!];
      if (unit.type === 'CPU') {
        assert.ok(worstStep({ of: tensors.get(input)!, by: quantOf(cut, input), given: tensors.get(output)!, as: quantOf(cut, output) }) <= 1, unit.name);
        continue;
      }
      const groups = groupsOf(cut, unit.name);
      const { inputs } = linkedOf(cut, unit.name, groups);
      const entering = new Map(inputs.map(([edge]) => [edge, edge === 'x:raw' ? logicalPixels(picture) : tensors.get(edge)!]));
      const due = referenceEdges(groups, entering);
      assert.deepEqual(differences(due, new Map(unit.outputs.map((edge) => [edge, tensors.get(edge)!]))), [], unit.name);
    }
  });

  test(`${name} without HardSwish: as right against float as the whole network`, async (t) => {
    const { cut, whole } = builds.get(name)!;
    const gallery = await galleryOf(name, name === 'cls' ? 64 : 12);
    const [cutFigures, wholeFigures] = [await measure(cut, gallery), await measure(whole, gallery)];
    t.diagnostic(print(`${name} in ${cut.container.chains[0]!.units.length} units`, cutFigures));
    t.diagnostic(print(`${name} in one unit`, wholeFigures));
    // What goes to the CPU is quantised once more in between, which the detector feels.
    assert.ok(cutFigures.cosine.mean >= { cls: 0.998, det: 0.97 }[name]);
  });
}

test('cls without HardSwish: its scores before softmax are as near to float as those of the whole network', async (t) => {
  const { cut, whole } = builds.get('cls')!;
  const pictures: Picture[] = [];
  for (let seed = firstSeed; seed < firstSeed + 16; seed++) pictures.push(await pictureOf('cls', seed));
  const [due, byWhole, byCut] = [await floatScores(whole, pictures), await scores(whole, pictures), await scores(cut, pictures)];
  t.diagnostic(`RMS of the scores ${rms(due).toFixed(2)}, of the error in one unit ${rms(due, byWhole).toFixed(2)}, in ${cut.container.chains[0]!.units.length} units ${rms(due, byCut).toFixed(2)}`);
  assert.ok(rms(due, byWhole) < rms(due) / 15, 'the whole network is near');
  assert.ok(rms(due, byCut) < 1.3 * rms(due, byWhole), 'the cut one is as near');
  // Softmax of these is what leaves: the two networks say the same to a step or two of 1/255.
  const [output] = whole.container.chains[0]!.outputs;
  for (const picture of pictures) {
    const [a, b] = [(await everyTensor(cut, picture)).get(output!)!.data, (await everyTensor(whole, picture)).get(output!)!.data];
    a.forEach((value: number, i: number) => assert.ok(Math.abs(value - b[i]!) * 255 < 2.001));
  }
});

/** Group and edge in front of softmax. */
function beforeSoftmax(built: Built) {
  const unit = built.container.chains[0]!.units.at(-1)!.name;
  const groups = groupsOf(built, unit);
  return { unit, groups, softmax: groups.find((group) => group.structure.kind === 'softmax')! };
}

async function scores(built: Built, pictures: readonly Picture[]): Promise<number[]> {
  const { unit, groups, softmax } = beforeSoftmax(built);
  const linked = linkedOf(built, unit, groups);
  const { scale, zero } = softmax.values.inputs[0]!;
  const found: number[] = [];
  for (const picture of pictures) {
    const tensors = await everyTensor(built, picture);
    const entering = new Map(linked.inputs.map(([edge]) => [edge, edge === 'x:raw' ? logicalPixels(picture) : tensors.get(edge)!]));
    found.push(...Array.from(simulatedEdges(linked, entering).edges.get(softmax.inputs[0]!)!.data, (code) => (code - zero) * scale));
  }
  return found;
}

async function floatScores(built: Built, pictures: readonly Picture[]): Promise<number[]> {
  const graph = readGraph(built.blob(built.jobs['optimise']![0]!.outputs['graph']!.digest));
  const [tensor] = beforeSoftmax(built).softmax.inputs;
  const session = await openSession(graph, built.blob, { outputs: [tensor!] });
  const found: number[] = [];
  for (const { floats, height, width } of pictures) {
    const outputs = await session.run({ x: { dtype: 'FP32', shape: [1, 3, height, width], data: floats } });
    found.push(...(outputs[tensor!]!.data as Float32Array)); // the network's floats
  }
  await session.close();
  return found;
}

/** Root of the mean square of a, or of its distance from b. */
function rms(a: readonly number[], b: readonly number[] = a.map(() => 0)): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
}

/** Everything that a unit writes, as codes in logical order (floats at the network's end). */
async function everyTensor({ container }: Built, { pixels }: Picture): Promise<Tensors> {
  const names = [...new Set(container.chains[0]!.units.flatMap((unit) => unit.outputs))];
  const bytes = await runContainer(container, { x: pixels }, { simulate: (program, params, inputs) => simulate(program, params, inputs).outputs, outputs: names });
  return new Map(names.map((name) => [name, fromMemory(bytes[name]!, edgeOf(container, name))]));
}

function edgeOf(container: Built['container'], name: string): Edge {
  const { shape, dtype, layout } = container.tensors[name]!;
  if (dtype !== 'U8' && dtype !== 'U16' && dtype !== 'FP32') throw new Error(`${name} is ${dtype}`);
  return { shape, dtype, layout };
}

function quantOf({ container }: Built, name: string): Quant {
  return container.tensors[name]!.quant!;
}

/** How far `given` is from HardSwish of `of`, in steps of its own. */
function worstStep({ of, by, given, as }: { of: Codes; by: Quant; given: Codes; as: Quant }): number {
  let worst = 0;
  of.data.forEach((code: number, i: number) => {
    const x = (code - by.zero) * by.scale;
    const y = x * Math.min(1, Math.max(0, x / 6 + 0.5));
    const due = Math.min(255, Math.max(0, Math.round(y / as.scale) + as.zero));
    worst = Math.max(worst, Math.abs(due - given.data[i]!));
  });
  return worst;
}
