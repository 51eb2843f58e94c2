/**
 * Batches that are split into parts, one for each replica.
 *
 * @module
 */
import type { Tensor } from "../../mod.ts";

/** Samples of each replica: uneven, and some without any. */
export const SPLITS: readonly (readonly number[])[] = [
  [5, 2],
  [4, 0, 3],
  [0, 1, 2, 0, 1, 3, 0],
];

/** The parts of a tensor along axis 0; one without samples of its own, such as a scale, goes to all. */
export function split(x: Tensor, sizes: readonly number[]): Tensor[] {
  const samples = sizes.reduce((sum, size) => sum + size, 0);
  if (x.shape[0] !== samples) return sizes.map(() => x);
  const item = x.data.length / samples;
  let at = 0;
  return sizes.map((size) => {
    const data = x.data.slice(at * item, (at + size) * item);
    at += size;
    return { shape: [size, ...x.shape.slice(1)], data };
  });
}

/** The tensors of all parts one behind the other. */
export function joined(parts: readonly Tensor[]): number[] {
  return parts.flatMap(({ data }) => Array.from(data));
}

/** The sums of tensors, element by element, in float64. */
export function summed(parts: readonly Tensor[]): number[] {
  return Array.from(parts[0].data, (_, i) => parts.reduce((sum, { data }) => sum + data[i], 0));
}
