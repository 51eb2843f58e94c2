/**
 * Initial values whose variance depends on the number of inputs and outputs.
 *
 * @module
 */
import { checkArguments, checkKeys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import { ACTION, type Initializer, initializer } from "./initializers.ts";
import {
  checkSeed,
  randomNormal,
  randomUniform,
  type SeedOptions,
  truncated,
} from "./random_initializers.ts";

/** Options of {@linkcode varianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** What the variance is, times the fan; more than 0. @default {1} */
  readonly scale?: number;
  /** The fan: inputs, outputs, or the mean of the two. @default {"fanIn"} */
  readonly mode?: "fanIn" | "fanOut" | "fanAvg";
  /** `"normal"` is TensorFlow 1's name of `"truncatedNormal"`. @default {"truncatedNormal"} */
  readonly distribution?: "normal" | "truncatedNormal" | "untruncatedNormal" | "uniform";
}

/**
 * Random numbers of variance `scale / fan`, so that signals keep their size from layer to layer.
 *
 * The last two axes are inputs and outputs, the product of the others is a receptive field that
 * multiplies both; on rank 1 both are the length, on rank 0 one. The uniform distribution reaches
 * from `-sqrt(3 scale / fan)` to `sqrt(3 scale / fan)`; the truncated one is widened so that its
 * variance is right after truncation.
 *
 * Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, eq. 10 (scale 2, fanIn);
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
 * 2010, eq. 16 (scale 1, fanAvg); names and defaults of tf.variance_scaling_initializer.
 *
 * @param options Scale, fan, distribution and seed.
 * @returns The initializer.
 * @throws {TypeError} If the mode or distribution is unknown.
 * @throws {RangeError} If `scale` is not above 0.
 *
 * @example Usage
 * ```ts
 * import { varianceScaling } from "@kernorm/kernorm/training";
 * import { assert } from "@std/assert";
 *
 * const he = varianceScaling({ scale: 2, distribution: "uniform" });
 * assert(he([6, 100]).data.every((v) => Math.abs(v) <= 1)); // sqrt(3 * 2 / 6)
 * ```
 */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  checkArguments(ACTION, arguments, 1);
  const { scale = 1, mode = "fanIn", distribution = "truncatedNormal", seed = 0 } = checkKeys(
    ACTION,
    "options",
    options,
    { scale: true, mode: true, distribution: true, seed: true },
  );
  checkNumber(ACTION, "scale", scale, "finite");
  checkSeed(seed);
  if (!(scale > 0)) {
    throw new RangeError(`Cannot make an initializer: scale must be > 0, got ${scale}`);
  }
  checkName("mode", mode, FANS);
  checkName("distribution", distribution, DISTRIBUTIONS);
  return initializer((shape) => {
    const stddev = Math.sqrt(scale / Math.max(1, FANS[mode](...fansOf(shape))));
    const { data } = DISTRIBUTIONS[distribution](stddev, seed)(shape);
    return (i) => data[i];
  });
}

const FANS = {
  fanIn: (fanIn: number, _fanOut: number) => fanIn,
  fanOut: (_fanIn: number, fanOut: number) => fanOut,
  fanAvg: (fanIn: number, fanOut: number) => (fanIn + fanOut) / 2,
};

const DISTRIBUTIONS = {
  normal: truncated,
  truncatedNormal: truncated,
  untruncatedNormal: (stddev: number, seed: number) => randomNormal({ stddev, seed }),
  uniform: (stddev: number, seed: number) => {
    const limit = Math.sqrt(3) * stddev;
    return randomUniform({ min: -limit, max: limit, seed });
  },
};

function fansOf(shape: readonly number[]): [number, number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const field = sizeOf(shape.slice(0, -2));
  return [shape[shape.length - 2] * field, shape[shape.length - 1] * field];
}

function checkName(name: string, value: string, known: object): void {
  if (typeof value !== "string" || !Object.hasOwn(known, value)) {
    throw new TypeError(
      `Cannot make an initializer: ${name} must be one of ${Object.keys(known).join(", ")}, got ${
        shown(value)
      }`,
    );
  }
}
