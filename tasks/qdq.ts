// The quantised model as standard ONNX, beside the compiled one: nothing waits for it but publishing. Its weights are the compiled model's,
// by the same jobs; an edit of activations writes no weight again.
import type { Build } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { FusedNetwork, ResolvedNetwork } from '../src/quant/network.ts';
import { weightRequest } from './compile.ts';
import { exportQdq, qdqWeightsFile } from './export-qdq.ts';
import type { ModelGoal } from './goal.ts';
import { jsonOf } from './passing.ts';
import { qdqWeights } from './qdq-weights.ts';
import { weights } from './weights.ts';

/** Path below output_dir -> artifact. */
export async function quantisedOnnx(
  build: Build,
  goal: ModelGoal,
  inputs: { readonly graph: Artifact; readonly network: Artifact; readonly resolved: Artifact },
): Promise<Readonly<Record<string, Artifact>>> {
  const { codedForms } = await import('../src/quant/qdq-weights.ts');
  const forms = codedForms(await jsonOf<FusedNetwork>(build, inputs.network), await jsonOf<ResolvedNetwork>(build, inputs.resolved));
  const codes = await build.map(weights, forms.map(({ group, request }) => weightRequest(goal, group, request)));
  const { graph, network } = inputs;
  const stored = await build.run(qdqWeights, {
    label: goal.name,
    options: { forms: forms.map(({ form }) => form) },
    inputs: { graph, network, codes: codes.map((one) => one['codes']!) },
  });
  const made = await build.run(exportQdq, { label: goal.name, inputs: { ...inputs, index: stored['index']! } });
  return { 'quant/quant_qdq.onnx': made['model']!, [`quant/${qdqWeightsFile}`]: stored['data']! };
}
