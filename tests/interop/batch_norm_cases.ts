/**
 * One batch norm that all frameworks were given, and what came of it.
 *
 * @module
 */
import { batchNorm, type ImportedBatchNorm, type Tensor, tensor } from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";

/** Both sides round numbers up to 4 to float32, 2.4e-7, a few times. */
export const GOLDEN = 2e-6;

/** One layer that all frameworks were given, and its input. */
const data = [1, -2, 3, 0.5, 4, 2, -1, 7, 0, 1, 2.5, -3];
export const x = tensor(new Float32Array(data), [3, 2, 2]);
export const gamma = [1.5, -0.5];
export const beta = [0.25, 2];
export const mean = [0.5, 1];
export const variance = [2, 0.75];
export const keras = { gamma, beta, moving_mean: mean, moving_variance: variance };
export const torch = { weight: gamma, bias: beta, running_mean: mean, running_var: variance };
export const onnx = { scale: gamma, B: beta, input_mean: mean, input_var: variance };

/** In training with channels last, and the statistics of the batch; by TensorFlow 2.21's fused kernel. */
export const LAST = {
  y: [
    [-0.2514576315879822, 2.4526877403259277, 1.4678255319595337, 2.064669609069824],
    [2.3274669647216797, 1.8318588733673096, -1.970740795135498, 1.0558226108551025],
    [-1.111099123954773, 1.9870660305023193, 1.0380046367645264, 2.6078951358795166],
  ].flat(),
  mean: [1.5833333730697632, 0.9166666865348816],
  unbiased: [3.641667127609253, 12.441668510437012],
};

/** In training with the channels on axis 1; by onnx 1.23.1's ReferenceEvaluator. */
export const FIRST = {
  y: [
    [0.25, -2.2110629081726074, 1.7648968696594238, 2.156735420227051],
    [2.7110629081726074, 1.0703542232513428, 2.391838550567627, 1.1379550695419312],
    [-0.5703542828559875, 0.25, 1.8432645797729492, 2.7053093910217285],
  ].flat(),
  movingMean: [0.6000000238418579, 1.100000023841858],
  movingVariance: [2.2666666507720947, 2.633333206176758],
};

/** In inference with the channels on axis 1; by the same. */
export const FIRST_INFERENCE = [
  [0.779009222984314, -2.3950462341308594, 0.8529213666915894, 2.2867696285247803],
  [3.9530646800994873, 1.837027668952942, 3.147078514099121, -1.4412360191345215],
  [-0.27900922298431396, 0.779009222984314, 1.1396909952163696, 4.294157028198242],
].flat();

/** The old value with weight 0.8 and the new one with 0.2. */
export const moved = (from: number[], to: number[]) =>
  from.map((old, i) => 0.8 * old + 0.2 * to[i]);
export const biased = (unbiased: number[]) => unbiased.map((value) => value * 5 / 6);

/** Runs batch norm as imported and compares all that comes out of it. */
export async function assertRuns(
  { params, state, options }: ImportedBatchNorm,
  input: Tensor,
  expected: { y: number[]; movingMean: number[]; movingVariance: number[] },
): Promise<void> {
  const result = await batchNorm(input, params, state, { ...options, runtime });
  assertClose(result.y.data, expected.y, GOLDEN, "y");
  assertClose(result.state.movingMean.data, expected.movingMean, GOLDEN, "movingMean");
  assertClose(result.state.movingVariance.data, expected.movingVariance, GOLDEN, "movingVariance");
}

export async function assertInfers(imported: ImportedBatchNorm, input: Tensor, y: number[]) {
  const { params, state, options } = imported;
  const result = await batchNorm(input, params, state, { ...options, training: false, runtime });
  assertClose(result.y.data, y, GOLDEN, "y");
}
