/**
 * Records projections of parameters: what the constraints are in a pipeline.
 *
 * @module
 */
import { recordBinary } from "../arithmetic/binary.ts";
import { recordSum } from "../arithmetic/reduce.ts";
import { recordUnary, type UnaryCotangent } from "../arithmetic/unary.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { resolveAxes } from "../plan/view.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";
import {
  maxNormLimits,
  minMaxNormLimits,
  type MinMaxNormOptions,
  unitNormLimits,
} from "./limits.ts";

/** What the options of each constraint come to. */
export const LIMITS = {
  maxNorm: maxNormLimits,
  unitNorm: unitNormLimits,
  minMaxNorm: minMaxNormLimits,
};

/** Records x with vectors of such norms. */
export function recordProjection(
  plan: Plan,
  name: keyof typeof LIMITS,
  x: AnyTensor,
  options?: MinMaxNormOptions,
): Tensor {
  return recordProjectionVjp(plan, name, x, options).y;
}

/**
 * Records the same with the way back. With f the factor of a vector and n its norm, the cotangent of x
 * is `f dy + x f'(n) / n sum(x dy)`, and that of a vector of zeros `f dy`.
 */
export function recordProjectionVjp(
  plan: Plan,
  name: keyof typeof LIMITS,
  x: AnyTensor,
  options: MinMaxNormOptions = {},
): SymbolicVjp<UnaryCotangent> {
  const action = `apply ${name}`;
  checkTensor(action, "x", x);
  const { axes, ...limits } = LIMITS[name](action, options);
  const along = resolveAxes(action, "axis", axes, x.shape.length);
  const pullBack = `pull back ${name}`;
  if (sizeOf(x.shape) === 0) {
    return {
      y: emptyLike(x),
      vjp(dy) {
        checkCotangent(pullBack, x, dy);
        return { x: emptyLike(x) };
      },
    };
  }
  // One number for each vector, over all axes of x.
  const shape = x.shape.map((extent, axis) => along.includes(axis) ? 1 : extent);
  const sumOf = (terms: Tensor) => read(plan, "sums", recordSum(plan, terms, along));
  const times = (vectors: AnyTensor, factors: Value) =>
    recordBinary(plan, "multiply", vectors, new SymbolicTensor(factors, shape));
  const squares = sumOf(recordUnary(plan, "square", x));
  const factor = plan.each("lengthFactor", { squares, ...limits });
  return {
    y: times(x, factor),
    vjp(dy) {
      checkCotangent(pullBack, x, dy);
      const share = sumOf(recordBinary(plan, "multiply", x, dy));
      const slope = plan.each("lengthSlope", { squares, share, ...limits });
      return { x: recordBinary(plan, "add", times(dy, factor), times(x, slope)) };
    },
  };
}
