/**
 * What several fits come to.
 *
 * @module
 */

/** The mean of some numbers; of none it is NaN. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation from fit to fit (n - 1); of one it is 0. */
export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** The smallest and the largest. */
export function rangeOf(values: readonly number[]): readonly [from: number, to: number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Mean and deviation as text; one number alone has none. */
export function shown(values: readonly number[], digits: number): string {
  const mean = meanOf(values).toFixed(digits);
  return values.length === 1 ? mean : `${mean} ± ${deviationOf(values).toFixed(digits)}`;
}
