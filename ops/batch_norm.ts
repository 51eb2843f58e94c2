/**
 * Batch norm with its state in and out.
 *
 * @module
 */
import { recordBatchNorm } from "./_batch_norm.ts";
import { adjustedOnce, recordBatchNormVjp } from "./_batch_norm_vjp.ts";
import { stateFields } from "./_batch_norm_checks.ts";
import { checkArguments, checkFlag, fieldsOf, readable } from "./_checks.ts";
import { checkChannels, filled, initialized, initializedParams, initOptions } from "./_init.ts";
import type { DataFormat } from "./_layout.ts";
import { runOp } from "./_calls.ts";
import { owned } from "./_run.ts";
import { vjpOf } from "./_vjp.ts";
import type { NormCotangents, NormOptions, NormParams } from "./group_norm.ts";
import type { Initializer } from "./initializers.ts";
import type { Moments } from "./moments.ts";
import type { Tensor, TensorLike, Vector } from "./tensor.ts";

export type { DataFormat, NormOptions, NormParams };

/** What batch norm carries from one training step to the next: plain data, structured-clone safe. */
export interface BatchNormState<V = Vector> {
  /**
   * Moving mean per channel. The mean of a batch that goes into it is within 3e-7 of the larger of its
   * magnitude and the batch's deviation, wherever up to three outliers lie.
   */
  readonly movingMean: V;
  /** Moving variance per channel. */
  readonly movingVariance: V;
  /** What `zeroDebiasMovingMean` needs. */
  readonly debias?: {
    /** Moving mean that started at 0. */
    readonly biased: V;
    /** Steps taken, shape `()`. */
    readonly localStep: Tensor;
  };
  /** What `renorm` needs. */
  readonly renorm?: {
    /** Moving standard deviation per channel. */
    readonly movingStddev: V;
    /** Moving mean that r and d refer to. */
    readonly renormMean: V;
    /** Moving standard deviation that r and d refer to. */
    readonly renormStddev: V;
  };
}

/** Limits of renorm's corrections; one that is left out does not limit. */
export interface RenormClipping {
  /** Least r. */
  readonly rmin?: number;
  /** Largest r. */
  readonly rmax?: number;
  /** Largest |d|. */
  readonly dmax?: number;
}

/** A scale and a bias that broadcast to x, applied before gamma and beta. */
export interface AdjustmentTensors {
  /** What the normalised values are multiplied by. */
  readonly scale: Tensor;
  /** What is added to them then. */
  readonly bias: Tensor;
}

/** An adjustment, or a function of x's shape that returns one; it is called at every execution. */
export type Adjustment =
  | AdjustmentTensors
  | ((shape: readonly number[]) => AdjustmentTensors);

/** Options for {@linkcode batchNorm}; `epsilon` is 1e-3 by default. */
export interface BatchNormOptions extends NormOptions {
  /** Use and update with the batch's statistics; else use the moving ones. @default {true} */
  readonly training?: boolean;
  /** Weight of the old moving value; from 0 to 1. @default {0.999} */
  readonly decay?: number;
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Weight of each sample in the statistics; finite and `>= 0`. Training only. */
  readonly batchWeights?: Vector;
  /** Only sets the default of `unbiasedMovingVariance`, as in TensorFlow 1.15. @default {true} */
  readonly fused?: boolean;
  /**
   * Move the variance towards the unbiased one, which divides by `n - 1`.
   *
   * @default {true on rank 2 and 4 with fused and without batchWeights, renorm and adjustment}
   */
  readonly unbiasedMovingVariance?: boolean;
  /** Correct the moving mean for its start. Training only. @default {false} */
  readonly zeroDebiasMovingMean?: boolean;
  /** Correct the result towards the moving statistics. Training only. @default {false} */
  readonly renorm?: boolean;
  /** Limits of renorm's corrections. */
  readonly renormClipping?: RenormClipping;
  /** Weight of the old value in renorm's own moving statistics; from 0 to 1. @default {0.99} */
  readonly renormDecay?: number;
  /** Scales and shifts the normalised values before gamma and beta. Training only. */
  readonly adjustment?: Adjustment;
  /** Moments to normalise and update with instead of the batch's own, `(channels,)` each. */
  readonly moments?: Moments;
}

/** What {@linkcode batchNorm} answers. */
export interface BatchNormResult {
  /** The normalised tensor. */
  readonly y: Tensor;
  /** The state for the next call; a new object. */
  readonly state: BatchNormState<Tensor>;
}

