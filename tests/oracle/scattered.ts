/**
 * Numbers to try the oracle on, and how exactly it must compute.
 *
 * @module
 */

/** A few roundings of values of size 1. */
export const EXACT = 1e-14;

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
