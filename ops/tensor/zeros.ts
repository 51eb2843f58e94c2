/**
 * Tensors of zeros, and those without elements.
 *
 * @module
 */
import { sizeOf } from "./shape.ts";
import type { AnyTensor, Tensor } from "./types.ts";

/** The result of any norm of nothing. */
export function emptyLike(x: AnyTensor): Tensor {
  return { shape: [...x.shape], data: new Float32Array(0) };
}

/** Zeros of a shape. */
export function zeros(shape: readonly number[]): Tensor {
  return { shape: [...shape], data: new Float32Array(sizeOf(shape)) };
}
