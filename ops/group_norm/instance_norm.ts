/**
 * Instance norm: statistics over the positions of one sample and channel.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import type { NormOptions, NormParams } from "../norm/options.ts";
import type { Plan } from "../plan/plan.ts";
import type { DataFormat } from "../plan/view.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf } from "../tensor/arguments.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { COMMON, grouped, type Norm, recordNorm } from "./norm.ts";

/** Options for {@linkcode instanceNorm}; `epsilon` is 1e-6 by default. */
export interface InstanceNormOptions<R extends AnyRuntime = Runtime> extends NormOptions<R> {
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
}

/**
 * Normalises every channel of every sample over its positions: group norm with as many groups as
 * channels.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the biased variance over the
 * spatial axes of one sample and channel. On rank 2 there are none, so `y = beta`.
 *
 * Source: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, eq. 2; defaults as in
 * tf.contrib.layers.instance_norm.
 *
 * @param x Input, rank 2 to 5. Not modified.
 * @param params `beta` and `gamma`, shape `(channels,)` each. Not modified.
 * @param options Data format, stabiliser, activation and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If a shape, a length or the data format is wrong.
 * @throws {RangeError} If `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { instanceNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor([[[1, 10], [3, 30]]]); // (samples, positions, channels)
 * const y = await instanceNorm(x);
 * assertAlmostEquals(y.data[3], 1, 1e-5);
 * ```
 */
export async function instanceNorm<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  params: NormParams = {},
  options: InstanceNormOptions<R> = {},
): Promise<Placed<Tensor, R>> {
  const action = "apply instanceNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  return await runOp(action, own.runtime, recordInstanceNorm, x, given, own);
}

/** Records {@linkcode instanceNorm}, with the passes of group norm. */
export function recordInstanceNorm(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  options: InstanceNormOptions<AnyRuntime>,
): Tensor {
  return recordNorm(plan, checkInstanceNorm(x, params, options));
}

/** Checks the arguments of {@linkcode instanceNorm}. */
export function checkInstanceNorm(
  x: AnyTensor,
  params: NormParams,
  options: InstanceNormOptions<AnyRuntime>,
): Norm {
  const action = "apply instanceNorm";
  const own = checkKeys(action, "options", options, { dataFormat: true, ...COMMON });
  const dataFormat = own.dataFormat ?? "NHWC";
  return grouped(action, x, params, { epsilon: 1e-6, ...own, dataFormat, groups: -1 });
}
