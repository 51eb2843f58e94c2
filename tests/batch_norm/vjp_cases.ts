/**
 * What vjps of batch norm are tried with: formats, options, and where the moments come from.
 *
 * @module
 */
import { activations, type AdjustmentTensors, type BatchNormOptions, tensor } from "../../mod.ts";
import { randomTensor } from "../support/random.ts";

/** A shape of x, options, and the parameters that are given. */
export interface Case {
  readonly shape: readonly number[];
  readonly options: BatchNormOptions;
  readonly params?: readonly ("beta" | "gamma")[];
}

/** Random scales and biases of these shapes; NHWC in tests is [3, 2, 3, 4], NCHW [3, 4, 2, 3]. */
export const adjustment = (
  scale: readonly number[],
  bias: readonly number[],
): AdjustmentTensors => ({
  scale: randomTensor(scale, { seed: 11, mean: 1, stddev: 0.3 }),
  bias: randomTensor(bias, { seed: 12, stddev: 0.3 }),
});
const given = (channels: number) => ({
  count: tensor(20),
  mean: randomTensor([channels], { seed: 13, mean: 0.5, stddev: 0.2 }),
  m2: tensor(Float32Array.from({ length: channels }, (_, c) => 15 + 3 * c)),
});
const NHWC = [3, 2, 3, 4];
const NCHW = [3, 4, 2, 3];
const weights = [0.5, 0, 2];

/** What vjps are tried with, by name. */
export const CASES: Readonly<Record<string, Case>> = {
  "NHWC": { shape: NHWC, options: {} },
  "NCHW": { shape: NCHW, options: { dataFormat: "NCHW" } },
  "(samples, channels)": { shape: [6, 4], options: {} },
  "NCW": { shape: [3, 4, 5], options: { dataFormat: "NCW" } },
  "NDHWC": { shape: [2, 2, 3, 2, 4], options: {} },
  "beta alone": { shape: NHWC, options: {}, params: ["beta"] },
  "gamma alone": { shape: NHWC, options: {}, params: ["gamma"] },
  "no parameters": { shape: NHWC, options: {}, params: [] },
  ...Object.fromEntries(
    activations.filter((name) => name !== "none").map((activation) => [
      activation,
      { shape: NHWC, options: { activation } },
    ]),
  ),
  "inference": { shape: NHWC, options: { training: false } },
  "inference NCHW with tanh": {
    shape: NCHW,
    options: { training: false, dataFormat: "NCHW", activation: "tanh" },
  },
  "weights": { shape: NHWC, options: { batchWeights: weights } },
  "weights NCHW": { shape: NCHW, options: { batchWeights: weights, dataFormat: "NCHW" } },
  "weights (samples, channels)": { shape: [3, 4], options: { batchWeights: [1, 0.25, 3] } },
  "weights with swish": { shape: NHWC, options: { batchWeights: weights, activation: "swish" } },
  "given moments": { shape: NHWC, options: { moments: given(4) } },
  "given moments NCHW": {
    shape: NCHW,
    options: {
      moments: given(4),
      dataFormat: "NCHW",
    },
  },
  "renorm": { shape: NHWC, options: { renorm: true } },
  "renorm, clipped": {
    shape: NHWC,
    options: { renorm: true, renormClipping: { rmin: 0.8, rmax: 1.2, dmax: 0.3 } },
  },
  "renorm NCHW with elu": {
    shape: NCHW,
    options: { renorm: true, dataFormat: "NCHW", activation: "elu" },
  },
  "renorm without parameters": { shape: NHWC, options: { renorm: true }, params: [] },
  "adjustment of samples": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 1], [3, 1, 1, 1]) },
  },
  "adjustment of samples and channels": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 4], [4]) },
  },
  "adjustment of places": {
    shape: NHWC,
    options: { adjustment: adjustment([2, 3, 1], [3, 2, 3, 4]) },
  },
  "adjustment of everything": { shape: NHWC, options: { adjustment: adjustment([], [1]) } },
  "adjustment NCHW": {
    shape: NCHW,
    options: { adjustment: adjustment([3, 4, 1, 1], [4, 1, 1]), dataFormat: "NCHW" },
  },
  "adjustment (samples, channels)": {
    shape: [6, 4],
    options: { adjustment: adjustment([6, 1], [6, 4]) },
  },
  "adjustment without gamma, with weights": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 1], [3, 1, 1, 1]), batchWeights: weights },
    params: ["beta"],
  },
  "adjustment with renorm and softplus": {
    shape: NHWC,
    options: {
      adjustment: adjustment([3, 1, 1, 1], [3, 1, 1, 4]),
      renorm: true,
      activation: "softplus",
    },
  },
  "adjustment with given moments": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 1], [2, 3, 4]), moments: given(4) },
  },
};
