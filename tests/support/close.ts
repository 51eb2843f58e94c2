/**
 * Comparisons with a float64 reference that say where and by how much.
 *
 * @module
 */

/** Fails unless every element is within `tolerance` of the reference, naming the worst one. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "result",
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what} must have ${expected.length} elements, got ${actual.length}`);
  }
  const { at, by } = worst(actual, expected);
  if (!(by <= tolerance)) {
    throw new Error(
      `${what}[${at}] must be within ${tolerance} of ${expected[at]}, got ${
        actual[at]
      } (off by ${by})`,
    );
  }
}

/** Fails unless every element is within `tolerance` of its reference, or that times its magnitude. */
export function assertCloseEach(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "result",
): void {
  const scales = Float64Array.from(expected, (value) => 1 / Math.max(1, Math.abs(value)));
  const scaled = (values: ArrayLike<number>) =>
    Float64Array.from(values, (value, i) => i < scales.length ? value * scales[i] : value);
  assertClose(scaled(actual), scaled(expected), tolerance, `${what} by its magnitude`);
}

/** The element that is farthest from its reference; NaN is infinitely far from everything. */
export function worst(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): { at: number; by: number } {
  let found = { at: 0, by: 0 };
  for (let i = 0; i < expected.length; i++) {
    const by = actual[i] === expected[i] ? 0 : Math.abs(actual[i] - expected[i]);
    if (!(by <= found.by)) found = { at: i, by: Number.isNaN(by) ? Infinity : by };
  }
  return found;
}

/** The largest magnitude, at least 1e-30. */
export function largest(values: ArrayLike<number>): number {
  return Array.prototype.reduce.call(
    values,
    (most, value) => Math.max(most as number, Math.abs(value as number)),
    1e-30,
  ) as number;
}
