/**
 * Image files as numbers, and numbers as points to draw.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Picture } from "../shared/image.ts";
import type { Drawing } from "./messages.ts";
import { checkBytes, checkPicture, undecodedReason } from "./picture_file.ts";

/** Pictures with more points are made smaller: a call is to take milliseconds. */
const MOST_POINTS = 320 * 240;

/** Where the drawn range ends, in root mean squares. */
const RANGE = 2;

/** What is drawn where a value is NaN or infinite: magenta, which no grey level is. */
const NOT_FINITE = [255, 0, 160];

/**
 * Decodes a picture in any format that the browser knows to its red, green and blue, from 0 to 1. What
 * is transparent becomes white.
 *
 * @throws {Error} If it cannot be shown, with the reason.
 */
export async function decodeColours(file: Blob): Promise<Picture[]> {
  using image = Object.assign(await decodeImage(file), {
    [Symbol.dispose](this: ImageBitmap) {
      this.close();
    },
  });
  const factor = Math.min(1, Math.sqrt(MOST_POINTS / (image.width * image.height)));
  const width = Math.max(1, Math.floor(image.width * factor));
  const height = Math.max(1, Math.floor(image.height * factor));
  const context = new OffscreenCanvas(width, height).getContext("2d", {
    willReadFrequently: true,
  })!;
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  const points = context.getImageData(0, 0, width, height).data;
  return [0, 1, 2].map((channel) => ({
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => points[4 * i + channel] / 255),
  }));
}

async function decodeImage(file: Blob): Promise<ImageBitmap> {
  const name = file instanceof File ? file.name : "the photograph";
  checkBytes(file.size, name);
  const format = checkPicture(new Uint8Array(await file.arrayBuffer()), name);
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(undecodedReason(format, name));
  }
}

/** The luminance of colours (ITU-R BT.709 weights). */
export function luminanceOf([red, green, blue]: readonly Picture[]): Picture {
  const data = red.data.map((value, i) =>
    0.2126 * value + 0.7152 * green.data[i] + 0.0722 * blue.data[i]
  );
  return { ...red, data };
}

/** One plane as grey or three as colours, from 0 to 1; what is not finite is magenta. */
export function drawingOf(planes: readonly Picture[]): Drawing {
  const [{ width, height }] = planes;
  const points = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    const finite = planes.every(({ data }) => Number.isFinite(data[i]));
    for (let c = 0; c < 3; c++) {
      points[4 * i + c] = finite
        ? 255 * planes[Math.min(c, planes.length - 1)].data[i]
        : NOT_FINITE[c];
    }
  }
  return { width, height, points };
}

/** Planes of any values: 0 becomes mid grey, and two root mean squares black and white. */
export function scaled(planes: readonly Picture[]): Picture[] {
  let squares = 0;
  let count = 0;
  for (const { data } of planes) {
    for (const value of data) {
      if (!Number.isFinite(value)) continue;
      squares += value * value;
      count++;
    }
  }
  const unit = Math.sqrt(squares / count);
  const scale = unit > 0 ? 0.5 / (RANGE * unit) : 0;
  return planes.map((plane) => ({ ...plane, data: plane.data.map((v) => 0.5 + scale * v) }));
}
