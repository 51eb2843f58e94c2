/**
 * Digits as a network takes them, and files of them in MNIST's format.
 *
 * @module
 */
import { type Tensor, tensor } from "../../mod.ts";
import { ExampleError, reason } from "../shared/command.ts";

/** Kinds of digits. */
export const KINDS = 10;
/** Patches of a digit, side by side, and the points of one. */
export const PATCHES = 16;
export const POINTS = 49;
/** Points of a digit's side. */
export const SIDE = 28;
const PATCH = 7;
/** Mean and deviation of all points of MNIST's digits for training, of 1. */
const MEAN = 0.1307;
const DEVIATION = 0.3081;

/** Digits, row by row, and what they are; in shared memory, for all threads. */
export interface Digits {
  readonly points: Uint8Array;
  readonly kinds: Uint8Array;
}

/** What a training needs. */
export interface Sets {
  readonly train: Digits;
  readonly test: Digits;
}

/** Digits, and what they are. */
export interface Batch {
  /** Shape (digits, patches, points). */
  readonly x: Tensor;
  /** 1 in the column of the kind, else 0: (digits, kinds). */
  readonly target: Tensor;
}

/** Where each point of each patch is in a digit; four patches of a quarter follow each other. */
const PLACES = Uint16Array.from({ length: SIDE * SIDE }, (_, i) => {
  const patch = Math.floor(i / POINTS);
  const quarter = patch >> 2;
  const row = 2 * (quarter >> 1) + (patch >> 1 & 1);
  const column = 2 * (quarter & 1) + (patch & 1);
  const y = PATCH * row + Math.floor(i % POINTS / PATCH);
  return SIDE * y + PATCH * column + i % PATCH;
});

/** Digits in memory that threads share. */
export function emptyDigits(count: number): Digits {
  return {
    points: new Uint8Array(new SharedArrayBuffer(count * SIDE * SIDE)),
    kinds: new Uint8Array(new SharedArrayBuffer(count)),
  };
}

/** Some of the digits. */
export function batchOf({ points, kinds }: Digits, indices: ArrayLike<number>): Batch {
  const count = indices.length;
  const x = new Float32Array(count * SIDE * SIDE);
  const target = new Float32Array(count * KINDS);
  for (let i = 0; i < count; i++) {
    const from = indices[i] * SIDE * SIDE;
    for (let k = 0; k < SIDE * SIDE; k++) {
      x[i * SIDE * SIDE + k] = (points[from + PLACES[k]] / 255 - MEAN) / DEVIATION;
    }
    target[i * KINDS + kinds[indices[i]]] = 1;
  }
  return { x: tensor(x, [count, PATCHES, POINTS]), target: tensor(target, [count, KINDS]) };
}

/** Reads a folder with the four files of MNIST, or of a set in its format such as Fashion-MNIST. */
export async function readSets(folder: string): Promise<Sets> {
  const train = await readDigits(folder, "train");
  return { train, test: await readDigits(folder, "t10k") };
}

async function readDigits(folder: string, part: string): Promise<Digits> {
  const points = await readIdx(`${folder}/${part}-images-idx3-ubyte`, [SIDE, SIDE]);
  const kinds = await readIdx(`${folder}/${part}-labels-idx1-ubyte`, []);
  const digits = emptyDigits(kinds.length);
  if (points.length !== digits.points.length || !kinds.every((kind) => kind < KINDS)) {
    throw new ExampleError(
      `Cannot read ${folder}: ${part} must have as many digits as labels, from 0 to 9`,
    );
  }
  digits.points.set(points);
  digits.kinds.set(kinds);
  return digits;
}

/** The bytes of a file in the IDX format, whose items have a shape. */
async function readIdx(path: string, shape: readonly number[]): Promise<Uint8Array> {
  const file = await Deno.readFile(path).catch((error) => {
    throw new ExampleError(`Cannot read ${path}: ${reason(error)}`);
  });
  const header = 8 + 4 * shape.length;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const extents = file.length < header
    ? []
    : Array.from({ length: header / 4 }, (_, i) => view.getUint32(4 * i));
  // Two zeros, 8 for bytes, and the rank; then the extents, of which the first is the count.
  const expected = [0x0800 + shape.length + 1, extents[1], ...shape];
  const size = shape.reduce((size, extent) => size * extent, 1);
  const isRight = `${extents}` === `${expected}` && file.length === header + extents[1] * size;
  if (!isRight) {
    throw new ExampleError(
      `Cannot read ${path}: it must be a whole IDX file of bytes (${
        ["count", ...shape].join(", ")
      })`,
    );
  }
  return file.subarray(header);
}
