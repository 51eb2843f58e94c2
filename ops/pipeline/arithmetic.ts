/**
 * Records arithmetic on tensors, for what surrounds norms in a pipeline.
 *
 * @module
 */
import { spreadOver } from "../norm/spread.ts";
import { statistics } from "../norm/statistics.ts";
import { sums } from "../norm/sums.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { resolveAxes } from "../plan/view.ts";
import { extentsOf } from "../tensor/arguments.ts";
import { checkTensor } from "../tensor/checks.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";

/** Records a sum, difference or product; axes of one element, and missing ones, repeat. */
export function recordBinary(
  plan: Plan,
  kernel: "add" | "subtract" | "multiply",
  a: AnyTensor,
  b: AnyTensor,
): Tensor {
  const action = `${kernel} tensors`;
  checkTensor(action, "a", a);
  checkTensor(action, "b", b);
  const shape = broadcastShape(action, a.shape, b.shape);
  if (sizeOf(shape) === 0) return { shape, data: new Float32Array(0) };
  const args = { a: spread(plan, "a", a, shape), b: spread(plan, "b", b, shape) };
  return new SymbolicTensor(plan.each(kernel, args), shape);
}

/** Records x times a number. */
export function recordScale(plan: Plan, x: AnyTensor, factor: number): Tensor {
  checkTensor("scale a tensor", "x", x);
  if (typeof factor !== "number") {
    throw new TypeError(`Cannot scale a tensor: factor must be a number, got ${typeof factor}`);
  }
  if (sizeOf(x.shape) === 0) return x;
  const scaled = plan.each("affine", { a: read(plan, "x", x), factor, term: 0 });
  return new SymbolicTensor(scaled, [...x.shape]);
}

/** Records the sum over some axes, which the result lacks; over all by default. */
export function recordSum(plan: Plan, x: AnyTensor, axes?: readonly number[]): Tensor {
  const action = "take a sum";
  checkTensor(action, "x", x);
  const pooled = axes === undefined
    ? x.shape.map((_, axis) => axis)
    : resolveAxes(action, "axes", axes, x.shape.length);
  const parts = x.shape.map((size, axis) => ({ size, pooled: pooled.includes(axis) }));
  const shape = x.shape.filter((_, axis) => !pooled.includes(axis));
  if (sizeOf(x.shape) === 0) return zeros(shape);
  return new SymbolicTensor(sums(plan, read(plan, "x", x), parts), shape);
}

/** Records another shape for the same elements, which costs nothing. */
export function recordReshape(plan: Plan, x: AnyTensor, shape: readonly number[]): Tensor {
  const action = "reshape a tensor";
  checkTensor(action, "x", x);
  const extents = extentsOf(action, "shape", shape);
  if (sizeOf(extents) !== sizeOf(x.shape)) {
    throw new TypeError(
      `Cannot ${action}: shape must have the ${sizeOf(x.shape)} elements of x, got ${
        formatShape(extents)
      }`,
    );
  }
  if (sizeOf(extents) === 0) return { shape: extents, data: new Float32Array(0) };
  return new SymbolicTensor(read(plan, "x", x), extents);
}

/** Records the mean of all elements, a tensor of shape (). */
export function recordMean(plan: Plan, x: AnyTensor): Tensor {
  checkTensor("take a mean", "x", x);
  if (sizeOf(x.shape) === 0) {
    throw new RangeError("Cannot take a mean: x must have elements, got none");
  }
  const value = read(plan, "x", x);
  const { shift, delta } = statistics(plan, value, [{ size: value.length, pooled: true }]);
  return new SymbolicTensor(plan.each("add", { a: shift, b: delta }), []);
}

function spread(plan: Plan, name: string, x: AnyTensor, shape: readonly number[]): Value {
  const missing = shape.length - x.shape.length;
  const parts = shape.map((size) => ({ size, pooled: false }));
  return spreadOver(
    plan,
    read(plan, name, x),
    parts,
    (part) => (x.shape[parts.indexOf(part) - missing] ?? 1) === part.size,
    -1,
  );
}

function broadcastShape(action: string, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new TypeError(
        `Cannot ${action}: a and b must broadcast, got ${formatShape(a)} and ${formatShape(b)}`,
      );
    }
    return m === 1 ? n : m;
  });
}
