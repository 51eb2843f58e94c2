/**
 * Records ops of a tensor and a number: products, bounds and powers. The number is an argument of the
 * kernel, so that another one compiles nothing.
 *
 * @module
 */
import type { Plan } from "../plan/plan.ts";
import { read, type SymbolicVjp } from "../plan/symbolic.ts";
import { checkTensor } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { multiple } from "./cotangents.ts";
import { mapped, pulled, type UnaryCotangent } from "./unary.ts";

/** Records x times a number. */
export function recordScale(plan: Plan, x: AnyTensor, factor: number): Tensor {
  checkTensor("scale a tensor", "x", x);
  if (typeof factor !== "number") {
    throw new TypeError(`Cannot scale a tensor: factor must be a number, got ${typeof factor}`);
  }
  return mapped(plan, "scale", x, (a) => plan.each("affine", { a, factor, term: 0 }));
}

/** Records x times a number, with the way back. */
export function recordScaleVjp(
  plan: Plan,
  x: AnyTensor,
  factor: number,
): SymbolicVjp<UnaryCotangent> {
  const y = recordScale(plan, x, factor);
  return {
    y,
    vjp: (dy) => ({ x: pulled(plan, "scale", y, dy, (a) => multiple(plan, a, factor)) }),
  };
}

/** Records the larger (`"max"`) or the smaller (`"min"`) of x and a bound; NaN stays NaN. */
export function recordBounded(
  plan: Plan,
  side: "max" | "min",
  x: AnyTensor,
  bound: number,
): Tensor {
  checkNumber(`apply ${side}`, "bound", bound, "finite");
  return mapped(
    plan,
    side,
    x,
    (value) => plan.each("bounded", { x: value, bound }, { SIDE: side }),
  );
}

/** Records the same with the way back: x is given the whole cotangent where it is at the bound. */
export function recordBoundedVjp(
  plan: Plan,
  side: "max" | "min",
  x: AnyTensor,
  bound: number,
): SymbolicVjp<UnaryCotangent> {
  const y = recordBounded(plan, side, x, bound);
  const holes = { SIDE: side };
  return {
    y,
    vjp: (dy) => ({
      x: pulled(
        plan,
        side,
        y,
        dy,
        (dy) => plan.each("boundedVjp", { x: read(plan, "x", x), dy, bound }, holes),
      ),
    }),
  };
}

/** Records x to the power of a number. Exponents of 0, 1 and 2 need no power, and are exact. */
export function recordPow(plan: Plan, x: AnyTensor, exponent: number): Tensor {
  const power = powerOf(exponent);
  return mapped(plan, "pow", x, (value) => {
    if (power === 0) return plan.constant(1, value.length);
    if (power === 1) return value;
    if (power === 2) return plan.each("multiply", { a: value, b: value });
    return plan.each("raised", { x: value, exponent: power }, { PARITY: parityOf(power) });
  });
}

/** Records the same with the way back; the slope of x^0 is 0 everywhere, also at 0. */
export function recordPowVjp(
  plan: Plan,
  x: AnyTensor,
  exponent: number,
): SymbolicVjp<UnaryCotangent> {
  const power = powerOf(exponent);
  const y = recordPow(plan, x, power);
  const holes = { PARITY: parityOf(power) };
  return {
    y,
    vjp: (dy) => ({
      x: pulled(plan, "pow", y, dy, (dy) => {
        if (power === 0) return plan.constant(0, dy.length);
        if (power === 1) return dy;
        const value = read(plan, "x", x);
        if (power === 2) return plan.each("squareVjp", { x: value, dy });
        const args = { x: value, dy, exponent: power, less: power - 1 };
        return plan.each("raisedVjp", args, holes);
      }),
    }),
  };
}

/** An exponent as kernels see it. */
function powerOf(exponent: number): number {
  checkNumber("apply pow", "exponent", exponent, "finite");
  return Math.fround(exponent);
}

/** Whether a power is whole, and even or odd. */
function parityOf(power: number): "any" | "even" | "odd" {
  if (!Number.isInteger(power)) return "any";
  return power % 2 === 0 ? "even" : "odd";
}
