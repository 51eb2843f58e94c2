/**
 * Squares cut out of pictures.
 *
 * @module
 */
import type { Picture } from "./image.ts";
import type { Random } from "./random.ts";

/** The points of a square, row by row. */
export function squareOf(
  { width, data }: Picture,
  left: number,
  top: number,
  side: number,
): Float32Array {
  const square = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const from = (top + row) * width + left;
    square.set(data.subarray(from, from + side), row * side);
  }
  return square;
}

/** A square from anywhere in one of the pictures. */
export function randomSquare(
  pictures: readonly Picture[],
  side: number,
  random: Random,
): Float32Array {
  const picture = pictures[random.below(pictures.length)];
  const left = random.below(picture.width - side + 1);
  const top = random.below(picture.height - side + 1);
  return squareOf(picture, left, top, side);
}
