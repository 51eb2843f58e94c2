/**
 * Records what the ways back have in common. The cotangent of a loss is the number 1, and what is made of
 * a number alone is known while it is recorded: it takes no launch.
 *
 * @module
 */
import { type Part, sizeOfParts } from "../norm/parts.ts";
import { spreadOver } from "../norm/spread.ts";
import { sums } from "../norm/sums.ts";
import type { Plan, Value } from "../plan/plan.ts";

/** Records a value that lies over the kept parts, repeated along the pooled ones. */
export function repeated(plan: Plan, value: Value, parts: readonly Part[]): Value {
  const number = plan.numberOf(value);
  return number === undefined
    ? spreadOver(plan, value, parts, ({ pooled }) => !pooled)
    : plan.constant(number, sizeOfParts(parts));
}

/** Records the sums over the pooled parts. */
export function gathered(plan: Plan, value: Value, parts: readonly Part[]): Value {
  const number = plan.numberOf(value);
  if (number === undefined) return sums(plan, value, parts);
  const sets = sizeOfParts(parts.filter(({ pooled }) => !pooled));
  return plan.constant(Math.fround(number * (value.length / sets)), sets);
}

/** Records a product of two values. */
export function product(plan: Plan, a: Value, b: Value): Value {
  if (plan.numberOf(a) === 1) return b;
  if (plan.numberOf(b) === 1) return a;
  return plan.each("multiply", { a, b });
}

/** Records a value times a number. */
export function multiple(plan: Plan, a: Value, factor: number): Value {
  const number = plan.numberOf(a);
  if (number === undefined) return plan.each("affine", { a, factor, term: 0 });
  return plan.constant(Math.fround(number * Math.fround(factor)), a.length);
}

/** Records a value divided by how many elements a set has. */
export function shareOf(plan: Plan, sum: Value, count: number): Value {
  const number = plan.numberOf(sum);
  if (number === undefined) return plan.each("deltaOf", { sum, count });
  return plan.constant(Math.fround(number / count), sum.length);
}

/** Records the opposite of a value. */
export function opposite(plan: Plan, x: Value): Value {
  const number = plan.numberOf(x);
  if (number === undefined) return plan.each("elementary", { x }, { FUNCTION: "neg" });
  return plan.constant(-number, x.length);
}
