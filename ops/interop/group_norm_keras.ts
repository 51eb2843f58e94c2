/**
 * Group norm of Keras.
 *
 * @module
 */
import { checkArguments, checkNames } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import type { Vector } from "../tensor/types.ts";
import { affineOfChannels, checkGroups, type ImportedGroupNorm } from "./affine.ts";
import { type KerasUnusedConfig, unusedNames } from "./keras_config.ts";

/** Weights of keras.layers.GroupNormalization, without the layer's name. */
export interface KerasGroupNorm {
  /** With `scale`. */
  readonly gamma?: Vector;
  /** With `center`. */
  readonly beta?: Vector;
}

/** Configuration of keras.layers.GroupNormalization, with its defaults. */
export interface KerasGroupNormConfig extends KerasUnusedConfig {
  /** How many groups the channels form; must divide them. -1: one per channel. @default {32} */
  readonly groups?: number;
  /** The axis of the channels, negative from the end; not the batch axis 0. @default {-1} */
  readonly axis?: number;
  /** Added to the variance; finite and `>= 0`. @default {1e-3} */
  readonly epsilon?: number;
  /** There is a beta. @default {true} */
  readonly center?: boolean;
  /** There is a gamma. @default {true} */
  readonly scale?: boolean;
  /** Not used: it is for an optimizer. */
  readonly trainable?: unknown;
}

const CONFIG = [
  "groups",
  "axis",
  "epsilon",
  "center",
  "scale",
  "trainable",
  ...unusedNames(["beta", "gamma"]),
];

/**
 * Group norm of keras.layers.GroupNormalization, in Keras 3 or tf.keras.
 *
 * `channelsAxis = axis`; the other names are the same, `groups: -1` included. epsilon is 1e-3 by
 * default in Keras, 1e-6 here. Keras pools every axis but the batch and the channels, as the op does
 * by default.
 *
 * Source: keras/src/layers/normalization/group_normalization.py of Keras 3.
 *
 * @param weights The weights, shape `(channels,)` each. Not modified.
 * @param config The layer's `get_config()`, or what in it differs from the defaults.
 * @returns What `groupNorm` takes.
 * @throws {TypeError} If a weight is missing, unknown, of another shape, or there against a flag, or
 * `axis` is no axis of channels.
 * @throws {RangeError} If `groups` does not divide the channels, or `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { groupNorm, groupNormFromKeras, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const weights = { gamma: [2, 1], beta: [1, 0] };
 * const { params, options } = groupNormFromKeras(weights, { groups: 2 });
 * const x = tensor([[[1, 5], [3, 5]]]); // (samples, positions, channels)
 * const y = await groupNorm(x, params, options);
 * assertAlmostEquals(y.data[2], (3 - 2) / Math.sqrt(1 + 1e-3) * 2 + 1, 1e-6);
 * ```
 */
export function groupNormFromKeras(
  weights: KerasGroupNorm,
  config: KerasGroupNormConfig = {},
): ImportedGroupNorm {
  const action = "convert Keras group norm";
  checkArguments(action, arguments, 2);
  const own = checkNames(action, "config", config, CONFIG);
  const { groups = 32, axis = -1, epsilon = 1e-3, center = true, scale = true } = own;
  if (groups !== -1) checkNumber(action, "groups", groups, "count");
  if (!Number.isSafeInteger(axis) || axis === 0) {
    throw new TypeError(
      `Cannot ${action}: axis must be an integer other than 0, the batch, got ${shown(axis)}`,
    );
  }
  checkNumber(action, "epsilon", epsilon, "notNegative");
  const { params, shape } = affineOfChannels(action, weights, {
    gamma: { name: "gamma", flag: "scale", wanted: scale },
    beta: { name: "beta", flag: "center", wanted: center },
  });
  checkGroups(action, "groups", groups, shape);
  return { params, options: { groups, channelsAxis: axis, epsilon } };
}
