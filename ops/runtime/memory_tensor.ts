/**
 * Tensors in the program's memory that a runtime holds.
 *
 * @module
 */
import type { MemoryTensor as Interface } from "../tensor/types.ts";
import { Life, type Owner } from "./life.ts";

/** A tensor with an end. */
export class MemoryTensor implements Interface {
  readonly shape: readonly number[];
  readonly location = "memory";
  // Properties of the object itself, so that copies of it made by JSON or a spread have the numbers; a
  // structured clone meets the function and throws.
  declare readonly data: Float32Array;
  declare readonly read: () => Promise<Float32Array<ArrayBuffer>>;
  readonly #life: Life<Float32Array>;

  constructor(shape: readonly number[], data: Float32Array, owner: Owner) {
    this.shape = shape;
    this.#life = new Life(data, owner);
    Object.defineProperties(this, {
      data: { enumerable: true, get: () => this.current() },
      // deno-lint-ignore require-await -- so that it rejects where the tensor has ended
      read: { enumerable: true, value: async () => this.current().slice() },
    });
  }

  /** The life of a tensor of this class. */
  static lifeOf(node: object): Life<Float32Array> | undefined {
    return #life in node ? node.#life : undefined;
  }

  get buffer(): never {
    throw new TypeError(
      'Cannot get the buffer of a tensor: its location must be "gpu", got "memory"',
    );
  }

  /** The elements, while they are there. */
  current(): Float32Array {
    return this.#life.elements;
  }

  [Symbol.dispose](): void {
    // A proxy has no life of its own.
    if (#life in this) this.#life.end();
  }
}
