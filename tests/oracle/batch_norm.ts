/**
 * Batch normalization in float64, with its state in and out.
 *
 * @module
 */
import { activate, type ActivationName } from "./activations.ts";
import {
  type Array64,
  array64,
  broadcastIndex,
  coordinatesOf,
  type NumberArray,
  positiveAxis,
} from "./array.ts";
import { moments } from "./moments.ts";

/** State of {@linkcode batchNorm}; every array has one entry per channel. */
export interface BatchNormState64 {
  /** Moving average of the mean. */
  movingMean: ArrayLike<number>;
  /** Moving average of the variance. */
  movingVariance: ArrayLike<number>;
  /** What zeroDebias keeps. */
  debias?: { biased: ArrayLike<number>; localStep: number };
  /** What renorm keeps. */
  renorm?: {
    movingStddev: ArrayLike<number>;
    renormMean: ArrayLike<number>;
    renormStddev: ArrayLike<number>;
  };
}

/** Options of {@linkcode batchNorm}; which of them combine is for the caller to know. */
export interface BatchNormOptions {
  /** Normalise by the batch and update the state, or normalise by the state. @default {true} */
  training?: boolean | undefined;
  /** Weight of the old moving value. @default {0.999} */
  decay?: number | undefined;
  /** Added to the variance, inside the root. @default {1e-3} */
  epsilon?: number | undefined;
  /** Which axis holds the channels; may be negative. @default {-1} */
  channelsAxis?: number | undefined;
  /** Offset per channel; none when absent. */
  beta?: ArrayLike<number> | undefined;
  /** Scale per channel; none when absent. */
  gamma?: ArrayLike<number> | undefined;
  /** Applied last. */
  activation?: ActivationName | undefined;
  /** One weight for every item of axis 0. */
  weights?: ArrayLike<number> | undefined;
  /** Feed the moving variance with `m2 / max(n - 1, 1)` and not `m2 / n`. @default {false} */
  besselCorrected?: boolean | undefined;
  /** Correct the moving mean for its start at 0. @default {false} */
  zeroDebias?: boolean | undefined;
  /** Correct the batch towards the moving statistics. @default {false} */
  renorm?: boolean | undefined;
  /** Limits of that correction; a missing one does not limit. */
  renormClipping?: { rmin?: number; rmax?: number; dmax?: number } | undefined;
  /** Weight of the old value of renormMean and renormStddev. @default {0.99} */
  renormDecay?: number | undefined;
  /** Applied in training to the normalised value; each broadcasts against `x` as in numpy. */
  adjustment?: { scale: NumberArray; bias: NumberArray } | undefined;
  /** Moments per channel to use instead of those of `x`. */
  moments?:
    | { count: number | ArrayLike<number>; mean: ArrayLike<number>; m2: ArrayLike<number> }
    | undefined;
}

/** What {@linkcode batchNorm} returns. */
export interface BatchNormResult {
  /** Shape of `x`. */
  y: Array64;
  /** The state after the call, in new arrays. */
  state: BatchNormState64;
}

/** Batch statistics, each with one entry per channel. */
interface Statistics {
  mean: ArrayLike<number>;
  /** Biased: what the output is normalised by. */
  variance: Float64Array;
  /** What feeds the moving variance. */
  fed: Float64Array;
}

/**
 * Normalises each channel by the mean and variance of the batch, or by moving ones.
 *
 * Training: `y = activation((((x - mean) / sqrt(variance + epsilon) * r + d) * a + b) * gamma + beta)`
 * with r = 1, d = 0 but for renorm and a = 1, b = 0 but for adjustment. Inference: the same with the
 * moving statistics, r = a = 1 and d = b = 0. Where there is nothing to take statistics of, the
 * state stays as it is.
 *
 * Source: Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 1; Ioffe, "Batch Renormalization",
 * 2017, algorithm 1; both in the form of tf.contrib 1.15 batch_norm (SEMANTICS 4.4 to 4.10).
 *
 * @param x Any rank with a channel axis. Not modified.
 * @param state The state before the call. Not modified.
 * @param options Mode, parameters and variants.
 * @returns The output and the state after the call.
 * @throws {TypeError} If the state lacks what zeroDebias or renorm keeps.
 */
export function batchNorm(
  x: NumberArray,
  state: BatchNormState64,
  options: BatchNormOptions = {},
): BatchNormResult {
  const { training = true, epsilon = 1e-3, channelsAxis = -1, adjustment, beta, gamma } = options;
  const axis = positiveAxis(channelsAxis, x.shape.length);
  const { mean, variance, fed } = training
    ? batchStatistics(x, axis, options)
    : movingStatistics(state);
  const { r, d } = training && options.renorm
    ? renormCorrection(state, mean, variance, options)
    : { r: mean.length ? new Float64Array(mean.length).fill(1) : [], d: new Float64Array(mean.length) };

  const y = array64(x.data, x.shape);
  for (let index = 0; index < y.data.length; index++) {
    const at = coordinatesOf(index, x.shape);
    const c = at[axis];
    let value = (x.data[index] - mean[c]) / Math.sqrt(variance[c] + epsilon);
    value = value * r[c] + d[c];
    if (training && adjustment !== undefined) {
      value *= adjustment.scale.data[broadcastIndex(at, adjustment.scale.shape)];
      value += adjustment.bias.data[broadcastIndex(at, adjustment.bias.shape)];
    }
    value = gamma === undefined ? value : value * gamma[c];
    value = beta === undefined ? value : value + beta[c];
    y.data[index] = activate(value, options.activation);
  }
  const still = !training || Number.isNaN(variance[0]);
  return { y, state: still ? copyState(state) : nextState(state, mean, variance, fed, options) };
}
