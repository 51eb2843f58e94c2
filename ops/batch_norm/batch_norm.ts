/**
 * Batch norm with its state in and out.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import type { NormParams } from "../norm/options.ts";
import type { Plan } from "../plan/plan.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import type { AnyTensor, TensorLike } from "../tensor/types.ts";
import { checkCall, readCall } from "./call.ts";
import { ACTION, type BatchNormOptions } from "./options.ts";
import { batchNormOver, meetingOf } from "./replicas.ts";
import { type BatchNormResult, isNothing, resultOf, unchanged } from "./result.ts";
import { type BatchNormState, stateFields } from "./state.ts";

/**
 * Normalises every channel over the batch and all positions, or by moving statistics.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`. In training mean and biased variance
 * are the batch's, and the moving ones become `m - (m - value) * (1 - decay)`; else the moving ones
 * are used and the state comes out as it went in. With renorm the normalised value is first turned
 * into `x-hat * r + d`, `r = sigma / R` and `d = (mean - renormMean) / R` with
 * `sigma = sqrt(variance + epsilon)` and `R = max(renormStddev, sqrt(epsilon))`, each clipped; then
 * with an adjustment into `z * scale + bias`. An empty batch gives an empty y and, unless moments
 * are given, changes nothing; a single value per channel has variance 0 and gives beta.
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
export async function batchNorm<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions<R> = {},
): Promise<Placed<BatchNormResult, R>> {
  const action = "apply batchNorm";
  checkArguments(action, arguments, 4);
  const given = fieldsOf(action, "options", options);
  const group = meetingOf(given);
  const { replicas: _, ...own } = given;
  if (group !== undefined) return await batchNormOver(group, x, params, state, own);
  const affine = fieldsOf(action, "params", params);
  const before = stateFields(action, state);
  return await runOp(action, own.runtime, recordBatchNorm, x, affine, before, own);
}

/**
 * Records {@linkcode batchNorm}: in training x is read for the moments and for y, in inference for y
 * only; y is written once.
 */
export function recordBatchNorm(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions<AnyRuntime>,
): BatchNormResult {
  const before = stateFields(ACTION, state);
  const checked = checkCall(x, params, before, fieldsOf(ACTION, "options", options));
  if (isNothing(x, checked.options)) return unchanged(x, before);
  return resultOf(plan, x, before, readCall(plan, checked));
}
