// A container of two chains: two NPU units with a CPU unit between them, and one NPU unit for batches 1, 2 and 4. The programs are records with no code; a stand-in for the simulator gives
// them a meaning that is easy to check by hand, and the ONNX model of the CPU unit is a real one.
import type { Container } from '../../src/axmodel/container.ts';
import { writeProgram } from '../../src/npu/program.ts';
import type { Program } from '../../src/npu/object.ts';
import { modelBytes } from '../onnx/rig.ts';

function program(bytes: number, tag: number): Program {
  const busy = { conv: 0, teng: 0, cv: 0, sdma: 0 };
  const stats = { cycles: tag, busy, overlapCycles: 0, ddrBytes: { params: 0, load: 0, store: 0 }, macs: 0, ocmPeak: 0, ocmLive: 0, swapPeak: 0, swapLive: 0 };
  return { code: Uint32Array.of(), paramsBytes: 2, constantOffsets: [], swapBytes: 0, ocmBytes: 0, inputs: [{ bytes }], outputs: [{ bytes }], edges: [], chosen: [], owners: [], stats };
}

/** Adds the first parameter to each byte. */
export function simulate(_: Program, params: Uint8Array, [input]: Uint8Array[]): readonly Uint8Array[] {
  return [input!.map((byte) => byte + params[0]!)];
}

const shape = [1, 2, 2, 3];

export function sample(): Container {
  // Reverses the channels, so that the order of bytes matters; then adds 1 to the first channel only.
  const cpu = modelBytes({
    opset: 21,
    nodes: [{ op: 'Gather', inputs: ['in', 'turned'], outputs: ['g'], attributes: { axis: 1 } }, { op: 'Cast', inputs: ['g'], outputs: ['c'], attributes: { to: 1 } }, { op: 'Add', inputs: ['c', 'step'], outputs: ['a'] }, { op: 'Cast', inputs: ['a'], outputs: ['out'], attributes: { to: 2 } }],
    inputs: { in: { dtype: 'U8', shape } }, outputs: ['out'],
    weights: { turned: { dtype: 'S64', shape: [2], numbers: [1, 0] }, step: { dtype: 'FP32', shape: [2, 1, 1], numbers: [1, 0] } },
  });
  const edge = (name: string) => ({ name, dtype: 'U8', shape, layout: 'nhwc', quant: { scale: 0.5, zero: 3 } }) as const;
  return {
    target: 'AX650',
    mode: 'NPU1',
    tensors: {
      x: { name: 'x', dtype: 'U8', shape, layout: 'plain', quant: null },
      'op_1:out': edge('op_1:out'),
      mid: edge('mid'),
      y: { name: 'y', dtype: 'U8', shape, layout: 'plain', quant: { scale: 0.25, zero: 0 } },
      x_1: { name: 'x_1', dtype: 'U8', shape: [1, 6], layout: 'plain', quant: null },
      y_1: { name: 'y_1', dtype: 'U8', shape: [1, 6], layout: 'plain', quant: null },
    },
    chains: [
      {
        inputs: ['x'], outputs: ['y'], batch: 1,
        units: [
          { type: 'NPU', name: 'subgraph_npu_0', inputs: ['x'], outputs: ['op_1:out'], programs: [{ batch: 1, program: writeProgram(program(12, 1)), params: Uint8Array.of(10, 20) }] },
          { type: 'CPU', name: 'subgraph_cpu_1', inputs: ['op_1:out'], outputs: ['mid'], model: cpu },
          { type: 'NPU', name: 'subgraph_npu_2', inputs: ['mid'], outputs: ['y'], programs: [{ batch: 1, program: writeProgram(program(12, 3)), params: Uint8Array.of(100) }] },
        ],
      },
      {
        inputs: ['x_1'], outputs: ['y_1'], batch: 4,
        units: [{
          type: 'NPU', name: 'subgraph_npu_0_1', inputs: ['x_1'], outputs: ['y_1'],
          programs: [1, 2, 4].map((batch) => ({ batch, program: writeProgram(program(6 * batch, batch)), params: Uint8Array.of(10, 20) })),
        }],
      },
    ],
  };
}
