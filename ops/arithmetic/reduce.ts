/**
 * Records sums and means over axes.
 *
 * @module
 */
import { mergeParts, type Part } from "../norm/parts.ts";
import { statistics } from "../norm/statistics.ts";
import { sums } from "../norm/sums.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { resolveAxes } from "../plan/view.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";
import { repeated, shareOf } from "./cotangents.ts";
import type { UnaryCotangent } from "./unary.ts";

/** Records the sum over some axes, which the result lacks; over all by default. */
export function recordSum(plan: Plan, x: AnyTensor, axes?: readonly number[]): Tensor {
  return recordSumVjp(plan, x, axes).y;
}

/** Records the sum with the way back: every element is given the cotangent of its sum. */
export function recordSumVjp(
  plan: Plan,
  x: AnyTensor,
  axes?: readonly number[],
): SymbolicVjp<UnaryCotangent> {
  return reduced(plan, "a sum", x, axes, (value, parts) => sums(plan, value, parts), (dy) => dy);
}

/** Records the mean over some axes, which the result lacks; over all by default. */
export function recordMean(plan: Plan, x: AnyTensor, axes?: readonly number[]): Tensor {
  return recordMeanVjp(plan, x, axes).y;
}

/** Records the mean with the way back: every element is given its share of the mean's cotangent. */
export function recordMeanVjp(
  plan: Plan,
  x: AnyTensor,
  axes?: readonly number[],
): SymbolicVjp<UnaryCotangent> {
  const meanOf = (value: Value, parts: readonly Part[]) => {
    if (!parts.some(({ pooled }) => pooled)) return value;
    const { shift, delta } = statistics(plan, value, parts);
    return plan.each("add", { a: shift, b: delta });
  };
  // Divided where there is the least to divide.
  const shared = (dy: Value) => shareOf(plan, dy, sizeOf(x.shape) / dy.length);
  const mean = reduced(plan, "a mean", x, axes, meanOf, shared);
  if (sizeOf(x.shape) > 0 || sizeOf(mean.y.shape) === 0) return mean;
  throw new RangeError("Cannot take a mean: x must have elements, got none");
}

/**
 * Records an op over axes with the way back.
 *
 * @param reduce From the elements of x to one for each set.
 * @param shared From the cotangent of a set to what each of its elements is given.
 */
function reduced(
  plan: Plan,
  what: string,
  x: AnyTensor,
  axes: readonly number[] | undefined,
  reduce: (x: Value, parts: readonly Part[]) => Value,
  shared: (dy: Value) => Value,
): SymbolicVjp<UnaryCotangent> {
  const action = `take ${what}`;
  checkTensor(action, "x", x);
  const pooled = axes === undefined
    ? x.shape.map((_, axis) => axis)
    : resolveAxes(action, "axes", axes, x.shape.length);
  const parts = mergeParts(
    x.shape.map((size, axis) => ({ size, pooled: pooled.includes(axis) })),
  );
  const shape = x.shape.filter((_, axis) => !pooled.includes(axis));
  const isEmpty = sizeOf(x.shape) === 0;
  const y = isEmpty ? zeros(shape) : new SymbolicTensor(reduce(read(plan, "x", x), parts), shape);
  return {
    y,
    vjp(dy) {
      checkCotangent(`pull back ${what}`, y, dy);
      if (isEmpty) return { x: emptyLike(x) };
      const whole = repeated(plan, shared(read(plan, "dy", dy)), parts);
      return { x: new SymbolicTensor(whole, [...x.shape]) };
    },
  };
}
