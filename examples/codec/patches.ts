/**
 * Patches of pictures as a codec takes them, and the error of those that it returns.
 *
 * @module
 */
import { type Tensor, tensor } from "../../mod.ts";
import type { Picture } from "../shared/image.ts";
import type { Random } from "../shared/random.ts";
import { randomSquare, squareOf } from "../shared/squares.ts";

/** Side of a patch, and its points. */
export const SIDE = 8;
export const POINTS = SIDE * SIDE;
/** Grey of every point before the transform: it is about 0 in the middle of the range. */
const MIDDLE = 0.5;
/** What a point is multiplied by: one step of the quantizer is then a few grey levels. */
export const GAIN = 16;

/** Patches from anywhere in the pictures, (count, points). */
export function randomPatches(pictures: readonly Picture[], count: number, random: Random): Tensor {
  return patchesOf(Array.from({ length: count }, () => randomSquare(pictures, SIDE, random)));
}

/** All patches of a picture side by side, (count, points); what is left at the borders is not coded. */
export function allPatches(picture: Picture): Tensor {
  const across = Math.floor(picture.width / SIDE);
  const down = Math.floor(picture.height / SIDE);
  const squares = Array.from(
    { length: across * down },
    (_, i) => squareOf(picture, SIDE * (i % across), SIDE * Math.floor(i / across), SIDE),
  );
  return patchesOf(squares);
}

/** Mean squared error of decoded patches in units of the range from black to white. */
export function errorOf(x: Tensor, decoded: Tensor): number {
  let sum = 0;
  for (let i = 0; i < x.data.length; i++) sum += ((x.data[i] - decoded.data[i]) / GAIN) ** 2;
  return sum / x.data.length;
}

function patchesOf(squares: readonly Float32Array[]): Tensor {
  const data = new Float32Array(squares.length * POINTS);
  squares.forEach((square, i) => {
    data.set(square.map((value) => GAIN * (value - MIDDLE)), i * POINTS);
  });
  return tensor(data, [squares.length, POINTS]);
}
