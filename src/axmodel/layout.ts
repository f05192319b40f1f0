// Names and numbers of the container format, shared by its writer and its reader.
import * as z from 'zod';
import { dtypes, type DType } from '../base/dtype.ts';

export const graphName = 'ax-model';
export const opTypes = { NPU: 'neu mode', CPU: 'cpu mode' } as const;
export const paramsKey = 'npu_params';
export const dynParamsKey = 'npu_dyn_params';
/** Our own metadata, canonical JSON, under this key of metadata_props; the public one, base64 protobuf, under the other. */
export const metadataKey = 'axbuild';
export const extraKey = 'extra_data';
/** Parameter blocks start at whole multiples of this in npu_params. */
export const paramsAlign = 64;
export const metadataVersion = 2;

export const programKey = (unit: string, batch: number): string => `${unit}_b${batch}_neu`;
export const modelKey = (unit: string): string => `${unit}_onnx`;

// zod's enum wants a literal list, which keys of a record are not to the compiler.
const dtypeNames = Object.keys(dtypes) as [DType, ...DType[]];
const whole = z.int().min(0);
const name = z.string().min(1).refine((text) => !(text in Object.prototype), 'is a reserved name');

export const metadataSchema = z.strictObject({
  version: z.literal(metadataVersion),
  target: z.string(),
  mode: z.string(),
  tensors: z.array(
    z.strictObject({
      name,
      dtype: z.enum(dtypeNames),
      shape: z.array(whole).max(16),
      layout: z.enum(['plain', 'nhwc']),
      quant: z.strictObject({ scale: z.number().positive(), zero: z.int() }).nullable(),
    }),
  ),
  /** Blobs that are stored as DEFLATE streams, and the bytes they hold. Absent where nothing is. */
  compressed: z.array(z.strictObject({ blob: name, bytes: whole })).min(1).optional(),
  chains: z.array(z.strictObject({
    inputs: z.array(name),
    outputs: z.array(name),
    /** What the shapes at the graph's ends are multiplied by. */
    batch: z.int().min(1),
    units: z.array(
      z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('NPU'),
          name,
          /** Where the program's constants are in npu_params. */
          programs: z.array(z.strictObject({ batch: z.int().min(1), offset: whole, bytes: whole })).min(1),
        }),
        z.strictObject({ type: z.literal('CPU'), name }),
      ]),
    ),
  })).min(1),
});

export type Metadata = z.infer<typeof metadataSchema>;
