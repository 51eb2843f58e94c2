/**
 * Records the same elements under another shape or in another order.
 *
 * @module
 */
import { field, type Plan } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { extentsOf } from "../tensor/arguments.ts";
import { checkCotangent, checkLeastRank, checkTensor } from "../tensor/checks.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import type { UnaryCotangent } from "./unary.ts";

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
  if (sizeOf(extents) === 0) return zeros(extents);
  return new SymbolicTensor(read(plan, "x", x), extents);
}

/** Records another shape with the way back, which is the old one. */
export function recordReshapeVjp(
  plan: Plan,
  x: AnyTensor,
  shape: readonly number[],
): SymbolicVjp<UnaryCotangent> {
  const y = recordReshape(plan, x, shape);
  return {
    y,
    vjp(dy) {
      checkCotangent("pull back reshape", y, dy);
      return { x: recordReshape(plan, dy, x.shape) };
    },
  };
}

/** Records matrices with rows and columns, the last two axes, swapped. */
export function recordTranspose(plan: Plan, x: AnyTensor): Tensor {
  checkTensor("transpose a tensor", "x", x);
  checkLeastRank("transpose a tensor", "x", x.shape, 2);
  const { length: rank } = x.shape;
  const rows = x.shape[rank - 2];
  const columns = x.shape[rank - 1];
  const shape = [...x.shape.slice(0, -2), columns, rows];
  if (sizeOf(shape) === 0) return zeros(shape);
  const value = read(plan, "x", x);
  // A row or a column has its elements in the same order either way.
  if (rows === 1 || columns === 1) return new SymbolicTensor(value, shape);
  const n = value.length / rows / columns;
  const args = { x: field(value, { n, c: columns, s: rows }) };
  const size = { n, c: rows, s: columns };
  return new SymbolicTensor(plan.launch("transposed", "channelsLast", size, args), shape);
}

/** Records a transposition with the way back, which is one too. */
export function recordTransposeVjp(plan: Plan, x: AnyTensor): SymbolicVjp<UnaryCotangent> {
  const y = recordTranspose(plan, x);
  return {
    y,
    vjp(dy) {
      checkCotangent("pull back transpose", y, dy);
      return { x: recordTranspose(plan, dy) };
    },
  };
}
