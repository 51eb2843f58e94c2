/**
 * Patches of pictures, as a codec takes them, and pictures put together from them.
 *
 * @module
 */
import { type Tensor, tensor } from "../../mod.ts";
import type { Picture } from "../shared/image.ts";
import type { Random } from "../shared/random.ts";

/** Side of a patch, and its points. */
const SIDE = 8;
export const POINTS = SIDE * SIDE;
/** Grey of every point before the transform: it is about 0 in the middle of the range. */
const MIDDLE = 0.5;
/** What a point is multiplied by: one step of the quantizer is then a few grey levels. */
const GAIN = 16;

/** Patches from anywhere in the pictures, (count, points). */
export function randomPatches(pictures: readonly Picture[], count: number, random: Random): Tensor {
  const data = new Float32Array(count * POINTS);
  for (let i = 0; i < count; i++) {
    const picture = pictures[random.below(pictures.length)];
    const left = random.below(picture.width - SIDE + 1);
    const top = random.below(picture.height - SIDE + 1);
    copy(picture, left, top, data.subarray(i * POINTS));
  }
  return tensor(data, [count, POINTS]);
}

/** All patches of a picture side by side, (count, points); what is left at the borders is not coded. */
export function allPatches(picture: Picture): Tensor {
  const [across, down] = [picture.width, picture.height].map((n) => Math.floor(n / SIDE));
  const data = new Float32Array(across * down * POINTS);
  for (let i = 0; i < across * down; i++) {
    const left = SIDE * (i % across);
    const top = SIDE * Math.floor(i / across);
    copy(picture, left, top, data.subarray(i * POINTS));
  }
  return tensor(data, [across * down, POINTS]);
}

/** Mean squared error of decoded patches in units of the range from black to white. */
export function errorOf(x: Tensor, decoded: Tensor): number {
  let sum = 0;
  for (let i = 0; i < x.data.length; i++) sum += ((x.data[i] - decoded.data[i]) / GAIN) ** 2;
  return sum / x.data.length;
}

function copy({ width, data }: Picture, left: number, top: number, out: Float32Array): void {
  for (let k = 0; k < POINTS; k++) {
    const value = data[(top + Math.floor(k / SIDE)) * width + left + k % SIDE];
    out[k] = GAIN * (value - MIDDLE);
  }
}
