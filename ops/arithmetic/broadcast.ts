/**
 * Tensors of unlike shapes as operands of one op, by the rules of NumPy: counted from the last axis,
 * extents are equal or one of them is 1, and missing axes count as 1.
 *
 * @module
 */
import { mergeParts, type Part } from "../norm/parts.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { extentsOf } from "../tensor/arguments.ts";
import { formatShape } from "../tensor/shape.ts";
import { gathered, repeated } from "./cotangents.ts";

/**
 * The shape of an op's result.
 *
 * @throws {TypeError} If the shapes do not fit, with what would.
 * @throws {RangeError} If no array holds the result.
 */
export function broadcastShape(
  action: string,
  a: readonly number[],
  b: readonly number[],
): number[] {
  const shape = commonShape(a, b);
  if (shape !== undefined) return extentsOf(action, "the result", shape);
  throw new TypeError(
    `Cannot ${action}: a and b must broadcast, got ${formatShape(a)} and ${formatShape(b)}` +
      adviceFor(a, b),
  );
}

/** Repeats a value of one shape along the axes that another one has besides. */
export function broadcast(
  plan: Plan,
  value: Value,
  from: readonly number[],
  to: readonly number[],
): Value {
  return repeated(plan, value, partsOf(from, to));
}

/** The way back: sums what lies over the larger shape along the axes that the other one repeats. */
export function unbroadcast(
  plan: Plan,
  value: Value,
  from: readonly number[],
  to: readonly number[],
): Value {
  return gathered(plan, value, partsOf(to, from));
}

/** The axes of the larger shape; pooled are those along which the smaller one is repeated. */
function partsOf(small: readonly number[], large: readonly number[]): Part[] {
  const missing = large.length - small.length;
  return mergeParts(large.map((size, axis) => {
    return { size, pooled: size !== 1 && (small[axis - missing] ?? 1) === 1 };
  }));
}

function commonShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape.push(m === 1 ? n : m);
  }
  return shape;
}

/** Which axes of one element would make two shapes fit, if some do. */
function adviceFor(a: readonly number[], b: readonly number[]): string {
  const isA = a.length < b.length;
  const small = isA ? a : b;
  const large = isA ? b : a;
  for (let ones = 1; ones <= large.length - small.length; ones++) {
    const reshaped = [...small, ...new Array<number>(ones).fill(1)];
    if (commonShape(reshaped, large) === undefined) continue;
    return `; ${formatShape(reshaped)} would fit, as axes are counted from the last`;
  }
  return "; counted from the last axis, extents must be equal or 1";
}
