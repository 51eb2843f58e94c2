/**
 * Group norm: statistics over the channels of a group and the positions of one sample.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import type { NormParams } from "../norm/options.ts";
import type { Plan } from "../plan/plan.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf } from "../tensor/arguments.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { COMMON, grouped, type GroupNormOptions, type Norm, recordNorm } from "./norm.ts";

/**
 * Normalises groups of channels of every sample.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the biased variance; mean and
 * variance are taken over the channels of one group and the axes `reductionAxes`, of which the
 * default is every axis but the batch and the channels. Explicit axes are literal: naming axis 0
 * pools the batch. A set of one element has variance 0 and gives `beta`.
 *
 * Source: Wu and He, "Group Normalization", 2018, eq. 1 to 4; arguments and defaults as in
 * tf.contrib.layers.group_norm, whose default axes on rank 3 would pool the batch.
 *
 * @param x Input, rank 2 or more, `channels` on the channels axis. Not modified.
 * @param params `beta` and `gamma`, shape `(channels,)` each. Not modified.
 * @param options Groups, axes, stabiliser, activation and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If a shape, a length, an axis list or a combination is wrong.
 * @throws {RangeError} If `groups` does not divide the channels, an axis is out of range, or
 * `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { groupNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [1, 1, 2, 4]);
 * const y = await groupNorm(x, {}, { groups: 2 });
 * assertAlmostEquals(y.data[0], -1.21267798, 1e-6);
 * ```
 */
export async function groupNorm<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  params: NormParams = {},
  options: GroupNormOptions<R> = {},
): Promise<Placed<Tensor, R>> {
  const action = "apply groupNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  return await runOp(action, own.runtime, recordGroupNorm, x, given, own);
}

/** Records {@linkcode groupNorm}: x is read for the moments and for y, which is written once. */
export function recordGroupNorm(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  options: GroupNormOptions<AnyRuntime>,
): Tensor {
  return recordNorm(plan, checkGroupNorm(x, params, options));
}

/** Checks the arguments of {@linkcode groupNorm}. */
export function checkGroupNorm(
  x: AnyTensor,
  params: NormParams,
  options: GroupNormOptions<AnyRuntime>,
): Norm {
  const action = "apply groupNorm";
  const own = checkKeys(action, "options", options, {
    groups: true,
    channelsAxis: true,
    dataFormat: true,
    reductionAxes: true,
    meanCloseToZero: true,
    ...COMMON,
  });
  return grouped(action, x, params, { groups: 32, epsilon: 1e-6, ...own });
}
