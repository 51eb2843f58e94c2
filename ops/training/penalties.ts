/**
 * Records penalties on parameters: what the regularizers are in a pipeline.
 *
 * @module
 */
import { recordSumVjp } from "../arithmetic/reduce.ts";
import { recordUnaryVjp, type UnaryCotangent } from "../arithmetic/unary.ts";
import { recordScaleVjp } from "../arithmetic/with_number.ts";
import type { Plan } from "../plan/plan.ts";
import type { SymbolicVjp } from "../plan/symbolic.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";

/** Records `factor * sum |x|` for `"l1"`, and `factor * sum x^2` for `"l2"`. */
export function recordPenalty(
  plan: Plan,
  name: "l1" | "l2",
  x: AnyTensor,
  factor = 0.01,
): Tensor {
  return recordPenaltyVjp(plan, name, x, factor).y;
}

/** Records a penalty with the way back. */
export function recordPenaltyVjp(
  plan: Plan,
  name: "l1" | "l2",
  x: AnyTensor,
  factor = 0.01,
): SymbolicVjp<UnaryCotangent> {
  const action = `apply ${name}`;
  checkTensor(action, "x", x);
  checkNumber(action, "factor", factor, "notNegative");
  const sizes = recordUnaryVjp(plan, name === "l1" ? "abs" : "square", x);
  const sum = recordSumVjp(plan, sizes.y);
  const scaled = recordScaleVjp(plan, sum.y, factor);
  return {
    y: scaled.y,
    vjp(dy) {
      checkCotangent(`pull back ${name}`, scaled.y, dy);
      return sizes.vjp(sum.vjp(scaled.vjp(dy).x).x);
    },
  };
}
