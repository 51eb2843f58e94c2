/**
 * Reads any PNG as luminance or as colours, and writes two pictures side by side.
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

/** Two pictures of one size as one PNG, left and right. */
export function encodePair(left: Picture, right: Picture): Uint8Array {
  const { width, height } = left;
  const data = Uint8Array.from({ length: 2 * width * height }, (_, i) => {
    const x = i % (2 * width);
    const y = Math.floor(i / (2 * width));
    const value = x < width ? left.data[y * width + x] : right.data[y * width + x - width];
    return Math.round(255 * Math.min(1, Math.max(0, value)));
  });
  return encode({ width: 2 * width, height, data, channels: 1, depth: 8 });
}
