/**
 * Pictures with noise, and without.
 *
 * @module
 */
import type { Picture } from "../shared/image.ts";
import type { Random } from "../shared/random.ts";
import { randomSquare } from "../shared/squares.ts";
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
  for (let i = 0; i < count; i++) clean.set(randomSquare(pictures, side, random), i * side * side);
  const noisy = clean.map((value) => value + noise * random.normal());
  const shape = [count, side, side, 1];
  return { noisy: tf.tensor(noisy, shape), clean: tf.tensor(clean, shape) };
}

/** Peak signal to noise ratio of pictures from 0 to 1, in decibels. */
export function ratio(tf: Tf, found: TfTensor, clean: TfTensor): number {
  const error = tf.tidy(() => tf.mean(tf.squaredDifference(found, clean)).dataSync()[0]);
  return -10 * Math.log10(error);
}
