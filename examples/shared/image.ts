/**
 * Reads any PNG as luminance or as colours, and writes pictures side by side.
 *
 * @module
 */
import { decode, type DecodedPng, encode } from "fast-png";
import { trimmedPng } from "./png.ts";

/** A picture, of one channel unless it is said to have more, from 0 (black) to 1 (white). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Rows from the top. */
  readonly data: Float32Array;
}

/** Pictures with more points are made smaller: the demo is to take seconds, not minutes. */
const MOST_POINTS = 512 * 512;

/**
 * Decodes a PNG of any colour type and depth to its luminance (ITU-R BT.709 weights). Transparency is
 * ignored.
 *
 * @throws {Error} If the file is not a PNG, is broken, or inflates to more than its points need.
 */
export async function decodePicture(file: Uint8Array): Promise<Picture> {
  const png = decode(await trimmedPng(file));
  const points = png.width * png.height;
  const sample = sampler(png);
  const grey = png.palette === undefined && png.channels < 3;
  const data = Float32Array.from(
    { length: points },
    (_, i) =>
      grey ? sample(i, 0) : 0.2126 * sample(i, 0) + 0.7152 * sample(i, 1) + 0.0722 * sample(i, 2),
  );
  return { width: png.width, height: png.height, data };
}

/**
 * Decodes a PNG of any colour type and depth to red, green and blue from 0 to 1, rows from the top.
 * Transparency is ignored.
 *
 * @throws {Error} As {@linkcode decodePicture}.
 */
export async function decodeColours(file: Uint8Array): Promise<Picture> {
  const png = decode(await trimmedPng(file));
  const sample = sampler(png);
  const grey = png.palette === undefined && png.channels < 3;
  const data = Float32Array.from(
    { length: 3 * png.width * png.height },
    (_, i) => sample(Math.floor(i / 3), grey ? 0 : i % 3),
  );
  return { width: png.width, height: png.height, data };
}

/** Reads channel c of point i, from 0 to 1. */
function sampler(png: DecodedPng): (i: number, c: number) => number {
  const { palette, data, channels, depth, width } = png;
  const most = 2 ** depth - 1;
  // Several points share a byte below 8 bits, and a row begins with a new byte.
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width * channels / perByte);
  const raw = (i: number) => {
    if (depth >= 8) return data[i];
    const x = i % width;
    const y = Math.floor(i / width);
    const byte = data[y * rowBytes + Math.floor(x / perByte)];
    return (byte >> (8 - depth * (x % perByte + 1))) & most;
  };
  if (palette !== undefined) return (i, c) => palette[raw(i)][c] / 255;
  return (i, c) => depth >= 8 ? data[i * channels + c] / most : raw(i) / most;
}

/** The picture, or its averages over squares if it is too large; and by how much it was shrunk. */
export function shrunk(picture: Picture): { picture: Picture; factor: number } {
  const factor = Math.ceil(Math.sqrt(picture.width * picture.height / MOST_POINTS));
  if (factor <= 1) return { picture, factor: 1 };
  const [width, height] = [picture.width, picture.height].map((n) =>
    Math.max(1, Math.floor(n / factor))
  );
  const data = Float32Array.from({ length: width * height }, (_, i) => {
    const left = (i % width) * factor;
    const top = Math.floor(i / width) * factor;
    let sum = 0;
    let count = 0;
    for (let y = top; y < Math.min(top + factor, picture.height); y++) {
      for (let x = left; x < Math.min(left + factor, picture.width); x++) {
        sum += picture.data[y * picture.width + x];
        count++;
      }
    }
    return sum / count;
  });
  return { picture: { width, height, data }, factor };
}

/** Points between pictures side by side, which are transparent. */
export const GAP = 8;

/** Pictures of one size as one PNG, from left to right. */
export function encodeRow(pictures: readonly Picture[]): Uint8Array {
  const [{ width, height }] = pictures;
  const whole = pictures.length * (width + GAP) - GAP;
  const data = new Uint8Array(2 * whole * height); // a grey level and an opacity for each point
  for (const [i, picture] of pictures.entries()) {
    const left = i * (width + GAP);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = 2 * (y * whole + left + x);
        data[at] = Math.round(255 * Math.min(1, Math.max(0, picture.data[y * width + x])));
        data[at + 1] = 255;
      }
    }
  }
  const zlib = { level: 9 } as const;
  return encode({ width: whole, height, data, channels: 2, depth: 8 }, { zlib });
}
