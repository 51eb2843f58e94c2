/**
 * Stochastic gradient descent with momentum.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { checkTrees } from "../plan/check_trees.ts";
import type { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkFlag, checkKeys, fieldsOf, type Keys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
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

/** Options for {@linkcode sgd}. */
export interface SgdOptions<R extends AnyRuntime = Runtime> {
  /** Length of a step, in units of the parameters per unit of the gradient; finite and `>= 0`. @default {0.01} */
  readonly learningRate?: number;
  /** How much of the last velocity is kept; from 0 to below 1. @default {0} */
  readonly momentum?: number;
  /** Share of the gradient that the velocity does not take, except in the first step; from 0 to below 1. @default {0} */
  readonly dampening?: number;
  /** L2 penalty: what the gradient gains for each unit of the parameter; finite and `>= 0`. @default {0} */
  readonly weightDecay?: number;
  /** Look ahead by one more step of the velocity, as Nesterov did; needs `dampening` 0. @default {false} */
  readonly nesterov?: boolean;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}

/** What {@linkcode sgd} carries from one step to the next: plain data, structured-clone safe. */
export interface SgdState<P extends object = object> {
  /** Steps taken, shape (). */
  readonly step: Tensor;
  /** Gradients so far, each weighted by momentum once more than the one after it. */
  readonly velocity: P;
}

/**
 * One step of stochastic gradient descent.
 *
 * `g = grad + weightDecay * param`, `velocity = momentum * velocity + (1 - dampening) * g` and
 * `param = param - learningRate * velocity`, or with `nesterov: true`
 * `param - learningRate * (g + momentum * velocity)`, for every number of the parameters. As in PyTorch,
 * `dampening` does nothing in the first step, nor where `momentum` is 0. A constraint is applied to what
 * comes back.
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever,
 * Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning", 2013,
 * with the learning rate outside of the velocity, so that it can change; PyTorch's SGD for `dampening` and
 * `weightDecay`.
 *
 * @param params Tensors in plain objects and arrays. Not modified.
 * @param grads A tensor of the same shape at each of the same places. Not modified.
 * @param state From {@linkcode initSgd} or an earlier step. Not modified.
 * @param options Rates and runtime.
 * @returns The next parameters and the next state.
 * @throws {TypeError} If a tree holds anything but tensors, or two of them do not match.
 * @throws {RangeError} If a rate is out of its domain, or `nesterov` is given with a `dampening`.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { initSgd, sgd } from "@kernorm/kernorm/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * let params = { w: tensor([1, 2]) };
 * let state = initSgd(params);
 * for (let i = 0; i < 50; i++) {
 *   const grads = { w: params.w }; // of |w|^2 / 2
 *   ({ params, state } = await sgd(params, grads, state, { learningRate: 0.1, momentum: 0.5 }));
 * }
 * assertAlmostEquals(params.w.data[1], 0, 1e-3);
 * ```
 */
export async function sgd<P extends object, R extends AnyRuntime = Runtime>(
  params: P,
  grads: Gradients<P>,
  state: FromAnywhere<SgdState>,
  options: SgdOptions<R> = {},
): Promise<Placed<Step<P, SgdState<P>>, R>> {
  const action = "step sgd";
  checkArguments(action, arguments, 4);
  const own = fieldsOf(action, "options", options);
  const before = checkState(action, state, SGD_STATE);
  checkTrees(action, { params, grads });
  return await runOp(action, own.runtime, recordSgd<P>, params, grads, before, own);
}

/**
 * The state of {@linkcode sgd} before the first step: zeros.
 *
 * @param params The parameters that are going to be trained.
 * @returns A new state.
 * @throws {TypeError} If `params` holds anything but tensors.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { initSgd } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initSgd([tensor([1, 2])]).velocity, [tensor([0, 0])]);
 * ```
 */
export function initSgd<P extends object>(params: P): SgdState<P> {
  checkArguments("initialize sgd", arguments, 1);
  const velocity = zerosLike("initialize sgd", params);
  return { step: { shape: [], data: new Float32Array(1) }, velocity };
}

/** What the state is made of. */
export const SGD_STATE: Keys<SgdState> = { step: true, velocity: true };

/** Records {@linkcode sgd}: every number is read and written once. */
export function recordSgd<P extends object>(
  plan: Plan,
  params: P,
  grads: Gradients<P>,
  state: SgdState,
  options: SgdOptions<AnyRuntime>,
): Step<P, SgdState<P>> {
  const action = "step sgd";
  const own = checkKeys(action, "options", options, {
    learningRate: true,
    momentum: true,
    dampening: true,
    weightDecay: true,
    nesterov: true,
    runtime: true,
  });
  const { learningRate: rate = 0.01, momentum = 0, nesterov = false } = own;
  const { dampening = 0, weightDecay = 0 } = own;
  checkNumber(action, "learningRate", rate, "notNegative");
  checkNumber(action, "momentum", momentum, "fraction");
  checkNumber(action, "dampening", dampening, "fraction");
  checkNumber(action, "weightDecay", weightDecay, "notNegative");
  checkFlag(action, "nesterov", nesterov);
  if (nesterov && dampening !== 0) {
    throw new RangeError(
      `Cannot ${action}: dampening must be 0 with nesterov: true, got ${dampening}`,
    );
  }
  const { step: steps, velocity: before } = checkState(action, state, SGD_STATE);
  const taken = countStep(plan, action, steps);
  const velocities: Tensor[] = [];
  const next = step(action, params, { grads, "state.velocity": before }, (param, others) => {
    const values = valuesOf(plan, { param, grad: others[0], velocity: others[1] });
    const grad = weightDecay === 0 ? values.grad : plan.each("accelerate", {
      velocity: values.param,
      grad: values.grad,
      momentum: weightDecay,
    });
    const moved = dampening === 0 || momentum === 0
      ? plan.each("accelerate", { velocity: values.velocity, grad, momentum })
      : plan.each("accelerateDamped", {
        velocity: values.velocity,
        grad,
        taken,
        momentum,
        share: 1 - dampening,
      });
    velocities.push(like(param, moved));
    const direction = nesterov
      ? plan.each("accelerate", { velocity: moved, grad, momentum })
      : moved;
    return plan.each("descend", { param: values.param, direction, rate });
  });
  return {
    params: next,
    state: { step: new SymbolicTensor(taken, []), velocity: refilled(params, velocities) },
  };
}
