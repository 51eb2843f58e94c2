/**
 * Tensors whose data lie in a runtime's memory until their life ends.
 *
 * @module
 */
import type { RuntimeTensor } from "../tensor/types.ts";

/** What owns the memory that a tensor's data lie in. */
export interface Owner {
  /** Gives the memory back. */
  release(data: Float32Array): void;
  /** Whether its memory is there no more. */
  readonly ended: boolean;
}

/** A tensor with an end. */
export class MemoryTensor implements RuntimeTensor {
  readonly shape: readonly number[];
  readonly location = "memory";
  // Properties of the object itself, so that copies of it made by JSON or a spread have the numbers; a
  // structured clone meets the function and throws.
  declare readonly data: Float32Array;
  declare readonly read: () => Promise<Float32Array<ArrayBuffer>>;
  readonly #owner: Owner;
  #data: Float32Array | undefined;

  constructor(shape: readonly number[], data: Float32Array, owner: Owner) {
    this.shape = shape;
    this.#data = data;
    this.#owner = owner;
    Object.defineProperties(this, {
      data: { enumerable: true, get: () => this.current() },
      // deno-lint-ignore require-await -- so that it rejects where the tensor has ended
      read: { enumerable: true, value: async () => this.current().slice() },
    });
  }

  /** The elements, while they are there. */
  current(): Float32Array {
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
