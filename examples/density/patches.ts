/**
 * Patches of pictures, whitened: what a density is fitted to.
 *
 * @module
 */
import type { Picture } from "../shared/image.ts";
import { eigen, multiply } from "../shared/linear.ts";
import type { Random } from "../shared/random.ts";

/** Side of a patch. */
const SIDE = 4;
const POINTS = SIDE * SIDE;
/** Numbers of a patch without its mean. */
export const DIMENSIONS = POINTS - 1;

/**
 * Patches from anywhere in the pictures without their means, by principal components of variance 1:
 * (count, dimensions) in rows.
 */
export function whitenedPatches(
  pictures: readonly Picture[],
  count: number,
  random: Random,
): Float64Array {
  const patches = new Float64Array(count * POINTS);
  for (let i = 0; i < count; i++) {
    const { width, height, data } = pictures[random.below(pictures.length)];
    const left = random.below(width - SIDE + 1);
    const top = random.below(height - SIDE + 1);
    let mean = 0;
    for (let k = 0; k < POINTS; k++) {
      const value = data[(top + Math.floor(k / SIDE)) * width + left + k % SIDE];
      patches[i * POINTS + k] = value;
      mean += value / POINTS;
    }
    for (let k = 0; k < POINTS; k++) patches[i * POINTS + k] -= mean;
  }
  const covariance = new Float64Array(POINTS * POINTS);
  for (let i = 0; i < count; i++) {
    const patch = patches.subarray(i * POINTS, (i + 1) * POINTS);
    for (let j = 0; j < POINTS; j++) {
      for (let k = 0; k < POINTS; k++) covariance[j * POINTS + k] += patch[j] * patch[k] / count;
    }
  }
  const { values, vectors } = eigen(covariance, POINTS);
  // The last component is the mean, which is gone.
  const whitening = Float64Array.from({ length: POINTS * DIMENSIONS }, (_, i) => {
    const row = Math.floor(i / DIMENSIONS);
    const column = i % DIMENSIONS;
    return vectors[row * POINTS + column] / Math.sqrt(values[column]);
  });
  return multiply(patches, whitening, POINTS, DIMENSIONS);
}
