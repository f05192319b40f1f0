// ONNX's own operators: the opset each came with, and the opset two of them ended at. What changed in between is in upgrade/.
import { Fault, nearest } from '../base/fault.ts';

/** Opsets that can be read. Operators have the meaning of graph.canonicalOpset once read. */
export const opsets = { oldest: 7, newest: 28 } as const;

const bySince: Readonly<Record<number, string>> = {
  1:
    'Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv ConvTranspose DepthToSpace Div Dropout Elu Equal Exp ' +
    'Flatten Floor GRU Gather Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater HardSigmoid Hardmax Identity If InstanceNormalization LRN LSTM ' +
    'LeakyRelu Less Log LogSoftmax Loop LpNormalization LpPool MatMul Max MaxPool MaxRoiPool Mean Min Mul Neg Not Or PRelu Pad Pow RNN RandomNormal ' +
    'RandomNormalLike RandomUniform RandomUniformLike Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ' +
    'ReduceSum ReduceSumSquare Relu Reshape Selu Shape Sigmoid Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh Tile TopK ' +
    'Transpose Unsqueeze Upsample Xor',
  7: 'Acos Asin Atan Cos Multinomial Sin Tan',
  8: 'Expand Scan',
  9: 'Acosh Asinh Atanh Compress ConstantOfShape Cosh Erf EyeLike IsNaN MaxUnpool MeanVarianceNormalization NonZero OneHot Scatter Shrink Sign Sinh TfIdfVectorizer Where',
  10:
    'ConvInteger DequantizeLinear IsInf MatMulInteger Mod NonMaxSuppression QLinearConv QLinearMatMul QuantizeLinear Resize ReverseSequence RoiAlign ' +
    'StringNormalizer ThresholdedRelu',
  11:
    'BitShift ConcatFromSequence CumSum Det DynamicQuantizeLinear GatherElements GatherND Range Round ScatterElements ScatterND SequenceAt SequenceConstruct ' +
    'SequenceEmpty SequenceErase SequenceInsert SequenceLength SplitToSequence Unique',
  12: 'Celu Einsum GreaterOrEqual LessOrEqual NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss',
  14: 'HardSwish Trilu',
  15: 'Bernoulli CastLike Optional OptionalGetElement OptionalHasElement',
  16: 'GridSample',
  17: 'BlackmanWindow DFT HammingWindow HannWindow LayerNormalization MelWeightMatrix STFT SequenceMap',
  18: 'BitwiseAnd BitwiseNot BitwiseOr BitwiseXor CenterCropPad Col2Im GroupNormalization Mish',
  19: 'DeformConv',
  20: 'AffineGrid Gelu ImageDecoder RegexFullMatch StringConcat StringSplit',
  23: 'Attention RMSNormalization RotaryEmbedding',
  24: 'Swish TensorScatter',
  26: 'BitCast CumProd',
  27: 'CausalConvWithState LinearAttention',
  28: 'SwiGLU',
};

const sinceOf: ReadonlyMap<string, number> = new Map(
  Object.entries(bySince).flatMap(([opset, names]) => names.split(' ').map((name) => [name, Number(opset)] as const)),
);

/** Operators that ONNX withdrew, with the first opset that lacks them. */
const endedAt: Readonly<Record<string, number>> = { Scatter: 11, Upsample: 10 };

/** Names of all operators of ONNX's own domain. */
export const operatorNames: readonly string[] = [...sinceOf.keys()];

/** Why a model of this opset can't hold this operator in a graph at `canonical`, as a few words; undefined if it can. */
export function missing({ op, domain, opset, canonical }: { op: string; domain: string; opset: number; canonical: number }): string | undefined {
  if (domain !== '') return `domain ${domain}`;
  const since = sinceOf.get(op);
  if (since === undefined) {
    const near = nearest(op, operatorNames);
    return near === undefined ? 'not an ONNX operator' : `not an ONNX operator; nearest: ${near}`;
  }
  if (since > opset) return `since opset ${since}, but the model is of opset ${opset}`;
  if (since > canonical) return `since opset ${since}, and axbuild's graphs are of opset ${canonical}`;
  const ended = Object.hasOwn(endedAt, op) ? endedAt[op]! : Infinity;
  return opset >= ended ? `withdrawn in opset ${ended}, and the model is of opset ${opset}` : undefined;
}

/** A Fault that lists nodes with operators that can't be read. */
export function unknownOperators(file: string, rows: readonly { readonly node: string; readonly op: string; readonly why: string }[]): Fault {
  const shown = rows.slice(0, 8).map(({ node, op, why }) => [op, `${node}  (${why})`] as const);
  const rest = rows.length > shown.length ? [['and', `${rows.length - shown.length} more`] as const] : [];
  return new Fault({
    place: { file },
    what: rows.length === 1 ? 'the model has an operator that axbuild does not know' : `the model has ${rows.length} nodes with operators that axbuild does not know`,
    facts: [...shown, ...rest, ['known', `ONNX's own operators (domain ai.onnx), opset ${opsets.oldest} and later`]],
  });
}
