/**
 * Records sums, differences, products and quotients of two tensors.
 *
 * @module
 */
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import { broadcast, broadcastShape, unbroadcast } from "./broadcast.ts";
import { opposite, product } from "./cotangents.ts";

/** What two tensors are combined by: the name of a kernel. */
export type BinaryKernel = "add" | "subtract" | "multiply" | "divide";

/** The cotangents of both operands. */
export interface BinaryCotangents {
  /** That of a, of its shape. */
  readonly a: Tensor;
  /** That of b, of its shape. */
  readonly b: Tensor;
}

/** Records an op of two tensors, element by element; axes of one element, and missing ones, repeat. */
export function recordBinary(plan: Plan, kernel: BinaryKernel, a: AnyTensor, b: AnyTensor): Tensor {
  return recordBinaryVjp(plan, kernel, a, b).y;
}

/** Records the same with the way back: a cotangent is summed along the axes that were repeated. */
export function recordBinaryVjp(
  plan: Plan,
  kernel: BinaryKernel,
  a: AnyTensor,
  b: AnyTensor,
): SymbolicVjp<BinaryCotangents> {
  const action = `${kernel} tensors`;
  checkTensor(action, "a", a);
  checkTensor(action, "b", b);
  const shape = broadcastShape(action, a.shape, b.shape);
  const pullBack = `pull back ${kernel}`;
  if (sizeOf(shape) === 0) {
    const y = zeros(shape);
    return {
      y,
      vjp(dy) {
        checkCotangent(pullBack, y, dy);
        return { a: zeros(a.shape), b: zeros(b.shape) };
      },
    };
  }
  const left = broadcast(plan, read(plan, "a", a), a.shape, shape);
  const right = broadcast(plan, read(plan, "b", b), b.shape, shape);
  const value = plan.each(kernel, { a: left, b: right });
  const y = new SymbolicTensor(value, shape);
  return {
    y,
    vjp(dy) {
      checkCotangent(pullBack, y, dy);
      const pull = PULLS[kernel](plan, { a: left, b: right, y: value, dy: read(plan, "dy", dy) });
      const sum = unbroadcast(plan, pull.b, shape, b.shape);
      // The sign changes where the least is left.
      const ofB = pull.negated ? opposite(plan, sum) : sum;
      return {
        a: new SymbolicTensor(unbroadcast(plan, pull.a, shape, a.shape), [...a.shape]),
        b: new SymbolicTensor(ofB, [...b.shape]),
      };
    },
  };
}

/** The values of an op, in the shape of its result, and the cotangent of that. */
interface Values {
  readonly a: Value;
  readonly b: Value;
  readonly y: Value;
  readonly dy: Value;
}

/** What the operands are given, in the shape of the result. */
interface Pull {
  readonly a: Value;
  readonly b: Value;
  /** Whether b is given the opposite. */
  readonly negated?: boolean;
}

const PULLS: Readonly<Record<BinaryKernel, (plan: Plan, values: Values) => Pull>> = {
  add: (_, { dy }) => ({ a: dy, b: dy }),
  subtract: (_, { dy }) => ({ a: dy, b: dy, negated: true }),
  multiply: (plan, { a, b, dy }) => ({
    a: product(plan, dy, b),
    b: product(plan, dy, a),
  }),
  // With y = a / b, the slope in b is -y / b.
  divide: (plan, { b, y, dy }) => {
    const share = plan.each("divide", { a: dy, b });
    return { a: share, b: product(plan, share, y), negated: true };
  },
};
