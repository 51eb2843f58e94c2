/**
 * Generalized divisive normalization (GDN), its inverse (IGDN), and their parameters.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { field, type Plan, rows, type Value } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";
import { ACTION, checkGdn, type GdnCall, readGdn, VJP_ACTION } from "./call.ts";
import type { GdnOptions } from "./options.ts";
import type { GdnParams, GdnVariables } from "./params.ts";

/**
 * Divides every channel by a pool of all channels at the same position, or multiplies it (IGDN).
 *
 * `u[i] = beta[i] + sum_j gamma[j, i] * |x[j]|^alpha`, and `y[i] = x[i] / u[i]^epsilon`, or
 * `y[i] = x[i] * u[i]^epsilon` with `inverse: true`, where alpha is `alphaParameter` and epsilon
 * `epsilonParameter`. The defaults are the classic GDN of the paper,
 * `x / sqrt(beta + sum gamma x^2)`; `{ alphaParameter: 1, epsilonParameter: 1 }` is the simplified GDN1. IGDN has
 * parameters of its own and is one step towards the inverse, not the inverse itself.
 *
 * `|x[j]|^alpha` counts as at most 3.4e38, the largest float32, so that a gamma of 0 keeps it out of
 * the pool. Where x and u are 0, GDN is 0 / 0 = NaN and IGDN 0.
 *
 * Source: Balle, Laparra and Simoncelli, "Density Modeling of Images using a Generalized
 * Normalization Transformation", 2016, eq. 3 with shared exponents; arguments and defaults as in
 * tf.contrib.layers.gdn and tensorflow_compression. Where the latter raises x itself to alpha, this
 * raises |x|, as its documentation says.
 *
 * @param x Input, rank 2 to 5. Not modified.
 * @param params Effective `beta` and `gamma`, or stored `reparamBeta` and `reparamGamma`. Not
 * modified. Effective parameters are used as they are, without bounds.
 * @param options Direction, data format, exponents, bounds and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If a shape, the data format or the pair of parameters is wrong.
 * @throws {RangeError} If an exponent is not positive, or a bound is negative.
 *
 * @example Usage
 * ```ts
 * import { gdn, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const params = { beta: [1, 2], gamma: tensor([[0.1, 0.2], [0.3, 0.4]]) };
 * const y = await gdn(tensor([[1, 2]]), params);
 * assertAlmostEquals(y.data[0], 1 / Math.sqrt(1 + 0.1 * 1 + 0.3 * 4), 1e-6);
 * ```
 */
export async function gdn<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  params: GdnParams | GdnVariables,
  options: GdnOptions<R> = {},
): Promise<Placed<Tensor, R>> {
  const action = "apply gdn";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  return await runOp(action, own.runtime, recordGdn, x, fieldsOf(action, "params", params), own);
}

/** Records {@linkcode gdn}: x is read once and y written once, except for the powers of other exponents than 1 and 2. */
export function recordGdn(
  plan: Plan,
  x: AnyTensor,
  params: GdnParams | GdnVariables,
  options: GdnOptions<AnyRuntime>,
): Tensor {
  return recordResult(plan, x, params, options, ACTION);
}

/** Records the result of {@linkcode gdnVjp}, which is that of {@linkcode gdn}. */
export function recordGdnOfVjp(
  plan: Plan,
  x: AnyTensor,
  params: GdnParams | GdnVariables,
  options: GdnOptions<AnyRuntime>,
): Tensor {
  return recordResult(plan, x, params, options, VJP_ACTION);
}

function recordResult(
  plan: Plan,
  x: AnyTensor,
  params: GdnParams | GdnVariables,
  options: GdnOptions<AnyRuntime>,
  action: string,
): Tensor {
  const checked = checkGdn(x, params, options, action);
  if (sizeOf(x.shape) === 0) return emptyLike(x);
  const call = readGdn(plan, checked);
  return new SymbolicTensor(recordY(plan, call), [...x.shape]);
}

/** Records y of a call. */
function recordY(
  plan: Plan,
  { format, size, x, pooled, params, epsilon, holes }: GdnCall,
): Value {
  const { beta, gamma } = params;
  const args = {
    x: field(x, size),
    pool: field(pooled, size),
    beta,
    gamma: rows(gamma, size.c),
    epsilon,
  };
  return plan.launch("gdn", format, size, args, holes, { channels: size.c });
}
