/**
 * What another library computes before and after GDN: a convolution of 3 x 3, padded with zeros.
 *
 * @module
 */
import type { Tensor } from "../../../../mod.ts";
import {
  type Array64,
  coordinatesOf,
  indexOf,
  type NumberArray,
  sizeOf,
} from "../../../oracle/array.ts";
import { random } from "../../../support/random.ts";

const SIDE = 3;

/** Integers from -2 to 2. */
export function integers(shape: readonly number[], seed: number): Tensor {
  const next = random(seed);
  const data = Float32Array.from({ length: sizeOf(shape) }, () => Math.floor(5 * next()) - 2);
  return { shape, data };
}

/**
 * A kernel for {@linkcode conv} of eighths from -1/4 to 1/4. With an x of {@linkcode integers}, float32
 * holds all terms and sums, so that the result is the same in any order.
 */
export function eighths(inputs: number, outputs: number, seed: number): Tensor {
  const { shape, data } = integers([SIDE, SIDE, inputs, outputs], seed);
  return { shape, data: data.map((value) => value / 8) };
}

/** Parameters of GDN: a beta from 1 to 5, and a gamma of eighths from 0 to 1/4. */
export function paramsOf(channels: number) {
  return {
    beta: integers([channels], 3).data.map((value) => 3 + value),
    gamma: {
      shape: [channels, channels],
      data: integers([channels, channels], 4).data.map((value) => Math.abs(value) / 8),
    },
  };
}

/**
 * The convolution in float64:
 * `y[n, i, j, o] = sum_{p, q, c} x[n, i + p - 1, j + q - 1, c] kernel[p, q, c, o]`, x being 0 outside.
 *
 * @param x Shape `(samples, height, width, inputs)`.
 * @param kernel Shape `(3, 3, inputs, outputs)`.
 * @returns Shape `(samples, height, width, outputs)`.
 */
export function conv(x: NumberArray, kernel: NumberArray): Array64 {
  const [samples, height, width, inputs] = x.shape;
  const outputs = kernel.shape[3];
  const shape = [samples, height, width, outputs];
  const data = new Float64Array(sizeOf(shape));
  for (let index = 0; index < data.length; index++) {
    const [n, i, j, o] = coordinatesOf(index, shape);
    for (let term = 0; term < SIDE * SIDE * inputs; term++) {
      const [p, q, c] = coordinatesOf(term, [SIDE, SIDE, inputs]);
      const row = i + p - 1;
      const column = j + q - 1;
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      data[index] += x.data[indexOf([n, row, column, c], x.shape)] *
        kernel.data[term * outputs + o];
    }
  }
  return { shape, data };
}
