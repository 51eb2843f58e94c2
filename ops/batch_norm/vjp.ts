/**
 * Records the vector-Jacobian product of batch norm.
 *
 * @module
 */
import { vjpOf } from "../call/vjp.ts";
import type { AppliedFlags, NormParams, OnlyParams } from "../norm/options.ts";
import type { Plan } from "../plan/plan.ts";
import { read, type SymbolicVjp } from "../plan/symbolic.ts";
import { owned } from "../plan/tree.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf, readable } from "../tensor/arguments.ts";
import { checkCotangent } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { fixedAdjustment } from "./adjustment.ts";
import { batchNorm } from "./batch_norm.ts";
import { checkCall, readCall } from "./call.ts";
import type { BatchNormCotangents } from "./cotangents.ts";
import { type BatchNormOptions, checkBatchNorm } from "./options.ts";
import { nothing, PULL, pullBack } from "./pull.ts";
import { meetingOf } from "./replicas.ts";
import { batchNormVjpOver } from "./replicas_vjp.ts";
import { type BatchNormResult, isNothing, resultOf, unchanged } from "./result.ts";
import { type BatchNormState, stateFields } from "./state.ts";

/** A result of {@linkcode batchNorm} with the way back to its arguments. */
export interface BatchNormVjp<
  P extends NormParams = NormParams,
  Center extends boolean = boolean,
  Scale extends boolean = boolean,
> extends BatchNormResult {
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<BatchNormCotangents<P, Center, Scale>>;
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
 * for both ways. Intermediates are computed again from the copies; inside a {@linkcode pipeline} both
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
 * assertAlmostEquals(cotangents.gamma.data[0], -1.0687015, 1e-5);
 * ```
 */
export async function batchNormVjp<
  P extends NormParams & OnlyParams<P>,
  Center extends boolean = true,
  Scale extends boolean = true,
  R extends AnyRuntime = Runtime,
>(
  x: TensorLike,
  params: P,
  state: BatchNormState,
  options: BatchNormOptions<R> & AppliedFlags<Center, Scale> = {},
): Promise<Placed<BatchNormVjp<P, Center, Scale>, R>> {
  const action = "apply batchNorm";
  checkArguments(action, arguments, 4);
  const all = fieldsOf(action, "options", options);
  const group = meetingOf(all);
  const { replicas: _, ...own } = all;
  if (group !== undefined) {
    return await batchNormVjpOver(group, x, params, state, own) as Placed<
      BatchNormVjp<P, Center, Scale>,
      R
    >;
  }
  const given: NormParams = fieldsOf(action, "params", params);
  const before = stateFields(action, state);
  const ownX = readable(action, "x", () => owned(x));
  const { training } = readable(
    action,
    "arguments",
    () => checkBatchNorm(action, ownX, before, own),
  );
  const fixed = fixedAdjustment(action, ownX, own, training);
  const vjp = vjpOf(
    PULL,
    own.runtime,
    recordBatchNormVjp<P, Center, Scale>,
    x,
    given,
    before,
    fixed,
  );
  const result: object = await batchNorm(x, given, before, fixed);
  return { ...result, vjp } as Placed<BatchNormVjp<P, Center, Scale>, R>;
}

/** Batch norm in a plan with the way back through it. */
export interface RecordedBatchNorm<
  P extends NormParams,
  Center extends boolean,
  Scale extends boolean,
> extends SymbolicVjp<BatchNormCotangents<P, Center, Scale>> {
  readonly state: BatchNormState<Tensor>;
}

/** Records {@linkcode batchNormVjp}: both ways share the moments. */
export function recordBatchNormVjp<
  P extends NormParams,
  Center extends boolean,
  Scale extends boolean,
>(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  givenState: BatchNormState,
  givenOptions: BatchNormOptions<AnyRuntime>,
): RecordedBatchNorm<P, Center, Scale> {
  // Of the parameters that are applied, which are those that the types name.
  type Cotangents = BatchNormCotangents<P, Center, Scale>;
  const action = "apply batchNorm";
  const state = stateFields(action, givenState);
  const options = fieldsOf(action, "options", givenOptions);
  const checked = checkCall(x, params, state, options);
  if (isNothing(x, checked.options)) {
    return {
      ...unchanged(x, state),
      vjp(dy) {
        checkCotangent(PULL, x, dy);
        return nothing(x, params, options) as Cotangents;
      },
    };
  }
  const values = readCall(plan, checked);
  return {
    ...resultOf(plan, x, state, values),
    vjp(dy) {
      checkCotangent(PULL, x, dy);
      if (sizeOf(x.shape) === 0) return nothing(x, params, options) as Cotangents;
      const { cotangents } = pullBack(plan, x, values, options, read(plan, "dy", dy));
      return cotangents as Cotangents;
    },
  };
}
