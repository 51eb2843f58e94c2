/**
 * Batch norm of Keras.
 *
 * @module
 */
import type { RenormClipping } from "../batch_norm/renorm.ts";
import type { DataFormat } from "../plan/view.ts";
import { checkArguments, checkFlag, checkKeys, checkNames, readable } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import {
  converted,
  type ImportedBatchNorm,
  KERAS_NAMES,
  RENORM_NAMES,
  renormOptions,
  renormState,
} from "./batch_norm.ts";
import type { TensorFlowBatchNorm } from "./batch_norm_tensorflow.ts";
import { type KerasUnusedConfig, unusedNames } from "./keras_config.ts";
import { checkOneOf, Weights } from "./weights.ts";

/** Weights of keras.layers.BatchNormalization, without the layer's name. */
export type KerasBatchNorm = Omit<TensorFlowBatchNorm, "biased" | "local_step">;

/** Configuration of keras.layers.BatchNormalization, with its defaults. */
export interface KerasBatchNormConfig extends KerasUnusedConfig {
  /** The axis of the channels: -1, 1, or the last one of rank 3, 4 or 5. @default {-1} */
  readonly axis?: number | readonly number[];
  /** Weight of the old moving value; from 0 to 1. @default {0.99} */
  readonly momentum?: number;
  /** Added to the variance; finite and `>= 0`. @default {1e-3} */
  readonly epsilon?: number;
  /** There is a beta. @default {true} */
  readonly center?: boolean;
  /** There is a gamma. @default {true} */
  readonly scale?: boolean;
  /** A layer that is not trainable is always in inference. @default {true} */
  readonly trainable?: boolean;
  /** Trained with batch renormalization. @default {false} */
  readonly renorm?: boolean;
  /** Limits of renorm's corrections. */
  readonly renorm_clipping?: RenormClipping | null;
  /** Weight of the old value in renorm's own moving statistics. @default {0.99} */
  readonly renorm_momentum?: number;
  /** Cannot be converted unless it is `null`. @default {null} */
  readonly virtual_batch_size?: null;
  /** Not used: give `batchNorm` the statistics of several devices as `moments`, or `replicas`. */
  readonly synchronized?: unknown;
}

/** What the configuration of a Keras layer leaves open. */
export interface KerasBatchNormOptions {
  /**
   * The layer trained with TensorFlow's fused kernel, which moves the variance towards the unbiased
   * one: in tf.keras of TensorFlow 1 and 2 on rank 4, unless there was renorm or `fused=False`; never
   * in Keras 3.
   *
   * @default {false}
   */
  readonly fused?: boolean;
}

const CONFIG = [
  "axis",
  "momentum",
  "epsilon",
  "center",
  "scale",
  "trainable",
  "renorm",
  "renorm_clipping",
  "renorm_momentum",
  "virtual_batch_size",
  "synchronized",
  ...unusedNames(KERAS_NAMES),
];

/** Data formats by the axis of the channels; 3 is the last one of rank 4. */
const FORMATS: ReadonlyMap<unknown, DataFormat> = new Map([
  [-1, "channelsLast"],
  [1, "channelsFirst"],
  [2, "NWC"],
  [3, "NHWC"],
  [4, "NDHWC"],
]);

/**
 * Batch norm of keras.layers.BatchNormalization, in Keras 3 or tf.keras, and of tf.layers.
 *
 * `momentum` is the weight of the old value, which is `decay` here. Statistics of several axes and
 * virtual batches cannot be converted. The fused kernel raised epsilon to 1.001e-5, which is left to the
 * caller.
 *
 * Source: keras.layers.BatchNormalization of Keras 3 and of TensorFlow 1.15.
 *
 * @param weights The weights, shape `(channels,)` each. Not modified.
 * @param config The layer's `get_config()`, or what in it differs from the defaults.
 * @param options What the configuration does not say.
 * @returns What `batchNorm` takes; whether it trains is for each call to say, unless the layer is not
 * trainable.
 * @throws {TypeError} If a weight is missing, unknown, of another shape, or there against a flag, or
 * the configuration cannot be converted.
 * @throws {RangeError} If a variance, a rate or `epsilon` is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { batchNorm, batchNormFromKeras, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const weights = { gamma: [2], beta: [1], moving_mean: [2], moving_variance: [3.999] };
 * const { params, state, options } = batchNormFromKeras(weights, { axis: [3], momentum: 0.9 });
 * const x = tensor([[[[4]]]]);
 * const { y } = await batchNorm(x, params, state, { ...options, training: false });
 * assertAlmostEquals(y.data[0], (4 - 2) / 2 * 2 + 1, 1e-6);
 * ```
 */
export function batchNormFromKeras(
  weights: KerasBatchNorm,
  config: KerasBatchNormConfig = {},
  options: KerasBatchNormOptions = {},
): ImportedBatchNorm {
  const action = "convert Keras batch norm";
  checkArguments(action, arguments, 3);
  const own = checkNames(action, "config", config, CONFIG);
  const { axis = -1, momentum = 0.99, epsilon = 1e-3, center = true, scale = true } = own;
  const { trainable = true, renorm_momentum = 0.99, virtual_batch_size = null } = own;
  const { fused = false } = checkKeys(action, "options", options, { fused: true });
  const channels: unknown = readable(
    action,
    "axis",
    () => Array.isArray(axis) && axis.length === 1 ? axis[0] : axis,
  );
  checkOneOf(action, "axis", channels, [...FORMATS.keys()]);
  checkNumber(action, "momentum", momentum, "share");
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkFlag(action, "trainable", trainable);
  checkOneOf(action, "virtual_batch_size", virtual_batch_size, [null]);
  checkFlag(action, "fused", fused);
  const renorm = renormOptions(action, own, "renorm_momentum", renorm_momentum);
  if (fused && renorm !== undefined) {
    throw new TypeError(`Cannot ${action}: fused must not be combined with renorm, got both`);
  }
  const variables = new Weights(action, weights, "moving_mean", [
    ...KERAS_NAMES,
    ...(renorm === undefined ? [] : RENORM_NAMES),
  ]);
  const { params, state } = converted(variables, KERAS_NAMES, {
    beta: ["center", center],
    gamma: ["scale", scale],
  });
  return {
    params,
    state: { ...state, ...(renorm !== undefined && { renorm: renormState(variables) }) },
    options: {
      decay: momentum,
      epsilon,
      dataFormat: FORMATS.get(channels)!,
      unbiasedMovingVariance: fused,
      ...(!trainable && { training: false }),
      ...renorm,
    },
  };
}
