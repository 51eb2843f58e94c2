/**
 * Tensors whose data lie in a runtime's memory until their life ends.
 *
 * @module
 */
import type { ResidentTensor } from "./runtime.ts";

/** What owns the memory that a tensor's data lie in. */
export interface Owner {
  /** Gives the memory back. */
  release(data: Float32Array): void;
  /** Whether its memory is there no more. */
  readonly ended: boolean;
}

/** A tensor with an end. */
export class OwnedTensor implements ResidentTensor {
  readonly shape: readonly number[];
  readonly #owner: Owner;
  #data: Float32Array | undefined;

  constructor(shape: readonly number[], data: Float32Array, owner: Owner) {
    this.shape = shape;
    this.#data = data;
    this.#owner = owner;
  }

  get data(): Float32Array {
    if (this.#data === undefined || this.#owner.ended) {
      throw new TypeError(
        "Cannot use a tensor: its memory must not have been given back, got one whose life has ended",
      );
    }
    return this.#data;
  }

  [Symbol.dispose](): void {
    const data = this.#data;
    this.#data = undefined;
    if (data !== undefined && !this.#owner.ended) this.#owner.release(data);
  }
}
