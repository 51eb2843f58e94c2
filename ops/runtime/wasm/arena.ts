/**
 * Memory of the wasm executor: arenas of a fixed size, in which tensors, copies of inputs and the
 * blocks of runs are taken and given back.
 *
 * @module
 */
import { SPARE } from "./compiler/scopes.ts";

const PAGE = 65536;
const BYTES = 4;
/** Blocks start on a cache line. */
const ALIGNMENT = 64;
/** Left free at the end of an arena: kernels may read a little beyond an array. */
const MARGIN = SPARE * BYTES;
/** Numbers up to which a slice is the faster copy. */
const SMALL_COPY = 2048;
/** What WebAssembly can address with 32 bits, except one page. */
const MAX_PAGES = 65535;
/** The first arena: 256 MiB of address space, of which only what is used takes memory. */
const FIRST_PAGES = 4096;

/**
 * One memory. Its size never changes: engines check accesses to such a memory faster, and views of
 * it stay valid.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  readonly pages: number;
  readonly shared: boolean;
  /** Whether plans may keep blocks from run to run. */
  readonly letsStand: boolean = true;
  /** The most that has been in use at a time, in bytes. */
  highest = ALIGNMENT;
  readonly #gaps: { start: number; size: number }[];
  readonly #sizes = new Map<number, number>();

  constructor(pages: number, shared: boolean) {
    this.pages = pages;
    this.shared = shared;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    this.floats = new Float32Array(this.memory.buffer);
    this.integers = new Int32Array(this.memory.buffer);
    this.#gaps = [{ start: ALIGNMENT, size: pages * PAGE - MARGIN - ALIGNMENT }];
  }

  /** The address of a free block, if there is one; the lowest that fits. */
  take(bytes: number): number | undefined {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    const at = this.#gaps.findIndex((gap) => gap.size >= size);
    if (at < 0) return undefined;
    const gap = this.#gaps[at];
    const { start } = gap;
    gap.start += size;
    gap.size -= size;
    if (gap.size === 0) this.#gaps.splice(at, 1);
    this.#sizes.set(start, size);
    this.highest = Math.max(this.highest, start + size);
    return start;
  }

  /** Gives a block back. */
  give(start: number): void {
    const size = this.#sizes.get(start)!;
    this.#sizes.delete(start);
    const gaps = this.#gaps;
    let at = gaps.findIndex((gap) => gap.start > start);
    if (at < 0) at = gaps.length;
    const before = gaps[at - 1];
    const after = gaps[at];
    const joinsBefore = before !== undefined && before.start + before.size === start;
    const joinsAfter = after !== undefined && start + size === after.start;
    if (joinsBefore) {
      before.size += size + (joinsAfter ? after.size : 0);
      if (joinsAfter) gaps.splice(at, 1);
    } else if (joinsAfter) {
      after.start = start;
      after.size += size;
    } else gaps.splice(at, 0, { start, size });
  }

  /** The numbers at an address. */
  view(start: number, length: number): Float32Array {
    return this.floats.subarray(start / BYTES, start / BYTES + length);
  }

  /** A copy of the numbers at an address. */
  copy(start: number, length: number): Float32Array {
    // A slice is filled with zeros first, which is felt where it is large.
    return length > SMALL_COPY
      ? new Float32Array(this.view(start, length))
      : this.floats.slice(start / BYTES, start / BYTES + length);
  }
}

/** Thrown where an arena has no room left. */
export class Full extends Error {
  override name = "Full";
}

/** Where the data of a live tensor lie. */
export interface Place {
  readonly arena: Arena;
  readonly address: number;
}

/** All arenas of an executor, and the tensors that live in them. */
export class Arenas {
  readonly #kind: typeof Arena;
  readonly #shared: boolean;
  readonly #list: Arena[] = [];
  readonly #live = new WeakMap<Float32Array, Place>();
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  /** Whether data of an arena have ever been a tensor's: until then none can be given. */
  #adopted = false;

  /** @param kind The class of the arenas: tests give one that watches over its blocks. */
  constructor(shared: boolean, kind = Arena) {
    this.#shared = shared;
    this.#kind = kind;
  }

  /** Bytes that have been in use. */
  get bytes(): number {
    return this.#list.reduce((sum, { highest }) => sum + highest, 0);
  }

  /**
   * Does something in the first arena that has room for it, a new one if there is none.
   *
   * @param attempt Returns `undefined` if there is no room, having taken nothing.
   * @param bytes What it needs at most.
   * @param forThreads Whether threads are to reach it, if there are any; else it is in none that they
   *   reach, unless it is in the preferred one: copies to and from shared memory take longer.
   * @throws {RangeError} If no arena can be as large as that.
   */
  within<T>(
    preferred: Arena | undefined,
    bytes: number,
    attempt: (arena: Arena) => T | undefined,
    forThreads = true,
  ): T {
    const shared = this.#shared && forThreads;
    let done = preferred && attempt(preferred);
    for (const arena of this.#list) {
      if (done !== undefined) return done;
      if (arena !== preferred && arena.shared === shared) done = attempt(arena);
    }
    return done ?? attempt(this.#add(bytes, shared))!;
  }

  /** A new tensor's data, zeros. */
  allocate(length: number): Float32Array {
    return this.within(undefined, length * BYTES, (arena) => {
      const address = arena.take(length * BYTES);
      return address === undefined ? undefined : this.adopt(arena, address, length).fill(0);
    });
  }

  /** Makes a taken block the data of a tensor. */
  adopt(arena: Arena, address: number, length: number): Float32Array {
    this.#adopted = true;
    const data = arena.view(address, length);
    this.#live.set(data, { arena, address });
    return data;
  }

  /** Ends a tensor's life. */
  release(data: Float32Array): void {
    const place = this.#live.get(data);
    this.#live.delete(data);
    place?.arena.give(place.address);
  }

  /**
   * Where data lie, if they are those of a live tensor.
   *
   * @throws {TypeError} If they lie in an arena and are not those of a live tensor.
   */
  locate(data: Float32Array): Place | undefined {
    if (!this.#adopted) return undefined;
    const place = this.#live.get(data);
    if (place === undefined && this.#buffers.has(data.buffer)) {
      throw new TypeError(
        "Cannot run on wasm: data in the runtime's memory must be all of a live tensor's, got a " +
          "part, or a tensor whose life has ended",
      );
    }
    return place;
  }

  /** Forgets all arenas: their memory goes with what still refers to it. */
  clear(): void {
    this.#list.length = 0;
  }

  /** Whether any of these data lie in an arena. */
  hold(list: readonly Float32Array[]): boolean {
    return this.#adopted && list.some((data) => this.locate(data) !== undefined);
  }

  #add(bytes: number, shared: boolean): Arena {
    const needed = Math.ceil((bytes + MARGIN) / PAGE) + 1;
    if (needed > MAX_PAGES) {
      throw new RangeError(
        `Cannot run on wasm: the tensors of one plan must fit in ${
          MAX_PAGES * PAGE - MARGIN - PAGE
        } bytes, got ${bytes}`,
      );
    }
    // Room for more than was asked for, if the system grants it: tensors that meet in a plan can
    // then lie in one arena.
    let pages = Math.min(MAX_PAGES, Math.max(FIRST_PAGES, 4 * needed));
    for (;;) {
      try {
        const arena = new this.#kind(pages, shared);
        this.#list.push(arena);
        this.#buffers.add(arena.memory.buffer);
        return arena;
      } catch (error) {
        if (pages === needed) throw error;
        pages = Math.max(needed, Math.floor(pages / 2));
      }
    }
  }
}
