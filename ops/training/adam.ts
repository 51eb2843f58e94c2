/**
 * Adam, and what AdamW shares with it.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { checkTrees } from "../plan/check_trees.ts";
import type { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf, type Keys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import type { FromAnywhere, Tensor } from "../tensor/types.ts";
import {
  checkState,
  countStep,
  type Gradients,
  like,
  refilled,
  type Step,
  step,
  valuesOf,
  zerosLike,
} from "./step.ts";

/** Options for {@linkcode adam}. */
export interface AdamOptions<R extends AnyRuntime = Runtime> {
  /** Length of a step, about; finite and `>= 0`. @default {0.001} */
  readonly learningRate?: number;
  /** Weight of the old first moment; from 0 to below 1. @default {0.9} */
  readonly beta1?: number;
  /** Weight of the old second moment; from 0 to below 1. @default {0.999} */
  readonly beta2?: number;
  /** Added to the root of the second moment; finite and `>= 0`. @default {1e-8} */
  readonly epsilon?: number;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}

/** What `adam` and `adamw` carry from one step to the next: plain data, structured-clone safe. */
export interface AdamState<P extends object = object> {
  /** Steps taken, shape (). */
  readonly step: Tensor;
  /** Moving average of the gradients, started at 0. */
  readonly firstMoment: P;
  /** Moving average of their squares, started at 0. */
  readonly secondMoment: P;
}

/**
 * One step of Adam. With weight decay it is {@linkcode adamw}.
 *
 * `m = beta1 m + (1 - beta1) grad`, `v = beta2 v + (1 - beta2) grad^2`, and with the number t of this
 * step `param = param - learningRate * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)`, for
 * every number of the parameters. A constraint is applied to what comes back.
 *
 * Source: Kingma and Ba, "Adam", 2015, algorithm 1.
 *
 * @param params Tensors in plain objects and arrays. Not modified.
 * @param grads A tensor of the same shape at each of the same places. Not modified.
 * @param state From {@linkcode initAdam} or an earlier step. Not modified.
 * @param options Rates and runtime.
 * @returns The next parameters and the next state.
 * @throws {TypeError} If a tree holds anything but tensors, two of them do not match, or `options` have
 * a `weightDecay`.
 * @throws {RangeError} If a rate is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { adam, initAdam, nonNeg } from "@kernorm/kernorm/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const start = { w: tensor([0.5, -2]) };
 * const step = await adam(start, { w: tensor([1, -3]) }, initAdam(start), { learningRate: 0.1 });
 * assertAlmostEquals(step.params.w.data[0], 0.4, 1e-6); // the first step is one of learningRate
 * const params = { w: nonNeg()(step.params.w) };
 * assertAlmostEquals(params.w.data[1], 0);
 * ```
 */
export async function adam<P extends object, R extends AnyRuntime = Runtime>(
  params: P,
  grads: Gradients<P>,
  state: FromAnywhere<AdamState>,
  options: AdamOptions<R> = {},
): Promise<Placed<Step<P, AdamState<P>>, R>> {
  const action = "step adam";
  checkArguments(action, arguments, 4);
  const own = fieldsOf(action, "options", options);
  const before = checkState(action, state, ADAM_STATE);
  checkTrees(action, { params, grads });
  return await runOp(action, own.runtime, recordAdam<P>, params, grads, before, own);
}

/**
 * The state of {@linkcode adam}, and of {@linkcode adamw}, before the first step: zeros.
 *
 * @param params The parameters that are going to be trained.
 * @returns A new state.
 * @throws {TypeError} If `params` holds anything but tensors.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { initAdam } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initAdam({ w: tensor([1, 2]) }).firstMoment, { w: tensor([0, 0]) });
 * ```
 */
export function initAdam<P extends object>(params: P): AdamState<P> {
  checkArguments("initialize adam", arguments, 1);
  const zeros = () => zerosLike("initialize adam", params);
  const step = { shape: [], data: new Float32Array(1) };
  return { step, firstMoment: zeros(), secondMoment: zeros() };
}

/** What the options of `adam` are. */
export const ADAM_OPTIONS: Keys<AdamOptions<AnyRuntime>> = {
  learningRate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  runtime: true,
};

/** What the state is made of. */
export const ADAM_STATE: Keys<AdamState> = { step: true, firstMoment: true, secondMoment: true };

/** Records {@linkcode adam}. */
export function recordAdam<P extends object>(
  plan: Plan,
  params: P,
  grads: Gradients<P>,
  state: AdamState,
  options: AdamOptions<AnyRuntime>,
): Step<P, AdamState<P>> {
  const action = "step adam";
  if (Object.hasOwn(options, "weightDecay")) {
    const { weightDecay } = options as { readonly weightDecay?: unknown };
    throw new TypeError(
      `Cannot ${action}: options must have no weightDecay (use adamw), got ${shown(weightDecay)}`,
    );
  }
  const own = checkKeys(action, "options", options, ADAM_OPTIONS);
  return recordAdamStep(plan, action, params, grads, state, { ...own, weightDecay: 0 });
}

/** Records a step of Adam or AdamW: every number is read and written once. */
export function recordAdamStep<P extends object>(
  plan: Plan,
  action: string,
  params: P,
  grads: Gradients<P>,
  state: AdamState,
  options: AdamOptions<AnyRuntime> & { readonly weightDecay: number },
): Step<P, AdamState<P>> {
  const { learningRate: rate = 1e-3, beta1 = 0.9, beta2 = 0.999 } = options;
  const { epsilon = 1e-8, weightDecay } = options;
  checkNumber(action, "learningRate", rate, "notNegative");
  checkNumber(action, "beta1", beta1, "fraction");
  checkNumber(action, "beta2", beta2, "fraction");
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkNumber(action, "weightDecay", weightDecay, "notNegative");
  const { step: steps, firstMoment, secondMoment } = checkState(action, state, ADAM_STATE);
  const taken = countStep(plan, action, steps);
  const weightOf = (beta: number) => plan.each("collectedWeight", { step: taken, rate: 1 - beta });
  const weights = { firstWeight: weightOf(beta1), secondWeight: weightOf(beta2) };
  const firsts: Tensor[] = [];
  const seconds: Tensor[] = [];
  const trees = {
    grads,
    "state.firstMoment": firstMoment,
    "state.secondMoment": secondMoment,
  };
  const next = step(action, params, trees, (param, [grad, first, second]) => {
    const values = valuesOf(plan, { param, grad, first, second });
    const moments = {
      first: plan.each("movingAverage", {
        moving: values.first,
        value: values.grad,
        rate: 1 - beta1,
      }),
      second: plan.each("movingSquare", {
        moving: values.second,
        grad: values.grad,
        rate: 1 - beta2,
      }),
    };
    firsts.push(like(param, moments.first));
    seconds.push(like(param, moments.second));
    const decay = rate * weightDecay;
    const args = { param: values.param, ...moments, ...weights, rate, epsilon, decay };
    return plan.each("adamStep", args);
  });
  return {
    params: next,
    state: {
      step: new SymbolicTensor(taken, []),
      firstMoment: refilled(params, firsts),
      secondMoment: refilled(params, seconds),
    },
  };
}
