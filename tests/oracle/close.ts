/**
 * What the tests of the oracle share: comparison with a tolerance, and numbers to try it on.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";

/** A few roundings of values of size 1. */
export const EXACT = 1e-14;

/**
 * Demands that two lists of numbers agree element by element.
 *
 * @param actual The numbers found.
 * @param expected As many numbers, none NaN.
 * @param tolerance Largest absolute difference.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  assertEquals(actual.length, expected.length);
  for (let index = 0; index < expected.length; index++) {
    assert(
      Math.abs(actual[index] - expected[index]) <= tolerance,
      `element ${index} must be ${expected[index]} to within ${tolerance}, got ${actual[index]}`,
    );
  }
}

/**
 * Numbers without a pattern, the same at every run.
 *
 * @param count How many.
 * @param salt Which ones.
 * @returns Numbers in -1 .. 1, none nearer to 0 than 0.1.
 */
export function scattered(count: number, salt: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => {
    const value = Math.sin(12.9898 * index + salt);
    return 0.9 * value + 0.1 * (value < 0 ? -1 : 1);
  });
}
