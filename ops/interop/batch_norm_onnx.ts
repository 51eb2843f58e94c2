/**
 * Batch norm of ONNX.
 *
 * @module
 */
import { checkArguments, checkKeys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Vector } from "../tensor/types.ts";
import { converted, type ImportedBatchNorm } from "./batch_norm.ts";
import { checkOneOf, Weights } from "./weights.ts";

/** Inputs of ONNX's BatchNormalization behind X, in the names of operator set 14 and later. */
export interface OnnxBatchNorm {
  /** Gamma. */
  readonly scale?: Vector;
  /** Beta. */
  readonly B?: Vector;
  /** `mean` up to operator set 13. */
  readonly input_mean?: Vector;
  /** `var` up to operator set 13. */
  readonly input_var?: Vector;
}

/** Attributes of ONNX's BatchNormalization, with their defaults. */
export interface OnnxBatchNormAttributes {
  /** Added to the variance; finite and `>= 0`. @default {1e-5} */
  readonly epsilon?: number;
  /** Weight of the old moving value; from 0 to 1. @default {0.9} */
  readonly momentum?: number;
  /** Use the batch's statistics. From operator set 14 on. @default {0} */
  readonly training_mode?: 0 | 1;
  /** Statistics per channel; 0 cannot be converted. Up to operator set 8. @default {1} */
  readonly spatial?: 0 | 1;
}

/**
 * Batch norm of ONNX's operator BatchNormalization.
 *
 * `momentum` is the weight of the old value, which is `decay` here; the channels are on axis 1; the
 * running variance moves towards the biased one; `training` is `training_mode`. Up to operator set 8,
 * `spatial: 0` asked for statistics per element, which cannot be converted.
 *
 * Source: BatchNormalization 1 to 15 of ONNX's operators.
 *
 * @param weights The inputs, shape `(channels,)` each. Not modified.
 * @param attributes Attributes of the node that differ from the defaults.
 * @returns What `batchNorm` takes.
 * @throws {TypeError} If an input is missing, unknown or of another shape, or an attribute cannot be
 * converted.
 * @throws {RangeError} If a variance, `momentum` or `epsilon` is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { batchNorm, batchNormFromOnnx, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const inputs = { scale: [2], B: [1], input_mean: [2], input_var: [4] };
 * const { params, state, options } = batchNormFromOnnx(inputs, { epsilon: 0 });
 * const { y } = await batchNorm(tensor([[4]]), params, state, options);
 * assertAlmostEquals(y.data[0], (4 - 2) / 2 * 2 + 1, 1e-6);
 * ```
 */
export function batchNormFromOnnx(
  weights: OnnxBatchNorm,
  attributes: OnnxBatchNormAttributes = {},
): ImportedBatchNorm {
  const action = "convert ONNX batch norm";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "attributes", attributes, {
    epsilon: true,
    momentum: true,
    training_mode: true,
    spatial: true,
  });
  const { epsilon = 1e-5, momentum = 0.9, training_mode = 0, spatial = 1 } = own;
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkNumber(action, "momentum", momentum, "share");
  checkOneOf(action, "training_mode", training_mode, [0, 1]);
  checkOneOf(action, "spatial", spatial, [1]);
  const names = ["B", "scale", "input_mean", "input_var"] as const;
  return {
    ...converted(new Weights(action, weights, "input_mean", names), names),
    options: {
      training: training_mode === 1,
      decay: momentum,
      epsilon,
      dataFormat: "channelsFirst",
      unbiasedMovingVariance: false,
    },
  };
}
