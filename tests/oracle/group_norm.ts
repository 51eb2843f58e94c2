/**
 * Group and layer normalization in float64.
 *
 * @module
 */
import { activate, type ActivationName } from "./activations.ts";
import {
  type Array64,
  array64,
  type NumberArray,
  positiveAxis,
  sizeOf,
  strideOf,
} from "./array.ts";
import { moments, statisticsSets } from "./moments.ts";

/** Options of {@linkcode groupNorm}. */
export interface GroupNormOptions {
  /** Number of groups; divides the channels. */
  groups: number;
  /** Axes that share statistics beside the channels of a group; literal, may be negative. */
  reductionAxes: readonly number[];
  /** Which axis holds the channels; may be negative. @default {-1} */
  channelsAxis?: number | undefined;
  /** Offset per channel; none when absent. */
  beta?: ArrayLike<number> | undefined;
  /** Scale per channel; none when absent. */
  gamma?: ArrayLike<number> | undefined;
  /** Added to the variance, inside the root. @default {1e-6} */
  epsilon?: number | undefined;
  /** Applied last. */
  activation?: ActivationName | undefined;
  /** Take the variance in one pass, `mean(x^2) - mean(x)^2`, unclamped. @default {false} */
  meanCloseToZero?: boolean | undefined;
}

/** Options of {@linkcode layerNorm}. */
export interface LayerNormOptions {
  /** The axes to normalise over: the last ones, may be negative. */
  axes: readonly number[];
  /** Offset, with the shape of the normalised axes, row-major; none when absent. */
  beta?: ArrayLike<number> | undefined;
  /** Scale, with the shape of the normalised axes, row-major; none when absent. */
  gamma?: ArrayLike<number> | undefined;
  /** Added to the variance, inside the root. @default {1e-5} */
  epsilon?: number | undefined;
  /** Applied last. */
  activation?: ActivationName | undefined;
}

/**
 * Normalises each set of elements by its own mean and biased variance.
 *
 * `y = activation((x - mean) / sqrt(variance + epsilon) * gamma[c] + beta[c])`
 *
 * Source: tf.contrib 1.15 group_norm (docs/semantics.md, sections 4.1 to 4.3), with explicit axes.
 *
 * @param x Any rank with a channel axis. Not modified.
 * @param options Groups, axes, parameters and activation.
 * @returns A new array with the shape of `x`.
 */
export function groupNorm(x: NumberArray, options: GroupNormOptions): Array64 {
  const { beta, gamma, channelsAxis = -1, reductionAxes, epsilon = 1e-6, activation } = options;
  const { mean, variance } = options.meanCloseToZero
    ? onePass(x, options)
    : twoPass(x, reductionAxes, options);
  const { of } = statisticsSets(x.shape, reductionAxes, options);
  const axis = positiveAxis(channelsAxis, x.shape.length);
  const stride = strideOf(x.shape, axis);
  const y = array64(x.data, x.shape);
  for (let index = 0; index < y.data.length; index++) {
    const c = Math.floor(index / stride) % x.shape[axis];
    const set = of[index];
    const normalised = (x.data[index] - mean[set]) / Math.sqrt(variance[set] + epsilon);
    y.data[index] = activate(affine(normalised, c, gamma, beta), activation);
  }
  return y;
}

/**
 * Normalises over the last axes, with one offset and scale for each place within them.
 *
 * `y = activation((x - mean) / sqrt(variance + epsilon) * gamma[place] + beta[place])`
 *
 * Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, eq. 3 and 4, with epsilon added to the
 * variance as PyTorch and ONNX do.
 *
 * @param x Any rank. Not modified.
 * @param options Axes, parameters and activation.
 * @returns A new array with the shape of `x`.
 * @throws {TypeError} If `axes` are not the last ones.
 */
export function layerNorm(x: NumberArray, options: LayerNormOptions): Array64 {
  const { axes, beta, gamma, epsilon = 1e-5, activation } = options;
  const rank = x.shape.length;
  const lead = rank - axes.length;
  if (!axes.map((axis) => positiveAxis(axis, rank)).every((axis) => axis >= lead)) {
    throw new TypeError(
      `Cannot apply layerNorm: axes must be the last of ${rank}, got (${axes.join(", ")})`,
    );
  }
  const { mean, variance } = twoPass(x, axes, {});
  const size = sizeOf(x.shape.slice(lead));
  const y = array64(x.data, x.shape);
  for (let index = 0; index < y.data.length; index++) {
    const set = Math.floor(index / size);
    const normalised = (x.data[index] - mean[set]) / Math.sqrt(variance[set] + epsilon);
    y.data[index] = activate(affine(normalised, index % size, gamma, beta), activation);
  }
  return y;
}

interface Statistics {
  mean: Float64Array;
  variance: Float64Array;
}

function twoPass(
  x: NumberArray,
  axes: readonly number[],
  sets: { groups?: number; channelsAxis?: number | undefined },
): Statistics {
  const { count, mean, m2 } = moments(x, axes, sets);
  return { mean, variance: m2.map((sum, set) => sum / count[set]) };
}

function onePass(x: NumberArray, options: GroupNormOptions): Statistics {
  const { size, of } = statisticsSets(x.shape, options.reductionAxes, options);
  const count = new Float64Array(size);
  const sum = new Float64Array(size);
  const squares = new Float64Array(size);
  for (let index = 0; index < of.length; index++) {
    count[of[index]] += 1;
    sum[of[index]] += x.data[index];
    squares[of[index]] += x.data[index] ** 2;
  }
  const mean = sum.map((total, set) => total / count[set]);
  return { mean, variance: squares.map((total, set) => total / count[set] - mean[set] ** 2) };
}

function affine(
  value: number,
  place: number,
  gamma: ArrayLike<number> | undefined,
  beta: ArrayLike<number> | undefined,
): number {
  const scaled = gamma === undefined ? value : value * gamma[place];
  return beta === undefined ? scaled : scaled + beta[place];
}
