/**
 * Tensors whose data are not there yet.
 *
 * @module
 */
import type { Tensor } from "./types.ts";

/** A tensor of which only the shape is known: its data are not there yet, and need no check. */
export abstract class LazyTensor implements Tensor {
  abstract readonly shape: readonly number[];
  abstract readonly data: Float32Array<ArrayBuffer>;
}
