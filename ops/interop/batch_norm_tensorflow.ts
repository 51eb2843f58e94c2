/**
 * Batch norm of tf.contrib.
 *
 * @module
 */
import type { RenormClipping } from "../batch_norm/renorm.ts";
import { checkArguments, checkFlag, checkKeys, type Keys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Vector } from "../tensor/types.ts";
import {
  converted,
  type ImportedBatchNorm,
  KERAS_NAMES,
  RENORM_NAMES,
  renormOptions,
  renormState,
} from "./batch_norm.ts";
import { checkOneOf, Weights } from "./weights.ts";

/** Variables of tf.contrib.layers.batch_norm, without their scope. */
export interface TensorFlowBatchNorm {
  /** With `center`. */
  readonly beta?: Vector;
  /** With `scale`. */
  readonly gamma?: Vector;
  /** Always there. */
  readonly moving_mean?: Vector;
  /** Always there. */
  readonly moving_variance?: Vector;
  /** With `zero_debias_moving_mean`; in checkpoints below `moving_mean`. */
  readonly biased?: Vector;
  /** With `zero_debias_moving_mean`; in checkpoints below `moving_mean`. */
  readonly local_step?: Vector | number;
  /** With `renorm`. */
  readonly moving_stddev?: Vector;
  /** With `renorm`. */
  readonly renorm_mean?: Vector;
  /** With `renorm`. */
  readonly renorm_stddev?: Vector;
}

/** Arguments of tf.contrib.layers.batch_norm that change numbers, with its defaults. */
export interface TensorFlowBatchNormOptions {
  /** Weight of the old moving value; from 0 to 1. @default {0.999} */
  readonly decay?: number;
  /** Added to the variance; finite and `>= 0`. @default {1e-3} */
  readonly epsilon?: number;
  /** There is a beta. @default {true} */
  readonly center?: boolean;
  /** There is a gamma. @default {false} */
  readonly scale?: boolean;
  /** Ran as one kernel where that was possible. @default {true} */
  readonly fused?: boolean;
  /** Where the channels are. @default {"NHWC"} */
  readonly data_format?: "NHWC" | "NCHW";
  /** The moving mean was corrected for its start. @default {false} */
  readonly zero_debias_moving_mean?: boolean;
  /** Trained with batch renormalization. @default {false} */
  readonly renorm?: boolean;
  /** Limits of renorm's corrections. */
  readonly renorm_clipping?: RenormClipping | null;
  /** Weight of the old value in renorm's own moving statistics. @default {0.99} */
  readonly renorm_decay?: number;
}

const DEBIAS_NAMES = ["biased", "local_step"];

const OPTIONS: Keys<TensorFlowBatchNormOptions> = {
  decay: true,
  epsilon: true,
  center: true,
  scale: true,
  fused: true,
  data_format: true,
  zero_debias_moving_mean: true,
  renorm: true,
  renorm_clipping: true,
  renorm_decay: true,
};

/**
 * Batch norm of tf.contrib.layers.batch_norm, TensorFlow 1.15.
 *
 * `decay` is the weight of the old value, as here. Whether the variance moves towards the unbiased one
 * depends on `fused` and the rank of x by the same rule, so `fused` is passed on. The fused kernel
 * raised epsilon to 1.001e-5, which is left to the caller. The renorm of TensorFlow 1.14 and before
 * kept other state (`renorm_mean_weight`, `renorm_stddev_weight`) and cannot be continued; for
 * inference leave its variables and `renorm` out.
 *
 * Source: tf.contrib.layers.batch_norm and moving_averages of TensorFlow 1.15.
 *
 * @param weights The variables, shape `(channels,)` each. Not modified.
 * @param options Arguments that differ from the defaults.
 * @returns What `batchNorm` takes; whether it trains is for each call to say.
 * @throws {TypeError} If a variable is missing, unknown, of another shape, or there against a flag.
 * @throws {RangeError} If a variance, a rate or `epsilon` is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { batchNorm, batchNormFromTensorFlow, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { params, state, options } = batchNormFromTensorFlow({
 *   beta: [1],
 *   moving_mean: [2],
 *   moving_variance: [3.999],
 * });
 * const { y } = await batchNorm(tensor([[4]]), params, state, { ...options, training: false });
 * assertAlmostEquals(y.data[0], (4 - 2) / 2 + 1, 1e-6);
 * ```
 */
export function batchNormFromTensorFlow(
  weights: TensorFlowBatchNorm,
  options: TensorFlowBatchNormOptions = {},
): ImportedBatchNorm {
  const action = "convert TensorFlow batch norm";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, OPTIONS);
  const { decay = 0.999, epsilon = 1e-3, center = true, scale = false, fused = true } = own;
  const { data_format = "NHWC", zero_debias_moving_mean = false, renorm_decay = 0.99 } = own;
  checkNumber(action, "decay", decay, "share");
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkFlag(action, "fused", fused);
  checkOneOf(action, "data_format", data_format, ["NHWC", "NCHW"]);
  checkFlag(action, "zero_debias_moving_mean", zero_debias_moving_mean);
  const renorm = renormOptions(action, own, "renorm_decay", renorm_decay);
  const variables = new Weights(action, weights, "moving_mean", [
    ...KERAS_NAMES,
    ...(zero_debias_moving_mean ? DEBIAS_NAMES : []),
    ...(renorm === undefined ? [] : RENORM_NAMES),
  ]);
  const { params, state } = converted(variables, KERAS_NAMES, {
    beta: ["center", center],
    gamma: ["scale", scale],
  });
  return {
    params,
    state: {
      ...state,
      ...(zero_debias_moving_mean && {
        debias: { biased: variables.vector("biased"), localStep: variables.scalar("local_step") },
      }),
      ...(renorm !== undefined && { renorm: renormState(variables) }),
    },
    options: {
      decay,
      epsilon,
      dataFormat: data_format,
      fused,
      ...(zero_debias_moving_mean && { zeroDebiasMovingMean: true }),
      ...renorm,
    },
  };
}
