/**
 * Tensors whose numbers are not at hand.
 *
 * @module
 */
import type { Tensor } from "./types.ts";

/** A tensor of which only the shape can be checked: its numbers are not there yet, or elsewhere. */
export abstract class LazyTensor implements Tensor {
  abstract readonly shape: readonly number[];
  abstract readonly data: Float32Array<ArrayBuffer>;
}
