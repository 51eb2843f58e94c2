/**
 * Pictures with noise, and without.
 *
 * @module
 */
import type { Picture } from "../shared/image.ts";
import type { Random } from "../shared/random.ts";
import type { Tf, TfTensor } from "./tensorflow.ts";

/** Squares of pictures, `(count, side, side, 1)`, with noise and without. */
export interface Squares {
  readonly noisy: TfTensor;
  readonly clean: TfTensor;
}

/** Squares from anywhere in the pictures. */
export function squares(
  tf: Tf,
  pictures: readonly Picture[],
  { count, side, noise }: { readonly count: number; readonly side: number; readonly noise: number },
  random: Random,
): Squares {
  const clean = new Float32Array(count * side * side);
  for (let i = 0; i < count; i++) {
    const { width, height, data } = pictures[random.below(pictures.length)];
    const left = random.below(width - side + 1);
    const top = random.below(height - side + 1);
    for (let row = 0; row < side; row++) {
      const from = (top + row) * width + left;
      clean.set(data.subarray(from, from + side), (i * side + row) * side);
    }
  }
  const noisy = clean.map((value) => value + noise * random.normal());
  const shape = [count, side, side, 1];
  return { noisy: tf.tensor(noisy, shape), clean: tf.tensor(clean, shape) };
}

/** Peak signal to noise ratio of pictures from 0 to 1, in decibels. */
export function ratio(tf: Tf, found: TfTensor, clean: TfTensor): number {
  const error = tf.tidy(() => tf.mean(tf.squaredDifference(found, clean)).dataSync()[0]);
  return -10 * Math.log10(error);
}
