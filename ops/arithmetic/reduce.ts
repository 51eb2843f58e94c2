/**
 * Records sums and means over axes.
 *
 * @module
 */
import { mergeParts, type Part } from "../norm/parts.ts";
import { statistics } from "../norm/statistics.ts";
import { sums } from "../norm/sums.ts";
import type { Plan } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { resolveAxes } from "../plan/view.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";
import { repeated, shareOf } from "./cotangents.ts";
import type { UnaryCotangent } from "./unary.ts";

/** What an op over axes goes over. */
interface Reduction {
  readonly parts: readonly Part[];
  /** The axes that are left. */
  readonly shape: readonly number[];
}

/** Records the sum over some axes, which the result lacks; over all by default. */
export function recordSum(plan: Plan, x: AnyTensor, axes?: readonly number[]): Tensor {
  const { parts, shape } = reductionOf("take a sum", x, axes);
  if (sizeOf(x.shape) === 0) return zeros(shape);
  return new SymbolicTensor(sums(plan, read(plan, "x", x), parts), shape);
}

/** Records the sum with the way back: every element is given the cotangent of its sum. */
export function recordSumVjp(
  plan: Plan,
  x: AnyTensor,
  axes?: readonly number[],
): SymbolicVjp<UnaryCotangent> {
  const { parts } = reductionOf("take a sum", x, axes);
  const y = recordSum(plan, x, axes);
  return {
    y,
    vjp(dy) {
      checkCotangent("pull back a sum", y, dy);
      if (sizeOf(x.shape) === 0) return { x: emptyLike(x) };
      const whole = repeated(plan, read(plan, "dy", dy), parts);
      return { x: new SymbolicTensor(whole, [...x.shape]) };
    },
  };
}

/** Records the mean over some axes, which the result lacks; over all by default. */
export function recordMean(plan: Plan, x: AnyTensor, axes?: readonly number[]): Tensor {
  const { parts, shape } = reductionOf("take a mean", x, axes);
  if (sizeOf(x.shape) === 0) {
    if (sizeOf(shape) === 0) return zeros(shape);
    throw new RangeError("Cannot take a mean: x must have elements, got none");
  }
  const value = read(plan, "x", x);
  if (!parts.some(({ pooled }) => pooled)) return new SymbolicTensor(value, shape);
  const { shift, delta } = statistics(plan, value, parts);
  return new SymbolicTensor(plan.each("add", { a: shift, b: delta }), shape);
}

/** Records the mean with the way back: every element is given its share of the mean's cotangent. */
export function recordMeanVjp(
  plan: Plan,
  x: AnyTensor,
  axes?: readonly number[],
): SymbolicVjp<UnaryCotangent> {
  const { parts } = reductionOf("take a mean", x, axes);
  const y = recordMean(plan, x, axes);
  return {
    y,
    vjp(dy) {
      checkCotangent("pull back a mean", y, dy);
      if (sizeOf(x.shape) === 0) return { x: emptyLike(x) };
      const count = sizeOf(x.shape) / sizeOf(y.shape);
      // Divided where there is the least to divide.
      const share = shareOf(plan, read(plan, "dy", dy), count);
      return { x: new SymbolicTensor(repeated(plan, share, parts), [...x.shape]) };
    },
  };
}

function reductionOf(action: string, x: AnyTensor, axes: readonly number[] | undefined): Reduction {
  checkTensor(action, "x", x);
  const pooled = axes === undefined
    ? x.shape.map((_, axis) => axis)
    : resolveAxes(action, "axes", axes, x.shape.length);
  const parts = x.shape.map((size, axis) => ({ size, pooled: pooled.includes(axis) }));
  return { parts: mergeParts(parts), shape: x.shape.filter((_, axis) => !pooled.includes(axis)) };
}
