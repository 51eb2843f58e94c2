/**
 * Seeded data for tests.
 *
 * @module
 */
import type { Tensor } from "../../mod.ts";

/** mulberry32: uniform numbers in [0, 1), the same for one seed everywhere. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** About normal numbers (a sum of twelve uniform ones) with a mean and a deviation, as float32. */
export function randomTensor(
  shape: readonly number[],
  { seed = 1, mean = 0, stddev = 1 }: { seed?: number; mean?: number; stddev?: number } = {},
): Tensor {
  const next = random(seed);
  const length = shape.reduce((size, extent) => size * extent, 1);
  const data = Float32Array.from({ length }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return mean + stddev * sum;
  });
  return { shape: [...shape], data };
}

/** `x` with its axes in another order. */
export function transposed(x: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => x.shape[axis]);
  const strides = x.shape.map((_, axis) => x.shape.slice(axis + 1).reduce((n, e) => n * e, 1));
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]) * strides[order[axis]];
      rest = Math.floor(rest / shape[axis]);
    }
    data[i] = x.data[from];
  }
  return { shape, data };
}

/** The order that moves the last axis to place 1, and the one that moves it back. */
export function channelsFirstOrder(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}
