/**
 * Gradients outside of a pipeline.
 *
 * @module
 */
import type { AnyRuntime, Placed, Runtime } from "../../runtime/runtime.ts";
import { checkArguments, checkKeys } from "../../tensor/arguments.ts";
import { describe } from "../../tensor/shown.ts";
import type { FromAnywhere, Tensor } from "../../tensor/types.ts";
import type { PipelineOps } from "../ops.ts";
import { pipeline, type PipelineOptions } from "../pipeline.ts";
import type { ValueAndGrad, ValueGradAndAux, WithAux } from "./types.ts";

/** Options for {@linkcode valueAndGrad}. */
export type ValueAndGradOptions<R extends AnyRuntime = Runtime> = Pick<
  PipelineOptions<R>,
  "runtime"
>;

/**
 * The value of a loss and its gradient with respect to every parameter, as one plan.
 *
 * `fn` is traced at every call. What is called again and again, such as a step of training, is better
 * a {@linkcode pipeline} whose function calls `ops.valueAndGrad`, which says what gradients pass
 * through.
 *
 * Source: reverse accumulation, as in Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3.
 *
 * @param fn From the ops of a pipeline and the parameters to the loss, a tensor of shape (), or to
 * `{ value, aux }` with what else is to be returned.
 * @param params A tree of tensors and Float32Arrays.
 * @param options Where to run.
 * @returns `value`, `grads`, a tree like `params`, and `aux` if there is any.
 * @throws {TypeError} As `ops.valueAndGrad`.
 *
 * @example Usage
 * ```ts
 * import { tensor, valueAndGrad } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const params = { w: tensor([1, 2, 3]) };
 * const { value, grads } = await valueAndGrad((ops, { w }) => ops.sum(ops.mul(w, w)), params);
 * assertEquals(value.data[0], 14);
 * assertEquals([...grads.w.data], [2, 4, 6]);
 * ```
 */
export function valueAndGrad<P extends object, R extends AnyRuntime = Runtime>(
  fn: (ops: PipelineOps, params: P) => Tensor,
  params: P | FromAnywhere<P>,
  options?: ValueAndGradOptions<R>,
): Promise<Placed<ValueAndGrad<P>, R>>;
/**
 * As above, with what else `fn` returns.
 *
 * @example Usage
 * ```ts
 * import { tensor, valueAndGrad } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { grads, aux } = await valueAndGrad((ops, x) => {
 *   const doubled = ops.scale(x, 2);
 *   return { value: ops.mean(doubled), aux: { doubled } };
 * }, tensor([3, 4]));
 * assertEquals([...aux.doubled.data], [6, 8]);
 * assertEquals([...grads.data], [1, 1]);
 * ```
 */
export function valueAndGrad<P extends object, A, R extends AnyRuntime = Runtime>(
  fn: (ops: PipelineOps, params: P) => WithAux<A>,
  params: P | FromAnywhere<P>,
  options?: ValueAndGradOptions<R>,
): Promise<Placed<ValueGradAndAux<P, A>, R>>;
export async function valueAndGrad<P extends object, R extends AnyRuntime = Runtime>(
  fn: (ops: PipelineOps, params: P) => Tensor | WithAux<unknown>,
  params: P | FromAnywhere<P>,
  options: ValueAndGradOptions<R> = {},
): Promise<never> {
  const action = "take a gradient";
  checkArguments(action, arguments, 3);
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot ${action}: fn must be a function, got ${describe(fn)}`);
  }
  const own = checkKeys(action, "options", options, { runtime: true });
  const run = pipeline<P, ValueAndGrad<P>, R>((ops, own) => {
    const loss = (params: P) => fn(ops, params) as Tensor;
    return ops.valueAndGrad(loss, own);
  }, own);
  return await run(params) as never;
}
