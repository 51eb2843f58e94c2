/**
 * Initial values for parameters and state: functions from a shape to a new tensor.
 *
 * @module
 */
import { checkArguments, extentsOf } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/types.ts";

/** A function from a shape to a new tensor of that shape. */
export type Initializer = (shape: readonly number[]) => Tensor;

export const ACTION = "make an initializer";

/**
 * Every element 0.
 *
 * @returns The initializer.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { zeros } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(zeros()([2]), tensor([0, 0]));
 * ```
 */
export function zeros(): Initializer {
  checkArguments(ACTION, arguments, 0);
  return constant(0);
}

/**
 * Every element 1.
 *
 * @returns The initializer.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { ones } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ones()([2]), tensor([1, 1]));
 * ```
 */
export function ones(): Initializer {
  checkArguments(ACTION, arguments, 0);
  return constant(1);
}

/**
 * Every element the same number.
 *
 * @param value The number.
 * @returns The initializer.
 * @throws {TypeError} If `value` is not a number.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { constant } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(constant(0.5)([2]), tensor([0.5, 0.5]));
 * ```
 */
export function constant(value: number): Initializer {
  checkArguments(ACTION, arguments, 1);
  if (typeof value !== "number") {
    throw new TypeError(`Cannot make an initializer: value must be a number, got ${typeof value}`);
  }
  return initializer(() => () => value);
}

/**
 * The identity matrix times a number; a matrix that is not square is cut off or filled with zeros.
 *
 * @param gain The number on the diagonal.
 * @returns The initializer, for rank 2 only.
 * @throws {TypeError} The initializer, if the shape has another rank.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { identity } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(identity(2)([2, 2]), tensor([[2, 0], [0, 2]]));
 * ```
 */
export function identity(gain = 1): Initializer {
  checkArguments(ACTION, arguments, 1);
  checkNumber(ACTION, "gain", gain, "finite");
  return initializer((shape) => {
    if (shape.length !== 2) {
      throw new TypeError(
        `Cannot initialize: shape must have rank 2 for identity, got ${formatShape(shape)}`,
      );
    }
    return (i) => Math.floor(i / shape[1]) === i % shape[1] ? gain : 0;
  });
}

/** An initializer, from a function of the shape that returns the elements by their index. */
export function initializer(
  elementsOf: (shape: readonly number[]) => (index: number) => number,
): Initializer {
  return function (given) {
    checkArguments("initialize", arguments, 1);
    const shape = extentsOf("initialize", "shape", given);
    const element = elementsOf(shape);
    return { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => element(i)) };
  };
}