/**
 * Normalises every channel over the batch and all positions, or by moving statistics.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`. In training mean and biased variance
 * are the batch's, and the moving ones become `m - (m - value) * (1 - decay)`; else the moving ones
 * are used and the state comes out as it went in. With renorm the normalised value is first turned
 * into `x-hat * r + d`, `r = sigma / R` and `d = (mean - renormMean) / R` with
 * `sigma = sqrt(variance + epsilon)` and `R = max(renormStddev, sqrt(epsilon))`, each clipped; then
 * with an adjustment into `z * scale + bias`. An empty batch gives an empty y and changes nothing; a
 * single value per channel has variance 0 and gives beta.
 *
 * Source: Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 1; Ioffe, "Batch
 * Renormalization", 2017, algorithm 1; arguments, defaults and the order of updates as in
 * tf.contrib.layers.batch_norm of TensorFlow 1.15, whose fused kernel also raises epsilon to
 * 1.001e-5, which this does not.
 *
 * @param x Input, rank 2 to 5. Not modified.
 * @param params `beta` and `gamma`, shape `(channels,)` each. Not modified.
 * @param state Moving statistics, from {@linkcode initBatchNorm} or an earlier call. Not modified.
 * @param options Mode, rates, data format, weights, corrections, activation and runtime.
 * @returns The normalised tensor and the new state.
 * @throws {TypeError} If a shape, a length, the state or a combination of options is wrong.
 * @throws {RangeError} If a rate, limit, weight or `epsilon` is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { batchNorm, initBatchNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { params, state } = initBatchNorm(1);
 * const x = tensor([[1], [2], [3], [4]]);
 * const { y, state: next } = await batchNorm(x, params, state, { decay: 0.9 });
 * assertAlmostEquals(y.data[0], -1.34110445, 1e-6);
 * assertAlmostEquals(next.movingMean.data[0], 0.25, 1e-6);
 * ```
 */
export async function batchNorm(
  x: TensorLike,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions = {},
): Promise<BatchNormResult> {
  const action = "apply batchNorm";
  checkArguments(action, arguments, 4);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const before = stateFields(action, state);
  return await runOp(action, own.runtime, recordBatchNorm, x, given, before, own);
}

/** The cotangents of {@linkcode batchNorm}, each under the name of what it belongs to. */
export interface BatchNormCotangents extends NormCotangents {
  /** Of the samples' weights, if there are any. */
  readonly batchWeights?: Tensor;
  /** Of the adjustment, in the shapes in which it was given. */
  readonly adjustment?: AdjustmentTensors;
  /** Of moments that were given; `count` has shape (). */
  readonly moments?: { readonly count: Tensor; readonly mean: Tensor; readonly m2: Tensor };
}

/** A result of {@linkcode batchNorm} with the way back to its arguments. */
export interface BatchNormVjp extends BatchNormResult {
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<BatchNormCotangents>;
}

/**
 * {@linkcode batchNorm} and its vector-Jacobian product: `vjp(dy)` is the gradient of `sum(dy * y)` with
 * respect to every argument but the state, which is a constant, as are renorm's r and d.
 *
 * With `s = 1 / sqrt(variance + epsilon)`, `x-hat = (x - mean) s`, an activation f, `g = dy f'(y before
 * f)`, an adjustment's scale a and bias b (1 and 0 without one), `h = g gamma a r`, and sums over the n
 * elements of a channel:
 *
 * - `x: s (h - sum(h) / n - x-hat sum(h x-hat) / n)` in training; with moments that do not depend on x,
 *   given ones or in inference, `s h`; with batchWeights w, `w / W` of the sample stands for `1 / n`,
 *   `W = sum(w)`
 * - `beta: sum g`, `gamma: sum g ((x-hat r + d) a + b)`
 * - `adjustment.scale: g gamma (x-hat r + d)` and `adjustment.bias: g gamma`, summed to their shapes
 * - `batchWeights: (1 / W) sum over a sample of -s A (x - mean) - s^2 B ((x - mean)^2 - variance) / 2`
 *   with `A = sum h` and `B = sum h x-hat` of the channel
 * - `moments.mean: -s sum h`, `moments.m2: -s^2 sum(h x-hat) / (2 count)`, and `moments.count: -variance`
 *   times that of m2, summed
 *
 * At a kink an activation has the slope on its left. An adjustment that is a function is called once,
 * for both ways. Intermediates are computed anew from the copies; inside a {@linkcode pipeline} both
 * ways share the moments.
 *
 * Source: Ioffe and Szegedy, "Batch Normalization", 2015, section 3; Ioffe, "Batch Renormalization",
 * 2017, section 3.
 *
 * @param x As for {@linkcode batchNorm}; a copy is kept for `vjp`.
 * @param params As for {@linkcode batchNorm}; a copy is kept for `vjp`.
 * @param state As for {@linkcode batchNorm}; a copy is kept for `vjp`.
 * @param options As for {@linkcode batchNorm}; copies are kept for `vjp`.
 * @returns `y`, the new state, and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode batchNorm}; `vjp` rejects if `dy` is not a tensor of the shape of
 * `x`.
 * @throws {RangeError} As {@linkcode batchNorm}.
 *
 * @example Usage
 * ```ts
 * import { batchNormVjp, initBatchNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { params, state } = initBatchNorm(1, { scale: true });
 * const { vjp } = await batchNormVjp(tensor([[1], [2], [4]]), params, state);
 * const { x, params: cotangents } = await vjp(tensor([[1], [0], [0]]));
 * assertAlmostEquals(x.data[0] + x.data[1] + x.data[2], 0, 1e-6);
 * assertAlmostEquals(cotangents.gamma!.data[0], -1.0687015, 1e-5);
 * ```
 */
