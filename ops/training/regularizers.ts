/**
 * Penalties on parameters, to be added to a loss. No op applies them by itself.
 *
 * @module
 */
import { checkArguments, checkKeys } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Tensor } from "../tensor/types.ts";

const ACTION = "make a regularizer";

/** A function from a tensor to the penalty for it. */
export type Regularizer = (tensor: Tensor) => number;

/**
 * `factor * sum |t|`, summed in double precision.
 *
 * @param factor Weight of the penalty; finite and `>= 0`.
 * @returns The regularizer.
 * @throws {RangeError} If the factor is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { l1 } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(l1(0.5)(tensor([1, -3])), 2);
 * ```
 */
export function l1(factor = 0.01): Regularizer {
  checkArguments(ACTION, arguments, 1);
  return l1l2({ l1: factor, l2: 0 });
}

/**
 * `factor * sum t^2`, summed in double precision: the convention of Keras. The function of
 * tf.contrib.layers halves it.
 *
 * @param factor Weight of the penalty; finite and `>= 0`.
 * @returns The regularizer.
 * @throws {RangeError} If the factor is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { l2 } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(l2(0.5)(tensor([1, -3])), 5);
 * ```
 */
export function l2(factor = 0.01): Regularizer {
  checkArguments(ACTION, arguments, 1);
  return l1l2({ l1: 0, l2: factor });
}

/**
 * `l1 * sum |t| + l2 * sum t^2`, summed in double precision.
 *
 * @param factors Weights of the two penalties; finite and `>= 0`.
 * @returns The regularizer.
 * @throws {RangeError} If a factor is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { l1l2 } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(l1l2({ l1: 0.5, l2: 1 })(tensor([1, -3])), 12);
 * ```
 */
export function l1l2(factors: { readonly l1?: number; readonly l2?: number } = {}): Regularizer {
  checkArguments(ACTION, arguments, 1);
  const { l1 = 0.01, l2 = 0.01 } = checkKeys(ACTION, "factors", factors, { l1: true, l2: true });
  for (const [name, factor] of Object.entries({ l1, l2 })) {
    checkNumber(ACTION, name, factor, "notNegative");
  }
  return function (tensor) {
    checkArguments("regularize", arguments, 1);
    const { data } = tensorFrom("regularize", "tensor", tensor);
    let magnitudes = 0;
    let squares = 0;
    for (const value of data) {
      magnitudes += Math.abs(value);
      squares += value * value;
    }
    return l1 * magnitudes + l2 * squares;
  };
}
