/**
 * Files that people choose, before they are decoded: those that cannot be shown are refused with the
 * reason.
 *
 * @module
 */
import { otherKindOf, PICTURES } from "./formats.ts";

/** Larger files are refused. */
export const MOST_BYTES = 2 ** 26;

/** Pictures with more points are refused: decoded, they would need a quarter of a gigabyte. */
export const MOST_POINTS = 2 ** 26;

/**
 * Checks a file.
 *
 * @param file Its bytes.
 * @param name What it is called in messages.
 * @returns The name of its format.
 * @throws {TypeError} If it is no picture of points, or its end is missing.
 * @throws {RangeError} If it has too many points.
 */
export function checkPicture(file: Uint8Array, name: string): string {
  const format = PICTURES.find((format) => format.begins(file));
  if (format === undefined) {
    throw new TypeError(
      `Cannot show ${name}: it must be a picture made of points, such as a PNG or a JPEG, got ${
        otherKindOf(file)
      }`,
    );
  }
  const size = format.size?.(file);
  if (size !== undefined && size.width * size.height > MOST_POINTS) {
    throw new RangeError(
      `Cannot show ${name}: it must have at most ${MOST_POINTS} points, got ${size.width} x ${size.height}`,
    );
  }
  if (format.isWhole?.(file) === false) {
    throw new TypeError(
      `Cannot show ${name}: it must be a whole file, got a ${format.name} that is cut off`,
    );
  }
  return format.name;
}

/** Refuses a file before it is read. */
export function checkBytes(bytes: number, name: string): void {
  if (bytes <= MOST_BYTES) return;
  throw new RangeError(
    `Cannot show ${name}: the file must have at most ${MOST_BYTES / 2 ** 20} MiB, got ${
      Math.ceil(bytes / 2 ** 20)
    } MiB`,
  );
}

/** Why the browser did not decode a file that {@linkcode checkPicture} has let pass. */
export function undecodedReason(format: string, name: string): string {
  return ["PNG", "JPEG", "GIF", "BMP", "WebP"].includes(format)
    ? `Cannot show ${name}: it must be a whole file, got a ${format} that is broken`
    : `Cannot show ${name}: it must be in a format that this browser can decode, got ${format}`;
}
