/**
 * How long a runtime's tensors live.
 *
 * @module
 */
import type { DeviceData, Elements } from "../tensor/elements.ts";

/** What a tensor's numbers belong to. */
export interface Owner {
  /** Whether its memory is there no more. */
  readonly ended: boolean;
  /** Gives the memory of numbers back. */
  release(elements: Elements): void;
}

/** A tensor's numbers until its end. */
export class Life<E extends Float32Array | DeviceData> {
  readonly #owner: Owner;
  #elements: E | undefined;
  #donated = false;

  constructor(elements: E, owner: Owner) {
    this.#elements = elements;
    this.#owner = owner;
  }

  /**
   * The numbers.
   *
   * @throws {TypeError} If the tensor has ended or been donated.
   */
  get elements(): E {
    if (this.#elements !== undefined && !this.#owner.ended && !this.#donated) {
      return this.#elements;
    }
    throw new TypeError(
      this.#donated
        ? "Cannot use a tensor: it must not have been donated to a pipeline, got one that has been"
        : "Cannot use a tensor: its memory must not have been given back, got one whose life has ended",
    );
  }

  /** Ends the tensor, as often as is asked. */
  end(): void {
    const elements = this.#elements;
    this.#elements = undefined;
    if (elements !== undefined && !this.#owner.ended) this.#owner.release(elements);
  }

  /** Takes the numbers from the tensor, until its end or until they are given back. */
  donate(): void {
    this.#donated = true;
  }

  /** Undoes a donation. */
  restore(): void {
    this.#donated = false;
  }
}
