/**
 * Patches of pictures, whitened: what a density is fitted to.
 *
 * @module
 */
import { type Tensor, tensor } from "../../mod.ts";
import type { Picture } from "../shared/image.ts";
import { eigen, multiply } from "../shared/linear.ts";
import type { Random } from "../shared/random.ts";
import { randomSquare } from "../shared/squares.ts";

/** Side of a patch. */
export const SIDE = 4;
const POINTS = SIDE * SIDE;
/** Numbers of a patch without its mean. */
export const DIMENSIONS = POINTS - 1;
/** From one grey level of the pictures to the next. */
const LEVEL = 1 / 255;

/**
 * Patches from anywhere in the pictures without their means, (count, points) in rows. Every point is
 * moved at random within its grey level: numbers of a few levels have no density.
 */
export function randomPatches(
  pictures: readonly Picture[],
  count: number,
  random: Random,
): Float64Array {
  const patches = new Float64Array(count * POINTS);
  for (let i = 0; i < count; i++) {
    const square = Float64Array.from(
      randomSquare(pictures, SIDE, random),
      (value) => value + LEVEL * (random.uniform() - 0.5),
    );
    const mean = square.reduce((sum, value) => sum + value / POINTS, 0);
    square.forEach((value, k) => patches[i * POINTS + k] = value - mean);
  }
  return patches;
}

/** A matrix, (points, dimensions), that takes patches to their principal components of variance 1. */
export function whiteningOf(patches: Float64Array): Float64Array {
  const count = patches.length / POINTS;
  const covariance = new Float64Array(POINTS * POINTS);
  for (let i = 0; i < count; i++) {
    const patch = patches.subarray(i * POINTS, (i + 1) * POINTS);
    for (let j = 0; j < POINTS; j++) {
      for (let k = 0; k < POINTS; k++) covariance[j * POINTS + k] += patch[j] * patch[k] / count;
    }
  }
  const { values, vectors } = eigen(covariance, POINTS);
  // The last component is the mean, which is gone.
  return Float64Array.from({ length: POINTS * DIMENSIONS }, (_, i) => {
    const row = Math.floor(i / DIMENSIONS);
    const column = i % DIMENSIONS;
    return vectors[row * POINTS + column] / Math.sqrt(values[column]);
  });
}

/** Principal components of patches, (count, dimensions) in rows. */
export function whitened(patches: Float64Array, whitening: Float64Array): Float64Array {
  return multiply(patches, whitening, POINTS, DIMENSIONS);
}

/** Some of the patches, drawn at random: (count, dimensions). */
export function batchOf(z: Float64Array, count: number, random: Random): Tensor {
  const data = new Float32Array(count * DIMENSIONS);
  for (let i = 0; i < count; i++) {
    const from = random.below(z.length / DIMENSIONS) * DIMENSIONS;
    data.set(z.subarray(from, from + DIMENSIONS), i * DIMENSIONS);
  }
  return tensor(data, [count, DIMENSIONS]);
}
