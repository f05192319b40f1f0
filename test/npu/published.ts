// Networks whose latency on an AX650N board is published, as groups: convolutions with fused activations, pools, sums. Layers that are
// left out (flatten, softmax) take next to nothing.
import type { Edge, GroupAttribute, GroupStructure } from '../../src/ops/group.ts';

export interface Published {
  readonly name: string;
  /** Milliseconds on the board, NPU1 and NPU3, batch 1 (ax-samples, Pulsar2 3.2). */
  readonly npu1: number;
  readonly npu3: number;
  readonly groups: readonly Layer[];
  readonly edges: readonly Edge[];
}

export interface Layer {
  readonly structure: GroupStructure;
  readonly inputs: readonly number[];
  readonly output: number;
}

/** Adds layers one by one; edges are numbers. */
class Builder {
  readonly groups: Layer[] = [];
  readonly edges: Edge[] = [];

  input(channels: number, side: number): number {
    return this.#edge([1, channels, side, side]);
  }

  conv(from: number, out: number, { k = 1, stride = 1, pad = (k - 1) / 2, group = 1, table = false }: { k?: number; stride?: number; pad?: number; group?: number; table?: boolean } = {}): number {
    const [, into, h, w] = this.edges[from]!.shape;
    const size = (extent: number): number => Math.floor((extent + 2 * pad - k) / stride) + 1;
    return this.#add('conv', { attributes: { ...windowOf(k, stride, pad), group }, inputs: [from], output: [1, out, size(h!), size(w!)], weight: [out, into! / group, k, k], epilogue: table ? 'table' : 'clamp' });
  }

  depthwise(from: number, stride: number): number {
    const channels = this.edges[from]!.shape[1]!;
    return this.conv(from, channels, { k: 3, stride, group: channels });
  }

  maxPool(from: number, { k, stride, pad }: { k: number; stride: number; pad: number }): number {
    const [, c, h, w] = this.edges[from]!.shape;
    const size = (extent: number): number => Math.floor((extent + 2 * pad - k) / stride) + 1;
    return this.#add('max_pool', { attributes: windowOf(k, stride, pad), inputs: [from], output: [1, c!, size(h!), size(w!)], epilogue: 'none' });
  }

  add(a: number, b: number): number {
    return this.#add('eltwise', { attributes: { op: 'add' }, inputs: [a, b], output: this.edges[a]!.shape, epilogue: 'clamp' });
  }

  concat(inputs: readonly number[]): number {
    const [n, , h, w] = this.edges[inputs[0]!]!.shape;
    return this.#add('concat', { attributes: { axis: 1 }, inputs, output: [n!, inputs.reduce((sum, one) => sum + this.edges[one]!.shape[1]!, 0), h!, w!], epilogue: 'none' });
  }

  mean(from: number): number {
    return this.#add('mean', { attributes: {}, inputs: [from], output: [1, this.edges[from]!.shape[1]!, 1, 1], epilogue: 'clamp' });
  }

  #edge(shape: readonly number[]): number {
    return this.edges.push({ shape, dtype: 'U8', layout: 'nhwc' }) - 1;
  }

  #add(kind: string, { attributes, inputs, output, weight, epilogue }: { attributes: Record<string, GroupAttribute>; inputs: readonly number[]; output: readonly number[]; weight?: readonly number[]; epilogue: GroupStructure['epilogue'] }): number {
    const to = this.#edge(output);
    const structure: GroupStructure = {
      kind, attributes, inputs: inputs.map((one) => this.edges[one]!), entries: inputs.map(() => 'U8'), output: this.edges[to]!,
      constants: weight === undefined ? {} : { weight: { shape: weight, dtype: 'S8' } }, epilogue,
    };
    this.groups.push({ structure, inputs, output: to });
    return to;
  }
}

function windowOf(k: number, stride: number, pad: number): Record<string, GroupAttribute> {
  return { kernel: [k, k], strides: [stride, stride], dilations: [1, 1], pads: [pad, pad, pad, pad] };
}

