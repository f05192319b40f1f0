// The simulator's bars: real lowered products from their encoded programs, the kernels alone, and the text detector end to end beside
// ONNX Runtime on the float model, one thread each.
import { readFileSync } from 'node:fs';
import { openMemoryStore } from '../cache/memory-store.ts';
import { runContainer } from '../src/axmodel/run.ts';
import { packConstants } from '../src/npu/constants.ts';
import { decode } from '../src/npu/decode.ts';
import { link } from '../src/npu/link.ts';
import { edgeBytes, toMemory } from '../src/npu/memory.ts';
import { paramsOf } from '../src/npu/params.ts';
import { simulate } from '../src/npu/simulate.ts';
import { tile } from '../src/npu/tile.ts';
import type { GroupStructure } from '../src/ops/group.ts';
import type { Target } from '../src/targets/target.ts';
import { chipWith } from '../test/network/chips.ts';
import { buildNetwork, models } from '../test/network/networks.ts';
import { Random } from '../test/npu/random.ts';
import { valued } from '../test/npu/scenes.ts';
import { ax650 } from '../test/rig/workspace.ts';
import { hold } from './bars.ts';
import { conv, rateOfKernel } from './instructions.ts';
import { cpuSince, leastCpu } from './timing.ts';

export async function run(): Promise<void> {
  for (const [name, structure, macs, atLeast] of [
    ['3136 x 576 x 128, a matrix product', product([3136, 576], [3136, 128], 1), 3136 * 576 * 128, 8],
    ['3136 x 576 x 128, as 3x3 64->128 at 56x56', product([1, 64, 56, 56], [1, 128, 56, 56], 3), 3136 * 576 * 128, 8],
    ['3x3 depthwise of 56x56x128', product([1, 128, 56, 56], [1, 128, 56, 56], 3, 128), 3136 * 9 * 128, 2],
  ] as const) {
    for (const [memory, target] of [['', ax650()], [', 256 KiB', chipWith({ kib: 256 })]] as const) {
      const { ms, instructions } = linked(structure, target);
      hold(`${name}${memory}`, macs / ms / 1e6, { atLeast, unit: 'GMAC/s', note: `${instructions} instructions` });
    }
  }
  hold('3136 x 576 x 128, the kernel alone', rateOfKernel(conv('', { size: 56, from: 576, to: 128, kernel: 1 })), { atLeast: 12, unit: 'GMAC/s' });
  hold('3x3 depthwise of 56x56x128, the kernel alone', rateOfKernel(conv('', { size: 56, from: 128, kernel: 3 })), { atLeast: 2, unit: 'GMAC/s' });
  await endToEnd();
}

function product(input: readonly number[], output: readonly number[], k: number, group = 1): GroupStructure {
  const pads = [k >> 1, k >> 1, k >> 1, k >> 1];
  const edge = (shape: readonly number[]): GroupStructure['output'] => ({ shape, dtype: 'U8', layout: shape.length === 4 ? 'nhwc' : 'plain' });
  return {
    kind: 'conv', attributes: { kernel: [k, k], strides: [1, 1], dilations: [1, 1], pads, group },
    inputs: [edge(input)], entries: ['U8'], output: edge(output),
    constants: { weight: { shape: [output[1]!, input[1]! / group, k, k], dtype: 'S8' } }, epilogue: 'clamp',
  };
}

/** The group as a program of its own: its input and output in DDR, whatever lies between as `tile` and `link` decide. */
function linked(structure: GroupStructure, target: Target): { ms: number; instructions: number } {
  const { params, inputs } = valued(structure, [], { shares: false, random: new Random(1) });
  const groups = [{ menu: tile(structure, { target, mode: 'NPU1' }), scalars: params.scalars, inputs: [0], output: 1 }];
  const edges = [{ bytes: edgeBytes(structure.inputs[0]!), role: 'input' }, { bytes: edgeBytes(structure.output), role: 'output' }] as const;
  const program = link(groups, edges, { target, mode: 'NPU1' });
  const constants = paramsOf(program, [packConstants(structure, params)]);
  const memory = [toMemory(inputs[0]!, structure.inputs[0]!)];
  return { ms: leastCpu(() => simulate(program, constants, memory)), instructions: decode(program.code).length };
}

async function endToEnd(): Promise<void> {
  const built = await buildNetwork('det', { set: { 'compiler.check': 0 } }, openMemoryStore());
  const calls: (() => void)[] = [];
  await runContainer(built.container, { x: Uint8Array.from({ length: 3 * 320 * 320 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24) }, {
    simulate(program, params, inputs) {
      calls.push(() => void simulate(program, params, inputs));
      return simulate(program, params, inputs).outputs;
    },
  });
  const [compiled] = calls;
  if (compiled === undefined || calls.length > 1) throw new Error('det is not one NPU unit');
  const float = await openFloat();
  // In turns, so that both meet the same machine.
  let [compiledMs, floatMs] = [Infinity, Infinity];
  for (let i = 0; i < 40; i++) {
    compiledMs = Math.min(compiledMs, leastCpu(compiled, { times: 1, ms: 0 }));
    floatMs = Math.min(floatMs, await float());
  }
  hold('det end to end, x ONNX Runtime in float, one thread each', floatMs / compiledMs, { atLeast: 0.25, unit: 'x', note: `${compiledMs.toFixed(1)} ms and ${floatMs.toFixed(1)} ms` });
}

/** CPU milliseconds of one inference, each time it is called. */
async function openFloat(): Promise<() => Promise<number>> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(readFileSync(models.det.file), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const x = new Tensor('float32', new Float32Array(3 * 320 * 320).fill(0.1), [1, 3, 320, 320]);
  return async () => {
    const before = process.cpuUsage();
    await session.run({ x });
    return cpuSince(before);
  };
}
