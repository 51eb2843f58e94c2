/**
 * Optimizers as pure functions: from parameters, gradients and a state to the next parameters and the
 * next state.
 *
 * @module
 */
import { runOp } from "./_calls.ts";
import { checkArguments, fieldsOf } from "./_checks.ts";
import {
  ADAM_STATE,
  checkState,
  checkTrees,
  recordAdam,
  recordSgd,
  SGD_STATE,
  zerosLike,
} from "./_optimizers.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";

/** A tree in the form of parameters P: a tensor at each place where they have one. */
export type Gradients<P> = P extends { readonly data: unknown } ? Tensor
  : { readonly [K in keyof P]: Gradients<P[K]> };

/** What a step of an optimizer answers. */
export interface Step<P extends object, S> {
  /** The next parameters, new tensors in the form of those that were given. */
  readonly params: P;
  /** The state for the next step; a new object. */
  readonly state: S;
}

/** Options for {@linkcode sgd}. */
export interface SgdOptions {
  /** Length of a step, in units of the parameters per unit of the gradient; finite and `>= 0`. @default {0.01} */
  readonly learningRate?: number;
  /** How much of the last velocity is kept; from 0 to below 1. @default {0} */
  readonly momentum?: number;
  /** Look ahead by one more step of the velocity, as Nesterov did. @default {false} */
  readonly nesterov?: boolean;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/** What {@linkcode sgd} carries from one step to the next: plain data, structured-clone safe. */
export interface SgdState<P extends object = object> {
  /** Gradients so far, each weighted by momentum once more than the one after it. */
  readonly velocity: P;
}

/** Options for {@linkcode adam}. */
export interface AdamOptions {
  /** Length of a step, about; finite and `>= 0`. @default {0.001} */
  readonly learningRate?: number;
  /** Weight of the old first moment; from 0 to below 1. @default {0.9} */
  readonly beta1?: number;
  /** Weight of the old second moment; from 0 to below 1. @default {0.999} */
  readonly beta2?: number;
  /** Added to the root of the second moment; finite and `>= 0`. @default {1e-8} */
  readonly epsilon?: number;
  /** Share of every parameter, times `learningRate`, that a step takes away; finite and `>= 0`. @default {0} */
  readonly weightDecay?: number;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/** What {@linkcode adam} carries from one step to the next: plain data, structured-clone safe. */
export interface AdamState<P extends object = object> {
  /** Steps taken, shape (). */
  readonly step: Tensor;
  /** Moving average of the gradients, started at 0. */
  readonly firstMoment: P;
  /** Moving average of their squares, started at 0. */
  readonly secondMoment: P;
}

/**
 * One step of stochastic gradient descent.
 *
 * `velocity = momentum * velocity + grad` and `param = param - learningRate * velocity`, or with
 * `nesterov: true` `param - learningRate * (grad + momentum * velocity)`, for every number of the
 * parameters. A constraint is applied to what comes back.
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever,
 * Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning", 2013,
 * with the learning rate outside of the velocity, so that it can change.
 *
 * @param params Tensors in plain objects and arrays. Not modified.
 * @param grads A tensor of the same shape at each of the same places. Not modified.
 * @param state From {@linkcode initSgd} or an earlier step. Not modified.
 * @param options Rates and runtime.
 * @returns The next parameters and the next state.
 * @throws {TypeError} If a tree holds anything but tensors, or two of them do not match.
 * @throws {RangeError} If a rate is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { initSgd, sgd, tensor } from "@kernorm/kernorm";
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
export async function sgd<P extends object>(
  params: P,
  grads: Gradients<P>,
  state: SgdState,
  options: SgdOptions = {},
): Promise<Step<P, SgdState<P>>> {
  const action = "step sgd";
  checkArguments(action, arguments, 4);
  const own = fieldsOf(action, "options", options);
  const before = checkState(action, state, SGD_STATE);
  checkTrees(action, { params, grads });
  return await runOp(action, own.runtime, recordSgd<P>, params, grads, before, own);
}

/**
 * One step of Adam, or with `weightDecay` of AdamW.
 *
 * `m = beta1 m + (1 - beta1) grad`, `v = beta2 v + (1 - beta2) grad^2`, and with the number t of this
 * step `param = param - learningRate * (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) +
 * weightDecay * param)`, for every number of the parameters. A constraint is applied to what comes back.
 *
 * Source: Kingma and Ba, "Adam", 2015, algorithm 1; Loshchilov and Hutter, "Decoupled Weight Decay
 * Regularization", 2019, algorithm 2.
 *
 * @param params Tensors in plain objects and arrays. Not modified.
 * @param grads A tensor of the same shape at each of the same places. Not modified.
 * @param state From {@linkcode initAdam} or an earlier step. Not modified.
 * @param options Rates and runtime.
 * @returns The next parameters and the next state.
 * @throws {TypeError} If a tree holds anything but tensors, or two of them do not match.
 * @throws {RangeError} If a rate is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { adam, initAdam, nonNeg, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const start = { w: tensor([0.5, -2]) };
 * const step = await adam(start, { w: tensor([1, -3]) }, initAdam(start), { learningRate: 0.1 });
 * assertAlmostEquals(step.params.w.data[0], 0.4, 1e-6); // the first step is one of learningRate
 * const params = { w: nonNeg()(step.params.w) };
 * assertAlmostEquals(params.w.data[1], 0);
 * ```
 */
export async function adam<P extends object>(
  params: P,
  grads: Gradients<P>,
  state: AdamState,
  options: AdamOptions = {},
): Promise<Step<P, AdamState<P>>> {
  const action = "step adam";
  checkArguments(action, arguments, 4);
  const own = fieldsOf(action, "options", options);
  const before = checkState(action, state, ADAM_STATE);
  checkTrees(action, { params, grads });
  return await runOp(action, own.runtime, recordAdam<P>, params, grads, before, own);
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
 * import { initSgd, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initSgd([tensor([1, 2])]), { velocity: [tensor([0, 0])] });
 * ```
 */
export function initSgd<P extends object>(params: P): SgdState<P> {
  checkArguments("initialize sgd", arguments, 1);
  return { velocity: zerosLike("initialize sgd", params) };
}

/**
 * The state of {@linkcode adam} before the first step: zeros.
 *
 * @param params The parameters that are going to be trained.
 * @returns A new state.
 * @throws {TypeError} If `params` holds anything but tensors.
 *
 * @example Usage
 * ```ts
 * import { initAdam, tensor } from "@kernorm/kernorm";
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
