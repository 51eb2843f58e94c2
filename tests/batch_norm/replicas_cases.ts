/**
 * What batch norm over replicas is tried with, and what the whole batch gives in float64.
 *
 * @module
 */
import {
  type BatchNormOptions,
  type BatchNormState,
  initBatchNorm,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { activate } from "../oracle/activations.ts";
import { batchNorm as oracle, type BatchNormState64 } from "../oracle/batch_norm.ts";
import { batchNormVjp as oracleVjp } from "../oracle/batch_norm_vjp.ts";
import { moments as oracleMoments } from "../oracle/moments.ts";
import { randomTensor } from "../support/random.ts";

const EPSILON = 1e-3;
const WEIGHTS = [0.5, 0, 2, 1, 0, 3, 0.25];

/** A batch and how it is normalised. */
export interface Case {
  readonly shape: readonly number[];
  readonly channelsAxis: number;
  readonly options?: BatchNormOptions;
  readonly weights?: readonly number[];
  readonly adjustment?: readonly [readonly number[], readonly number[]];
  readonly bare?: boolean;
}

/** What batch norm over replicas is tried with, by name. */
export const CASES: Record<string, Case> = {
  "NHWC": { shape: [7, 2, 3, 4], channelsAxis: 3 },
  "NCHW": { shape: [7, 4, 2, 3], channelsAxis: 1, options: { dataFormat: "NCHW" } },
  "(samples, channels)": { shape: [7, 4], channelsAxis: 1 },
  "NCDHW": { shape: [7, 4, 2, 1, 3], channelsAxis: 1, options: { dataFormat: "NCDHW" } },
  "NDHWC": { shape: [7, 2, 1, 3, 4], channelsAxis: 4, options: { dataFormat: "NDHWC" } },
  "NCW": { shape: [7, 4, 5], channelsAxis: 1, options: { dataFormat: "NCW" } },
  "NWC without parameters": { shape: [7, 5, 4], channelsAxis: 2, bare: true },
  "weights": { shape: [7, 2, 3, 4], channelsAxis: 3, weights: WEIGHTS },
  "weights NCHW": {
    shape: [7, 4, 2, 3],
    channelsAxis: 1,
    weights: WEIGHTS,
    options: { dataFormat: "NCHW" },
  },
  "renorm": { shape: [7, 2, 3, 4], channelsAxis: 3, options: { renorm: true } },
  "renorm, clipped": {
    shape: [7, 2, 3, 4],
    channelsAxis: 3,
    options: { renorm: true, renormClipping: { rmin: 0.8, rmax: 1.2, dmax: 0.3 } },
  },
  "zero debias": { shape: [7, 2, 3, 4], channelsAxis: 3, options: { zeroDebiasMovingMean: true } },
  "adjustment": {
    shape: [7, 2, 3, 4],
    channelsAxis: 3,
    adjustment: [[7, 1, 1, 4], [2, 3, 1]],
  },
  "swish": { shape: [7, 2, 3, 4], channelsAxis: 3, options: { activation: "swish" } },
};

/** What is fed into every replica of a case. */
export function inputsOf({ shape, weights, adjustment, options, bare }: Case, mean: number) {
  const vector = (seed: number, mean: number) => randomTensor([4], { seed, mean, stddev: 0.3 });
  const { state } = initBatchNorm(4, {
    renorm: options?.renorm ?? false,
    zeroDebiasMovingMean: options?.zeroDebiasMovingMean ?? false,
  });
  return {
    x: randomTensor(shape, { seed: 1, mean }),
    dy: randomTensor(shape, { seed: 2, mean: 0.3 }),
    params: bare ? {} : { beta: vector(3, 0.1), gamma: vector(4, 1) },
    state: { ...state, movingMean: vector(5, mean) } as BatchNormState<Tensor>,
    weights: weights && tensor(weights),
    scale: adjustment && randomTensor(adjustment[0], { seed: 6, mean: 1, stddev: 0.3 }),
    bias: adjustment && randomTensor(adjustment[1], { seed: 7, stddev: 0.3 }),
  };
}

type Inputs = ReturnType<typeof inputsOf>;

/** The state of a test as the oracle takes it. */
function stateOf({ movingMean, movingVariance, debias, renorm }: BatchNormState<Tensor>) {
  return {
    movingMean: movingMean.data,
    movingVariance: movingVariance.data,
    ...(debias && {
      debias: { biased: debias.biased.data, localStep: debias.localStep.data[0] },
    }),
    ...(renorm && {
      renorm: {
        movingStddev: renorm.movingStddev.data,
        renormMean: renorm.renormMean.data,
        renormStddev: renorm.renormStddev.data,
      },
    }),
  } satisfies BatchNormState64;
}

/** What the whole batch gives in float64. */
export function expectedOf({ channelsAxis, options = {}, shape }: Case, inputs: Inputs) {
  const { x, dy, params: { beta, gamma }, scale, bias, weights } = inputs;
  const state = stateOf(inputs.state);
  const pair = scale && bias && { scale, bias };
  const common = {
    channelsAxis,
    epsilon: EPSILON,
    beta: beta?.data,
    gamma: gamma?.data,
    weights: weights?.data,
    adjustment: pair,
    renorm: options.renorm,
    renormClipping: options.renormClipping,
    zeroDebias: options.zeroDebiasMovingMean,
    decay: 0.9,
    // The defaults of TensorFlow 1.15: only its fused kernel, for ranks 2 and 4.
    besselCorrected: (shape.length === 2 || shape.length === 4) && !options.renorm && !weights &&
      !pair,
  };
  const activation = options.activation === "swish" ? "swish" as const : undefined;
  const { y, state: next } = oracle(x, state, { ...common, activation });
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== channelsAxis);
  const { count, mean, m2 } = oracleMoments(x, others, { weights: weights?.data });
  const variance = m2.map((sum, c) => sum / count[c]);
  // r and d come out of a step that normalises the mean and the mean plus one deviation.
  const correction = options.renorm ? correctionOf(mean, variance, state, options) : undefined;
  const z = oracle(x, state, common).y.data;
  const h = 1e-5;
  const slope = (v: number) =>
    (activate(v + h, activation) - activate(v - h, activation)) / (2 * h);
  const g = Array.from(z, (value, i) => dy.data[i] * (activation === undefined ? 1 : slope(value)));
  const back = oracleVjp(x, g, {
    mean,
    variance,
    epsilon: EPSILON,
    channelsAxis,
    gamma: gamma?.data,
    own: true,
    weights: weights?.data,
    correction,
    adjustment: pair,
  });
  return { y: y.data, state: next, back };
}

function correctionOf(
  mean: Float64Array,
  variance: Float64Array,
  state: BatchNormState64,
  { renormClipping: { rmin = 0, rmax = Infinity, dmax = Infinity } = {} }: BatchNormOptions,
) {
  const { renormMean, renormStddev } = state.renorm!;
  const clip = (value: number, least: number, most: number) =>
    Math.min(Math.max(value, least), most);
  const floor = (c: number) => Math.max(renormStddev[c], Math.sqrt(EPSILON));
  return {
    r: variance.map((v, c) => clip(Math.sqrt(v + EPSILON) / floor(c), rmin, rmax)),
    d: mean.map((m, c) => clip((m - renormMean[c]) / floor(c), -dmax, dmax)),
  };
}
