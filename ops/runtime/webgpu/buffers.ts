/**
 * Memory of a device that is used again.
 *
 * @module
 */
import type { WebGpuBuffer, WebGpuDevice } from "../host/webgpu.ts";

/** What a buffer is for: the flags that WebGPU gives these names. */
export const USAGE = {
  /** MAP_READ and COPY_DST. */
  reading: 0x1 | 0x8,
  /** UNIFORM and COPY_DST. */
  scalars: 0x40 | 0x8,
  /** STORAGE, COPY_SRC and COPY_DST. */
  values: 0x80 | 0x4 | 0x8,
} as const;

/** Sizes are rounded up to this many bytes, so that tensors of about one size share buffers. */
export const GRAIN = 256;

/** So many bytes are held in any case. */
const LEAST_HELD = 16 * 2 ** 20;

/** A buffer with a number that tells it from all others of its device. */
export interface Held {
  readonly id: number;
  readonly buffer: WebGpuBuffer;
  /** Resolves when it is known to have memory; rejects with an {@linkcode OutOfMemory} if it has none. */
  readonly made: Promise<void>;
}

/** The device has no memory left for a buffer. */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";
}

/** The buffers of one device. */
export class Buffers {
  readonly #device: WebGpuDevice;
  /** Those that no run uses, by usage and size; the one with the lowest number is taken first. */
  readonly #idle = new Map<string, Held[]>();
  readonly #all = new Set<Held>();
  /** Those that have turned out to be of no use, and are still with a run. */
  readonly #useless = new WeakSet<Held>();
  readonly #foreign = new WeakMap<WebGpuBuffer, Held>();
  #idleBytes = 0;
  #bytes = 0;
  /** The most bytes that were in use at once. */
  #most = 0;
  #count = 0;

  constructor(device: WebGpuDevice) {
    this.#device = device;
  }

  /** Bytes that the device holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * A buffer for the caller alone, whatever lies in it. Runs that take the same sizes in the same order
   * get the same buffers, as long as the same ones are in use besides.
   *
   * @param name What is to lie in it, for messages.
   */
  take(bytes: number, usage: number, name: string): Held {
    const size = sizeFor(bytes);
    const held = this.#idle.get(keyOf(size, usage))?.shift();
    this.#most = Math.max(this.#most, this.#bytes - this.#idleBytes + size);
    if (held !== undefined) {
      this.#idleBytes -= size;
      return held;
    }
    this.#trim(this.#allowed() - size);
    return this.#make(size, usage, name);
  }

  /** Takes a buffer back that no later command uses. */
  give(held: Held): void {
    if (this.#useless.has(held)) return this.end(held);
    const { size, usage } = held.buffer;
    const key = keyOf(size, usage);
    const idle = this.#idle.get(key) ?? [];
    // The size that was used last is the last to go.
    this.#idle.delete(key);
    this.#idle.set(key, idle);
    const at = idle.findIndex(({ id }) => id > held.id);
    idle.splice(at < 0 ? idle.length : at, 0, held);
    this.#idleBytes += size;
    this.#trim(this.#allowed());
  }

  /** Ends a buffer of no use: now if it is idle, else when it is given back. */
  discard(held: Held): void {
    this.#useless.add(held);
    const { size, usage } = held.buffer;
    const idle = this.#idle.get(keyOf(size, usage)) ?? [];
    const at = idle.indexOf(held);
    if (at < 0) return;
    idle.splice(at, 1);
    this.#idleBytes -= size;
    this.end(held);
  }

  /** Ends the life of a buffer. */
  end(held: Held): void {
    if (!this.#all.delete(held)) return;
    this.#bytes -= held.buffer.size;
    held.buffer.destroy();
  }

  /** Ends the lives of all that are idle, and says whether there were any. */
  clear(): boolean {
    const some = this.#idleBytes > 0;
    this.#trim(0);
    return some;
  }

  /** Ends the lives of all. */
  destroy(): void {
    this.#idle.clear();
    this.#idleBytes = 0;
    this.#all.forEach((held) => this.end(held));
  }

  /** The number of a buffer that somebody else has made and is going to end. */
  foreign(buffer: WebGpuBuffer): Held {
    let held = this.#foreign.get(buffer);
    if (held === undefined) {
      held = { id: this.#count++, buffer, made: Promise.resolve() };
      this.#foreign.set(buffer, held);
    }
    return held;
  }

  #make(size: number, usage: number, name: string): Held {
    this.#device.pushErrorScope("out-of-memory");
    let buffer: WebGpuBuffer;
    let popped: Promise<{ readonly message: string } | null>;
    try {
      buffer = this.#device.createBuffer({ size, usage });
    } finally {
      popped = this.#device.popErrorScope();
    }
    const made = popped.then((error) => {
      if (error === null) return;
      this.discard(held);
      throw new OutOfMemory(
        `Cannot run on webgpu: the device must have memory for ${name}, got an error for ${size} bytes: ${error.message}`,
      );
    });
    // Whoever needs the buffer waits for it too.
    made.catch(() => {});
    const held: Held = { id: this.#count++, buffer, made };
    this.#all.add(held);
    this.#bytes += size;
    return held;
  }

  /** How many bytes may be idle: all in all twice what was ever in use at once. */
  #allowed(): number {
    return Math.max(LEAST_HELD, 2 * this.#most) - (this.#bytes - this.#idleBytes);
  }

  /** Ends buffers until so many bytes are idle at most: first of the size that was used least recently. */
  #trim(most: number): void {
    for (const [key, idle] of this.#idle) {
      while (this.#idleBytes > most && idle.length > 0) {
        const held = idle.pop()!;
        this.#idleBytes -= held.buffer.size;
        this.end(held);
      }
      if (this.#idleBytes <= most && idle.length > 0) return;
      this.#idle.delete(key);
    }
  }
}

/** The size of a buffer for so many bytes. */
function sizeFor(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / GRAIN) * GRAIN;
}

function keyOf(size: number, usage: number): string {
  return `${usage} ${size}`;
}