function network(row: Pick<Published, 'name' | 'npu1' | 'npu3'>, build: (net: Builder) => void): Published {
  const net = new Builder();
  build(net);
  return { ...row, groups: net.groups, edges: net.edges };
}

export const published: readonly Published[] = [
  network({ name: 'MobileNetV1', npu1: 0.567, npu3: 0.277 }, (net) => {
    let x = net.conv(net.input(3, 224), 32, { k: 3, stride: 2 });
    for (const [out, stride] of [[64, 1], [128, 2], [128, 1], [256, 2], [256, 1], [512, 2], [512, 1], [512, 1], [512, 1], [512, 1], [512, 1], [1024, 2], [1024, 1]] as const) {
      x = net.conv(net.depthwise(x, stride), out);
    }
    net.conv(net.mean(x), 1000);
  }),
  network({ name: 'MobileNetV2', npu1: 0.595, npu3: 0.282 }, (net) => {
    let x = net.conv(net.input(3, 224), 32, { k: 3, stride: 2 });
    for (const [t, out, repeats, stride] of [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const) {
      for (let i = 0; i < repeats; i++) {
        const into = net.edges[x]!.shape[1]!;
        const wide = t === 1 ? x : net.conv(x, t * into);
        const narrow = net.conv(net.depthwise(wide, i === 0 ? stride : 1), out);
        x = i > 0 ? net.add(x, narrow) : narrow;
      }
    }
    net.conv(net.mean(net.conv(x, 1280)), 1000);
  }),
  network({ name: 'SqueezeNet1.1', npu1: 0.471, npu3: 0.2 }, (net) => {
    const fire = (x: number, squeeze: number, expand: number): number => {
      const s = net.conv(x, squeeze);
      return net.concat([net.conv(s, expand), net.conv(s, expand, { k: 3 })]);
    };
    const pool = (x: number): number => net.maxPool(x, { k: 3, stride: 2, pad: 0 });
    let x = pool(net.conv(net.input(3, 227), 64, { k: 3, stride: 2, pad: 0 }));
    x = pool(fire(fire(x, 16, 64), 16, 64));
    x = pool(fire(fire(x, 32, 128), 32, 128));
    x = fire(fire(fire(fire(x, 48, 192), 48, 192), 64, 256), 64, 256);
    net.mean(net.conv(x, 1000));
  }),
  network({ name: 'ResNet18', npu1: 1.269, npu3: 0.54 }, (net) => {
    let x = net.maxPool(net.conv(net.input(3, 224), 64, { k: 7, stride: 2 }), { k: 3, stride: 2, pad: 1 });
    for (const [out, stride] of [[64, 1], [64, 1], [128, 2], [128, 1], [256, 2], [256, 1], [512, 2], [512, 1]] as const) {
      const short = stride === 1 ? x : net.conv(x, out, { stride });
      x = net.add(short, net.conv(net.conv(x, out, { k: 3, stride }), out, { k: 3 }));
    }
    net.conv(net.mean(x), 1000);
  }),
  network({ name: 'ResNet50', npu1: 2.867, npu3: 1.335 }, (net) => {
    let x = net.maxPool(net.conv(net.input(3, 224), 64, { k: 7, stride: 2 }), { k: 3, stride: 2, pad: 1 });
    for (const [width, repeats, stride] of [[64, 3, 1], [128, 4, 2], [256, 6, 2], [512, 3, 2]] as const) {
      for (let i = 0; i < repeats; i++) {
        const step = i === 0 ? stride : 1;
        const short = i === 0 ? net.conv(x, 4 * width, { stride: step }) : x;
        x = net.add(short, net.conv(net.conv(net.conv(x, width), width, { k: 3, stride: step }), 4 * width));
      }
    }
    net.conv(net.mean(x), 1000);
  }),
];
