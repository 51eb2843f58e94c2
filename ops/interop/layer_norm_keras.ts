/**
 * Layer norm of Keras.
 *
 * @module
 */
import { checkArguments, checkFlag, checkNames, integersOf } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Vector } from "../tensor/types.ts";
import { affineFrom, checkRank, type ImportedLayerNorm } from "./affine.ts";
import { type KerasUnusedConfig, unusedNames } from "./keras_config.ts";

/** Weights of keras.layers.LayerNormalization, without the layer's name. */
export interface KerasLayerNorm {
  /** With `scale`; one number for each element of the axes. */
  readonly gamma?: Vector;
  /** With `center`; one number for each element of the axes. */
  readonly beta?: Vector;
}

/** Configuration of keras.layers.LayerNormalization, with its defaults. */
export interface KerasLayerNormConfig extends KerasUnusedConfig {
  /** The axes that are normalised together: the last ones, in ascending order. @default {-1} */
  readonly axis?: number | readonly number[];
  /** Added to the variance; finite and `>= 0`. @default {1e-3} */
  readonly epsilon?: number;
  /** There is a beta. @default {true} */
  readonly center?: boolean;
  /** There is a gamma. @default {true} */
  readonly scale?: boolean;
  /** Cannot be converted unless it is `false`. @default {false} */
  readonly rms_scaling?: boolean;
  /** Not used: it is for an optimizer. */
  readonly trainable?: unknown;
}

const CONFIG = [
  "axis",
  "epsilon",
  "center",
  "scale",
  "rms_scaling",
  "trainable",
  ...unusedNames(["beta", "gamma"]),
];

/**
 * Layer norm of keras.layers.LayerNormalization, in Keras 3 or tf.keras.
 *
 * `axes = axis`, as a list; the other names are the same. epsilon is 1e-3 by default in Keras, 1e-5
 * here. Axes from the front, as Keras stores them once it knows the rank, are for inputs of that rank:
 * `layerNorm` refuses an x of which they are not the last. With `rms_scaling` Keras
 * divides by the deviation and subtracts no mean, which no op here does: `rmsNorm` divides by the root
 * of the mean square.
 *
 * Source: keras/src/layers/normalization/layer_normalization.py of Keras 3.
 *
 * @param weights The weights, with the shape of the normalised axes. Not modified.
 * @param config The layer's `get_config()`, or what in it differs from the defaults.
 * @returns What `layerNorm` takes.
 * @throws {TypeError} If a weight is missing, unknown, of another shape, or there against a flag, or
 * the axes cannot be the last ones in ascending order, or there is `rms_scaling`.
 * @throws {RangeError} If an axis is no integer, or `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { layerNorm, layerNormFromKeras, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const weights = { gamma: [2, 1], beta: [1, 0] };
 * const { params, options } = layerNormFromKeras(weights, { axis: [1] });
 * const y = await layerNorm(tensor([[1, 3]]), params, options);
 * assertAlmostEquals(y.data[0], (1 - 2) / Math.sqrt(1 + 1e-3) * 2 + 1, 1e-6);
 * ```
 */
export function layerNormFromKeras(
  weights: KerasLayerNorm,
  config: KerasLayerNormConfig = {},
): ImportedLayerNorm {
  const action = "convert Keras layer norm";
  checkArguments(action, arguments, 2);
  const own = checkNames(action, "config", config, CONFIG);
  const { axis = -1, epsilon = 1e-3, center = true, scale = true, rms_scaling = false } = own;
  const axes = axesOf(action, axis);
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkFlag(action, "rms_scaling", rms_scaling);
  if (rms_scaling) {
    throw new TypeError(
      `Cannot ${action}: rms_scaling must be false, since layerNorm subtracts the mean, got true`,
    );
  }
  const { params, shape } = affineFrom(action, weights, {
    gamma: { name: "gamma", flag: "scale", wanted: scale },
    beta: { name: "beta", flag: "center", wanted: center },
  });
  if (shape !== undefined) checkRank(action, scale ? "gamma" : "beta", shape, axes.length);
  return { params, options: { axes, epsilon } };
}

/** The axes as a list, if they may be the last ones; the weights have their order. */
function axesOf(action: string, axis: number | readonly number[]): number[] {
  const axes = integersOf(action, "axis", typeof axis === "number" ? [axis] : axis, "");
  const last = axes.at(-1);
  const areNeighbours = axes.every((axis, i) => axis === axes[0] + i);
  const areLast = last === -1 || (last !== undefined && last >= 0 && axes[0] >= 0);
  if (areNeighbours && areLast) return axes;
  throw new TypeError(
    `Cannot ${action}: axis must name the last axes in ascending order, got [${axes.join(", ")}]`,
  );
}
