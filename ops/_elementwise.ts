/**
 * Records arithmetic on tensors, for what surrounds norms in a pipeline.
 *
 * @module
 */
import { checkActivation, extentsOf } from "./_checks.ts";
import { checkTensor, read, SymbolicTensor } from "./_graph.ts";
import { resolveAxes } from "./_layout.ts";
import { beforeActivation } from "./_norm_vjp.ts";
import { normalizeView } from "./_normalize.ts";
import { spreadOver } from "./_parts.ts";
import type { Plan, Value } from "./_plan.ts";
import { formatShape, sizeOf } from "./_shape.ts";
import { statistics } from "./_statistics.ts";
import { sums } from "./_sums.ts";
import { checkCotangent } from "./_vjp.ts";
import type { Activation } from "./activations.ts";
import type { SymbolicVjp } from "./pipeline.ts";
import type { Tensor } from "./tensor.ts";

/** Records a sum, difference or product; axes of one element, and missing ones, repeat. */
export function recordBinary(
  plan: Plan,
  kernel: "add" | "subtract" | "multiply",
  a: Tensor,
  b: Tensor,
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
export function recordScale(plan: Plan, x: Tensor, factor: number): Tensor {
  checkTensor("scale a tensor", "x", x);
  if (typeof factor !== "number") {
    throw new TypeError(`Cannot scale a tensor: factor must be a number, got ${typeof factor}`);
  }
  if (sizeOf(x.shape) === 0) return x;
  const scaled = plan.each("affine", { a: read(plan, "x", x), factor, term: 0 });
  return new SymbolicTensor(scaled, [...x.shape]);
}

/** Records the sum over some axes, which the result lacks; over all by default. */
export function recordSum(plan: Plan, x: Tensor, axes?: readonly number[]): Tensor {
  const action = "take a sum";
  checkTensor(action, "x", x);
  const pooled = axes === undefined
    ? x.shape.map((_, axis) => axis)
    : resolveAxes(action, "axes", axes, x.shape.length);
  const parts = x.shape.map((size, axis) => ({ size, pooled: pooled.includes(axis) }));
  const shape = x.shape.filter((_, axis) => !pooled.includes(axis));
  if (sizeOf(x.shape) === 0) return { shape, data: new Float32Array(sizeOf(shape)) };
  return new SymbolicTensor(sums(plan, read(plan, "x", x), parts), shape);
}

/** Records another shape for the same elements, which costs nothing. */
export function recordReshape(plan: Plan, x: Tensor, shape: readonly number[]): Tensor {
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

/** Records an activation of every element. */
export function recordActivation(plan: Plan, x: Tensor, activation: Activation): Tensor {
  checkActivation("apply an activation", activation);
  checkTensor("apply an activation", "x", x);
  if (sizeOf(x.shape) === 0) return x;
  return new SymbolicTensor(activated(plan, read(plan, "x", x), activation), [...x.shape]);
}

/** Records an activation with the way back. */
export function recordActivationVjp(
  plan: Plan,
  x: Tensor,
  activation: Activation,
): SymbolicVjp<{ readonly x: Tensor }> {
  return {
    y: recordActivation(plan, x, activation),
    vjp(dy) {
      checkCotangent("pull back an activation", x, dy);
      if (sizeOf(x.shape) === 0) return { x };
      const z = read(plan, "x", x);
      const pulled = beforeActivation(plan, activation, () => z, read(plan, "dy", dy));
      return { x: new SymbolicTensor(pulled, [...x.shape]) };
    },
  };
}

/** The kernel of the norms, with a mean of 0 and a scale of 1. */
function activated(plan: Plan, x: Value, activation: Activation): Value {
  const zero = plan.constant(0, 1);
  return normalizeView(plan, x, "channelsFirst", { n: 1, c: 1, s: x.length }, {
    shift: zero,
    delta: zero,
    scale: plan.constant(1, 1),
    beta: zero,
    activation,
  });
}

/** Records the mean of all elements, a tensor of shape (). */
export function recordMean(plan: Plan, x: Tensor): Tensor {
  checkTensor("take a mean", "x", x);
  if (sizeOf(x.shape) === 0) {
    throw new RangeError("Cannot take a mean: x must have elements, got none");
  }
  const value = read(plan, "x", x);
  const { shift, delta } = statistics(plan, value, [{ size: value.length, pooled: true }]);
  return new SymbolicTensor(plan.each("add", { a: shift, b: delta }), []);
}

function spread(plan: Plan, name: string, x: Tensor, shape: readonly number[]): Value {
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
    const [m, n] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (m !== n && m !== 1 && n !== 1) {
      throw new TypeError(
        `Cannot ${action}: a and b must broadcast, got ${formatShape(a)} and ${formatShape(b)}`,
      );
    }
    return m === 1 ? n : m;
  });
}
