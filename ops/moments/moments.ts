/**
 * Moments of a tensor.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { spreadOver } from "../norm/spread.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import {
  type CheckedMoments,
  checkMoments,
  type MomentsOptions,
  type MomentsValues,
  readMoments,
} from "./call.ts";
import type { Moments } from "./summary.ts";

/**
 * Count, mean and sum of squared deviations over axes of a tensor.
 *
 * `mean = sum(x) / count` and `m2 = sum((x - mean)^2)`; with weights w per item of axis 0,
 * `count = sum(w)`, `mean = sum(w x) / count` and `m2 = sum(w (x - mean)^2)`. The mean is within 3e-7 of
 * the larger of its magnitude and the deviation, however far the data lie from zero and wherever up to
 * three outliers of 1e8 times their spread lie. Without outliers it is right to one unit in its last
 * place, or to 1e-7 of the deviation where that is more; and `mean + low`, in float64, to 1e-7 of the
 * deviation. An empty tensor gives count 0.
 *
 * @param x Input. Not modified.
 * @param options What is pooled: `{ dataFormat }`, `{ axes }`, or `{ groups, channelsAxis,
 * reductionAxes }`; weights, and runtime.
 * @returns The summary; `mean` and `m2` have the shape of the kept axes, with the groups in place of
 * the channels.
 * @throws {TypeError} If a shape, a length or the choice of axes is wrong.
 * @throws {RangeError} If an axis is out of range, `groups` does not divide the channels, or a weight
 * is negative or all are 0.
 *
 * @example Usage
 * ```ts
 * import { moments, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { count, mean, m2 } = await moments(tensor([[1, 10], [3, 30]]));
 * assertEquals([...count.data, ...mean.data, ...m2.data], [2, 2, 20, 2, 200]);
 * ```
 */
export async function moments<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  options: MomentsOptions<R> = {},
): Promise<Placed<Moments, R>> {
  const action = "take moments";
  checkArguments(action, arguments, 2);
  const own = fieldsOf(action, "options", options);
  return await runOp(action, own.runtime, recordMoments, x, own);
}

/** Records {@linkcode moments}: x is read once. */
export function recordMoments(
  plan: Plan,
  x: AnyTensor,
  options: MomentsOptions<AnyRuntime>,
): Moments {
  const checked = checkMoments(x, options);
  if (sizeOf(x.shape) === 0) return momentsOfNothing(checked);
  return momentsOf(plan, checked, readMoments(plan, checked));
}

/** The moments of a tensor without elements. */
export function momentsOfNothing({ shape, counts }: CheckedMoments): Moments {
  return { count: zeros(counts), mean: zeros(shape), low: zeros(shape), m2: zeros(shape) };
}

/** Plans the moments of a call that has been read. */
export function momentsOf(
  plan: Plan,
  { shape, counts }: CheckedMoments,
  { parts, weights, inItems, elements, statistics: { shift, delta, squares, count } }:
    MomentsValues,
): Moments {
  const over = (value: Value) => new SymbolicTensor(value, shape);
  const result = (count: Tensor, m2: Value) => ({
    count,
    mean: over(shift),
    low: over(delta),
    m2: over(m2),
  });
  if (weights === undefined) {
    return result({ shape: [], data: Float32Array.of(elements) }, squares);
  }
  if (!inItems) return result(new SymbolicTensor(count, []), squares);
  // The weight of an item counts all of a set's elements alike.
  const kept = parts.filter(({ pooled }) => !pooled);
  const perSet = spreadOver(plan, weights, kept, (part) => part === kept[0]);
  const weight = plan.each("affine", { a: weights, factor: elements, term: 0 });
  return result(
    new SymbolicTensor(weight, counts),
    plan.each("multiply", { a: squares, b: perSet }),
  );
}
