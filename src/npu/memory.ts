// Between a tensor's logical order and its bytes in memory (Edge.layout).
import { bytesOf } from '../base/bytes.ts';
import { elements } from '../base/dtype.ts';
import type { Codes, Edge, EdgeType } from '../ops/group.ts';

const arrays = {
  U8: (buffer: ArrayBuffer) => new Uint8Array(buffer),
  U16: (buffer: ArrayBuffer) => new Uint16Array(buffer),
  FP32: (buffer: ArrayBuffer) => new Float32Array(buffer),
} as const satisfies Record<EdgeType, (buffer: ArrayBuffer) => Codes['data']>;

const sizes: Readonly<Record<EdgeType, number>> = { U8: 1, U16: 2, FP32: 4 };

export function edgeBytes(edge: Edge): number {
  return elements(edge.shape) * sizes[edge.dtype];
}

/** The bytes of `codes` as they lie in memory on `edge`. */
export function toMemory(codes: Codes, edge: Edge): Uint8Array {
  const [n, c, h, w] = edge.shape;
  if (edge.layout === 'plain' || edge.shape.length !== 4 || c === 1 || h! * w! === 1) return bytesOf(codes.data).slice();
  const out = arrays[edge.dtype](new ArrayBuffer(edgeBytes(edge)));
  reorder({ from: codes.data, to: out, batch: n!, outer: c!, inner: h! * w! });
  return bytesOf(out);
}

/** The codes behind the bytes that lie in memory on `edge`. */
export function fromMemory(bytes: Uint8Array, edge: Edge): Codes {
  const flat = arrays[edge.dtype](new Uint8Array(bytes).buffer);
  const [n, c, h, w] = edge.shape;
  if (edge.layout === 'plain' || edge.shape.length !== 4 || c === 1 || h! * w! === 1) return { shape: edge.shape, data: flat };
  const out = arrays[edge.dtype](new ArrayBuffer(bytes.byteLength));
  reorder({ from: flat, to: out, batch: n!, outer: h! * w!, inner: c! });
  return { shape: edge.shape, data: out };
}

/** Transposes [batch, outer, inner] to [batch, inner, outer], in blocks that a cache holds. */
function reorder({ from, to, batch, outer, inner }: { from: Codes['data']; to: Codes['data']; batch: number; outer: number; inner: number }): void {
  const block = 32;
  for (let b = 0; b < batch; b++) {
    const base = b * outer * inner;
    for (let o0 = 0; o0 < outer; o0 += block) {
      const o1 = Math.min(outer, o0 + block);
      for (let i0 = 0; i0 < inner; i0 += block) {
        const i1 = Math.min(inner, i0 + block);
        for (let o = o0; o < o1; o++) {
          for (let i = i0; i < i1; i++) to[base + i * outer + o] = from[base + o * inner + i]!;
        }
      }
    }
  }
}
