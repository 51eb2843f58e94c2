/**
 * Records functions of every element.
 *
 * @module
 */
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";
import { opposite, product } from "./cotangents.ts";

/** The functions. */
export type UnaryFunction = "abs" | "exp" | "log" | "neg" | "round" | "sqrt" | "square";

/** The cotangent of the only operand. */
export interface UnaryCotangent {
  /** That of x, of its shape. */
  readonly x: Tensor;
}

/** Records a function of every element. */
export function recordUnary(plan: Plan, name: UnaryFunction, x: AnyTensor): Tensor {
  return mapped(plan, name, x, (value) => {
    if (name === "round") return plan.each("rounded", { x: value });
    if (name === "square") return plan.each("multiply", { a: value, b: value });
    return plan.each("elementary", { x: value }, { FUNCTION: name });
  });
}

/**
 * Records a function with the way back. The slope of `abs` is 0 at 0, that of `sqrt` infinite there; that
 * of `round` counts as 1 everywhere, as it is 0 or infinite in truth and nothing could be learned.
 */
export function recordUnaryVjp(
  plan: Plan,
  name: UnaryFunction,
  x: AnyTensor,
): SymbolicVjp<UnaryCotangent> {
  const y = recordUnary(plan, name, x);
  const pull = (dy: Value) => {
    switch (name) {
      case "abs":
        return plan.each("absVjp", { x: read(plan, "x", x), dy });
      case "exp":
        return product(plan, read(plan, "y", y), dy);
      case "log":
        return plan.each("divide", { a: dy, b: read(plan, "x", x) });
      case "neg":
        return opposite(plan, dy);
      case "round":
        return dy;
      case "sqrt":
        return plan.each("sqrtVjp", { y: read(plan, "y", y), dy });
      case "square":
        return plan.each("squareVjp", { x: read(plan, "x", x), dy });
    }
  };
  return { y, vjp: (dy) => ({ x: pulled(plan, name, y, dy, pull) }) };
}

/** Records what `make` makes of the elements of x, of the same shape. */
export function mapped(
  plan: Plan,
  name: string,
  x: AnyTensor,
  make: (value: Value) => Value,
): Tensor {
  checkTensor(`apply ${name}`, "x", x);
  if (sizeOf(x.shape) === 0) return emptyLike(x);
  return new SymbolicTensor(make(read(plan, "x", x)), [...x.shape]);
}

/** Records what `pull` makes of a cotangent of y, of the same shape. */
export function pulled(
  plan: Plan,
  name: string,
  y: AnyTensor,
  dy: AnyTensor,
  pull: (dy: Value) => Value,
): Tensor {
  checkCotangent(`pull back ${name}`, y, dy);
  if (sizeOf(y.shape) === 0) return emptyLike(y);
  return new SymbolicTensor(pull(read(plan, "dy", dy)), [...y.shape]);
}
