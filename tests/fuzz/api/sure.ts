/**
 * Which results of float32 are known where numbers overflow, underflow or are none.
 *
 * @module
 */

/** What a result may lose below float32's normal numbers, in a few steps. */
const LOST = 8 * 2 ** -126;
/** Less than the largest float32 by more than roundings. */
const LARGEST = 3.4e38;

/** Whether a number is exact, or known to its sign. */
export function isSure(value: number, off: number): boolean {
  return off === 0 || Math.abs(value) > off;
}

/**
 * What a result may be off by in the end: Infinity, for anything, if it may have overflowed, and nothing
 * if it is infinite or NaN for sure.
 *
 * @param off What is known so far; for a result that is infinite or NaN, 0 if that is sure.
 */
export function settled(value: number, off: number): number {
  if (!Number.isFinite(value)) return off === 0 ? 0 : Infinity;
  return Math.abs(value) + off <= LARGEST ? off + LOST : Infinity;
}
