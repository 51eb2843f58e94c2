/**
 * Pictures of red, green and blue around a codec.
 *
 * @module
 */
import { encode } from "fast-png";
import type { Picture } from "../shared/image.ts";

const COLOURS = 3;

/**
 * A picture with so many columns and rows: the first ones if it has more, and its last ones repeated if
 * it has fewer.
 */
export function fitted(
  { width, height, data }: Picture,
  columns: number,
  rows: number,
): Picture {
  const out = new Float32Array(COLOURS * columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const from = COLOURS * (Math.min(y, height - 1) * width + Math.min(x, width - 1));
      out.set(data.subarray(from, from + COLOURS), COLOURS * (y * columns + x));
    }
  }
  return { width: columns, height: rows, data: out };
}

/** Peak signal to noise ratio in decibels: values are brought into 0 to 1 first, but not rounded. */
export function ratio(picture: Picture, decoded: Picture): number {
  const sum = picture.data.reduce(
    (sum, value, i) => sum + (value - shown(decoded.data[i])) ** 2,
    0,
  );
  return -10 * Math.log10(sum / picture.data.length);
}

/** A picture as a PNG of 8 bits. */
export function encodeColours({ width, height, data }: Picture): Uint8Array {
  const bytes = Uint8Array.from(data, (value) => Math.round(255 * shown(value)));
  return encode({ width, height, data: bytes, channels: COLOURS, depth: 8 });
}

/** A value that can be shown. */
function shown(value: number): number {
  return Math.min(1, Math.max(0, value));
}
