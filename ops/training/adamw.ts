/**
 * AdamW: Adam with decoupled weight decay.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { checkTrees } from "../plan/check_trees.ts";
import type { Plan } from "../plan/plan.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf } from "../tensor/arguments.ts";
import type { FromAnywhere } from "../tensor/types.ts";
import {
  ADAM_OPTIONS,
  ADAM_STATE,
  type AdamOptions,
  type AdamState,
  recordAdamStep,
} from "./adam.ts";
import { checkState, type Gradients, type Step } from "./step.ts";

/** Options for {@linkcode adamw}. */
export interface AdamWOptions<R extends AnyRuntime = Runtime> extends AdamOptions<R> {
  /** Share of every parameter, times `learningRate`, that a step takes away; finite and `>= 0`. @default {0.01} */
  readonly weightDecay?: number;
}

/**
 * One step of AdamW: Adam, with a decay of the parameters that does not pass through the moments.
 *
 * `m = beta1 m + (1 - beta1) grad`, `v = beta2 v + (1 - beta2) grad^2`, and with the number t of this
 * step `param = param - learningRate * (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) +
 * weightDecay * param)`, for every number of the parameters. A constraint is applied to what comes back.
 *
 * Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2. There the
 * decay is multiplied by a schedule alone; here, as in PyTorch's AdamW, by `learningRate`. The default
 * of `weightDecay` is PyTorch's too.
 *
 * @param params Tensors in plain objects and arrays. Not modified.
 * @param grads A tensor of the same shape at each of the same places. Not modified.
 * @param state From {@linkcode initAdam}, whose state is the same for both, or an earlier step. Not
 * modified.
 * @param options Rates and runtime.
 * @returns The next parameters and the next state.
 * @throws {TypeError} If a tree holds anything but tensors, or two of them do not match.
 * @throws {RangeError} If a rate is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { adamw, initAdam } from "@kernorm/kernorm/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const start = { w: tensor([2]) };
 * const options = { learningRate: 0.1, weightDecay: 0.5 };
 * const { params } = await adamw(start, { w: tensor([1]) }, initAdam(start), options);
 * assertAlmostEquals(params.w.data[0], 2 - 0.1 * (1 + 0.5 * 2), 1e-6);
 * ```
 */
export async function adamw<P extends object, R extends AnyRuntime = Runtime>(
  params: P,
  grads: Gradients<P>,
  state: FromAnywhere<AdamState>,
  options: AdamWOptions<R> = {},
): Promise<Placed<Step<P, AdamState<P>>, R>> {
  const action = "step adamw";
  checkArguments(action, arguments, 4);
  const own = fieldsOf(action, "options", options);
  const before = checkState(action, state, ADAM_STATE);
  checkTrees(action, { params, grads });
  return await runOp(action, own.runtime, recordAdamW<P>, params, grads, before, own);
}

/** Records {@linkcode adamw}. */
export function recordAdamW<P extends object>(
  plan: Plan,
  params: P,
  grads: Gradients<P>,
  state: AdamState,
  options: AdamWOptions<AnyRuntime>,
): Step<P, AdamState<P>> {
  const action = "step adamw";
  const own = checkKeys(action, "options", options, {
    ...ADAM_OPTIONS,
    weightDecay: true,
  });
  const { weightDecay = 0.01 } = own;
  return recordAdamStep(plan, action, params, grads, state, { ...own, weightDecay });
}
