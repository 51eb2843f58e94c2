/**
 * Digits that are drawn for tests, each a bright square in a place of its own, and files of them.
 *
 * @module
 */
import { type Digits, emptyDigits, SIDE } from "../../../examples/batch_size/digits.ts";
import { openRandom } from "../../../examples/shared/random.ts";

/** Digits of all kinds in turn: a square of 7 x 7 points, on and beside which there is noise. */
export function drawnDigits(count: number, seed: number): Digits {
  const random = openRandom(seed);
  const digits = emptyDigits(count);
  digits.points.forEach((_, i) => {
    const sample = Math.floor(i / SIDE ** 2);
    const row = Math.floor(i / SIDE) % SIDE;
    const patch = 4 * Math.floor(row / 7) + Math.floor(i % SIDE / 7);
    digits.points[i] = (patch === sample % 10 ? 150 : 0) + random.below(100);
  });
  digits.kinds.forEach((_, i) => digits.kinds[i] = i % 10);
  return digits;
}

/** Writes the four files of MNIST. */
export async function writeDigits(folder: string, train: Digits, test: Digits): Promise<void> {
  for (const [part, { points, kinds }] of [["train", train], ["t10k", test]] as const) {
    const count = kinds.length;
    await Deno.writeFile(`${folder}/${part}-images-idx3-ubyte`, idx(points, [count, SIDE, SIDE]));
    await Deno.writeFile(`${folder}/${part}-labels-idx1-ubyte`, idx(kinds, [count]));
  }
}

/** A file in the IDX format. */
export function idx(bytes: Uint8Array, shape: readonly number[]): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + bytes.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((extent, i) => view.setUint32(4 + 4 * i, extent));
  file.set(bytes, 4 + 4 * shape.length);
  return file;
}
