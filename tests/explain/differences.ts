/**
 * Where two runs of the same computation differ.
 *
 * @module
 */

/** How numbers that should be equal differ. */
export interface Difference {
  /** The first number that differs by more than it may. */
  readonly index: number;
  readonly values: readonly [number, number];
  /** How many do. */
  readonly count: number;
}

/** How far numbers are apart, in units of the largest finite one among them. */
export interface Comparison {
  /** The largest distance; infinite where only one of two is finite, or a number at all. */
  readonly apart: number;
  /** The largest magnitude. */
  readonly scale: number;
  readonly difference: Difference | undefined;
}

/** Compares numbers; the distance of two may be `tolerance` times the largest magnitude of all. */
export function compare(
  ours: Float32Array,
  theirs: Float32Array,
  tolerance: number,
): Comparison {
  let scale = 0;
  for (const numbers of [ours, theirs]) {
    for (const number of numbers) {
      if (Number.isFinite(number)) scale = Math.max(scale, Math.abs(number));
    }
  }
  let apart = 0;
  let index = -1;
  let count = 0;
  for (let i = 0; i < ours.length; i++) {
    // Two NaN are the same, and so are two equal infinities.
    if (ours[i] === theirs[i] || (ours[i] !== ours[i] && theirs[i] !== theirs[i])) continue;
    const distance = Math.abs(ours[i] - theirs[i]) / scale;
    apart = Math.max(apart, Number.isNaN(distance) ? Infinity : distance);
    if (distance <= tolerance) continue;
    if (count++ === 0) index = i;
  }
  const difference: Difference | undefined = count === 0
    ? undefined
    : { index, values: [ours[index], theirs[index]], count };
  return { apart, scale, difference };
}
