/**
 * Memory of results that their owners have handed back, for results to come: fresh memory has to be
 * cleared by the system page by page, which takes longer than to write a result into it.
 *
 * @module
 */

/** At most so much is kept; what was handed back first goes first. */
const MOST_BYTES = 256 * 2 ** 20;

/** Buffers that belong to nobody else. */
export class Recycler {
  readonly #buffers: ArrayBuffer[] = [];
  #bytes = 0;

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A copy of numbers, in memory that was handed back if some of that size is there. */
  copy(source: Float32Array): Float32Array {
    const at = this.#buffers.findLastIndex(({ byteLength }) => byteLength === source.byteLength);
    if (at < 0) return source.slice();
    const [buffer] = this.#buffers.splice(at, 1);
    this.#bytes -= buffer.byteLength;
    const copy = new Float32Array(buffer);
    copy.set(source);
    return copy;
  }

  /** Takes a buffer that nothing else refers to. */
  give(buffer: ArrayBuffer): void {
    this.#buffers.push(buffer);
    this.#bytes += buffer.byteLength;
    while (this.#bytes > MOST_BYTES) this.#bytes -= this.#buffers.shift()!.byteLength;
  }
}
