/**
 * An arena that catches accesses outside of its blocks, for tests: canaries lie on both sides of each
 * block, and are looked at whenever a block is given back.
 *
 * @module
 */
import { Arena } from "../../ops/runtime/wasm/arena.ts";

const BYTES = 4;
/** Bytes of canary on each side of a block. */
const ZONE = 1024;
/** A NaN that no computation makes: what reads it becomes NaN, what overwrites it is seen. */
const CANARY = 0x7fc0dead;

/** An arena whose blocks have canaries around them, and hold nothing but NaN when they are taken. */
export class GuardedArena extends Arena {
  /** What is read or written beside a block is seen where the block is one run's. */
  override readonly letsStand = false;
  /** Bytes of each block that is taken, by its address. */
  readonly #blocks = new Map<number, number>();

  override take(bytes: number): number | undefined {
    const size = Math.ceil(bytes / BYTES) * BYTES;
    const start = super.take(size + 2 * ZONE);
    if (start === undefined) return undefined;
    const first = start / BYTES;
    this.integers.fill(CANARY, first, first + (size + 2 * ZONE) / BYTES);
    this.#blocks.set(start + ZONE, size);
    return start + ZONE;
  }

  /**
   * Gives a block back.
   *
   * @throws {Error} If it is none, or something was written beside this block or another.
   */
  override give(address: number): void {
    const size = this.#blocks.get(address);
    if (size === undefined) {
      throw new Error(`Cannot give a block back: address must be that of one, got ${address}`);
    }
    for (const [other, bytes] of this.#blocks) this.#check(other, bytes);
    this.#blocks.delete(address);
    // Whoever reads it from now on gets NaN.
    this.integers.fill(CANARY, address / BYTES, (address + size) / BYTES);
    super.give(address - ZONE);
  }

  #check(address: number, size: number): void {
    const zones = [[address - ZONE, address], [address + size, address + size + ZONE]];
    for (const [start, end] of zones) {
      for (let at = start; at < end; at += BYTES) {
        if (this.integers[at / BYTES] === CANARY) continue;
        const place = at < address ? address - at : at - address - size;
        throw new Error(
          `Cannot go on: nothing must be written outside of a block, got a write ${place} bytes ${
            at < address ? "before" : "behind"
          } one of ${size}`,
        );
      }
    }
  }
}
