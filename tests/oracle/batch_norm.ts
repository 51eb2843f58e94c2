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
  /** The state after the call; what the call does not change is the same object as before. */
  state: BatchNormState64;
}

/** Statistics with one entry per channel. */
interface Statistics {
  /** Number of elements, or the sum of their weights. */
  count: Float64Array;
  mean: Float64Array;
  /** Biased: what the output is normalised by. */
  variance: Float64Array;
  /** What the moving variance is fed with. */
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
 * 2017, algorithm 1; both in the form of tf.contrib 1.15 batch_norm (docs/semantics.md, sections 5.2 to
 * 5.9).
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
  const batch = batchStatistics(x, axis, options);
  const mean = training ? batch.mean : state.movingMean;
  const variance = training ? batch.variance : state.movingVariance;
  const { r, d } = training && options.renorm
    ? renormCorrection(state, batch, options)
    : { r: batch.mean.map(() => 1), d: batch.mean.map(() => 0) };

  const y = array64(x.data, x.shape);
  for (let index = 0; index < y.data.length; index++) {
    const at = coordinatesOf(index, x.shape);
    const c = at[axis];
    let value = (x.data[index] - mean[c]) / Math.sqrt(variance[c] + epsilon);
    value = value * r[c] + d[c];
    if (training && adjustment !== undefined) {
      const a = adjustment.scale.data[broadcastIndex(at, adjustment.scale.shape)];
      const b = adjustment.bias.data[broadcastIndex(at, adjustment.bias.shape)];
      value = value * a + b;
    }
    value = gamma === undefined ? value : value * gamma[c];
    value = beta === undefined ? value : value + beta[c];
    y.data[index] = activate(value, options.activation);
  }
  const empty = batch.count.every((n) => n === 0);
  return { y, state: training && !empty ? nextState(state, batch, options) : state };
}

function batchStatistics(x: NumberArray, axis: number, options: BatchNormOptions): Statistics {
  const { weights, besselCorrected = false } = options;
  const others = x.shape.map((_, other) => other).filter((other) => other !== axis);
  const given = options.moments ?? moments(x, others, { weights });
  const mean = Float64Array.from(given.mean);
  const m2 = Float64Array.from(given.m2);
  const count = mean.map((_, c) => typeof given.count === "number" ? given.count : given.count[c]);
  const variance = m2.map((sum, c) => sum / count[c]);
  const bessel = m2.map((sum, c) => sum / Math.max(count[c] - 1, 1));
  return { count, mean, variance, fed: besselCorrected ? bessel : variance };
}

/** docs/semantics.md, section 5.7: r and d of the old state, clipped from below first. */
function renormCorrection(
  state: BatchNormState64,
  batch: Statistics,
  options: BatchNormOptions,
): { r: Float64Array; d: Float64Array } {
  const { epsilon = 1e-3, renormClipping = {} } = options;
  const { rmin = -Infinity, rmax = Infinity, dmax = Infinity } = renormClipping;
  const { renormMean, renormStddev } = renormOf(state);
  const floored = batch.mean.map((_, c) => Math.max(renormStddev[c], Math.sqrt(epsilon)));
  const r = batch.variance.map((v, c) => Math.sqrt(v + epsilon) / floored[c]);
  const d = batch.mean.map((m, c) => (m - renormMean[c]) / floored[c]);
  return {
    r: r.map((ratio) => Math.min(Math.max(ratio, rmin), rmax)),
    d: d.map((shift) => Math.min(Math.max(shift, -dmax), dmax)),
  };
}

function nextState(
  state: BatchNormState64,
  batch: Statistics,
  options: BatchNormOptions,
): BatchNormState64 {
  const { decay = 0.999, epsilon = 1e-3, renormDecay = 0.99 } = options;
  const next: BatchNormState64 = {
    ...state,
    movingMean: towards(state.movingMean, batch.mean, decay),
    movingVariance: towards(state.movingVariance, batch.fed, decay),
  };
  if (options.zeroDebias) { // docs/semantics.md, section 5.5
    if (state.debias === undefined) {
      throw new TypeError("Cannot apply batchNorm: state must hold debias, got none");
    }
    const biased = towards(state.debias.biased, batch.mean, decay);
    const localStep = state.debias.localStep + 1;
    next.debias = { biased, localStep };
    next.movingMean = biased.map((value) => value / (1 - decay ** localStep));
  }
  if (options.renorm) { // docs/semantics.md, section 5.7
    const { movingStddev, renormMean, renormStddev } = renormOf(state);
    const stddev = batch.variance.map((v) => Math.sqrt(v + epsilon));
    const moved = towards(movingStddev, stddev, decay);
    next.renorm = {
      movingStddev: moved,
      renormMean: towards(renormMean, batch.mean, renormDecay),
      renormStddev: towards(renormStddev, stddev, renormDecay),
    };
    next.movingVariance = moved.map((value) => Math.max(0, value ** 2 - epsilon));
  }
  return next;
}

/** The moving average: `old - (old - value) * (1 - decay)`. */
function towards(old: ArrayLike<number>, value: Float64Array, decay: number): Float64Array {
  return value.map((v, c) => old[c] - (old[c] - v) * (1 - decay));
}

function renormOf(state: BatchNormState64): Required<BatchNormState64>["renorm"] {
  if (state.renorm === undefined) {
    throw new TypeError("Cannot apply batchNorm: state must hold renorm, got none");
  }
  return state.renorm;
}