export async function batchNormVjp(
  x: TensorLike,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions = {},
): Promise<BatchNormVjp> {
  const action = "apply batchNorm";
  checkArguments(action, arguments, 4);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const before = stateFields(action, state);
  const fixed = adjustedOnce(readable(action, "x", () => owned(x)), before, own);
  const vjp = vjpOf(
    "pull back batchNorm",
    own.runtime,
    recordBatchNormVjp,
    x,
    given,
    before,
    fixed,
  );
  return { ...await batchNorm(x, given, before, fixed), vjp };
}

/** Options for {@linkcode initBatchNorm}. */
export interface InitBatchNormOptions {
  /** Make `beta`. @default {true} */
  readonly center?: boolean;
  /** Make `gamma`. @default {false} */
  readonly scale?: boolean;
  /** Make the state that `zeroDebiasMovingMean` needs. @default {false} */
  readonly zeroDebiasMovingMean?: boolean;
  /** Make the state that `renorm` needs. @default {false} */
  readonly renorm?: boolean;
  /** How parameters and moving statistics start. @default {zeros() for beta and movingMean, ones() for gamma and movingVariance} */
  readonly initializers?: {
    readonly beta?: Initializer;
    readonly gamma?: Initializer;
    readonly movingMean?: Initializer;
    readonly movingVariance?: Initializer;
  };
}

/**
 * The references' initial parameters and state of batch norm: beta 0, no gamma, moving mean 0, moving
 * variance 1; for renorm the moving deviations are the root of the moving variance.
 *
 * @param channels How many channels; an integer from 1.
 * @param options Which parameters and state, and how they start.
 * @returns New parameters and state.
 * @throws {TypeError} If an option is unknown or an initializer returns another shape.
 * @throws {RangeError} If `channels` is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { initBatchNorm } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, state } = initBatchNorm(3, { renorm: true });
 * assertEquals(Object.keys(params), ["beta"]);
 * assertEquals(state.renorm?.movingStddev.data, new Float32Array([1, 1, 1]));
 * ```
 */
export function initBatchNorm(channels: number, options: InitBatchNormOptions = {}): {
  params: { beta?: Tensor; gamma?: Tensor };
  state: BatchNormState<Tensor>;
} {
  const action = "initialize batchNorm";
  checkArguments(action, arguments, 2);
  checkChannels(action, channels);
  const flags = ["center", "scale", "zeroDebiasMovingMean", "renorm"];
  const names = ["beta", "gamma", "movingMean", "movingVariance"];
  const own = initOptions(action, options, flags, names);
  const { center = true, scale = false, initializers = {} } = own;
  const { zeroDebiasMovingMean = false, renorm = false } = own;
  checkFlag(action, "zeroDebiasMovingMean", zeroDebiasMovingMean);
  checkFlag(action, "renorm", renorm);
  const shape = [channels];
  const make = (name: "movingMean" | "movingVariance", value: number) =>
    initialized(action, name, initializers[name] ?? filled(value), shape);
  const root = ({ data }: Tensor) => ({ shape, data: data.map(Math.sqrt) });
  return {
    params: initializedParams(action, shape, { center, scale, initializers }),
    state: {
      movingMean: make("movingMean", 0),
      movingVariance: make("movingVariance", 1),
      ...(zeroDebiasMovingMean && {
        debias: { biased: filled(0)(shape), localStep: filled(0)([]) },
      }),
      ...(renorm && {
        renorm: {
          movingStddev: root(make("movingVariance", 1)),
          renormMean: make("movingMean", 0),
          renormStddev: root(make("movingVariance", 1)),
        },
      }),
    },
  };
}
