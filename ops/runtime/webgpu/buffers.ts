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
}

/** The buffers of one device. */
export class Buffers {
  readonly #device: WebGpuDevice;
  /** Those that no run uses, by usage and size; the one that was given last is taken first. */
  readonly #idle = new Map<string, Held[]>();
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
   * A buffer for the caller alone, whatever lies in it. Who gives buffers back in the opposite order
   * gets the same ones in the same order the next time.
   */
  take(bytes: number, usage: number): Held {
    const size = sizeFor(bytes);
    const held = this.#idle.get(keyOf(size, usage))?.pop();
    this.#most = Math.max(this.#most, this.#bytes - this.#idleBytes + size);
    if (held !== undefined) {
      this.#idleBytes -= size;
      return held;
    }
    this.#trim(this.#allowed() - size);
    const buffer = this.#device.createBuffer({ size, usage });
    this.#bytes += size;
    return { id: this.#count++, buffer };
  }

  /** Takes a buffer back that no later command uses. */
  give(held: Held): void {
    const { size, usage } = held.buffer;
    const key = keyOf(size, usage);
    const idle = this.#idle.get(key) ?? [];
    // The size that was used last is the last to go.
    this.#idle.delete(key);
    this.#idle.set(key, idle);
    idle.push(held);
    this.#idleBytes += size;
    this.#trim(this.#allowed());
  }

  /** Ends the life of a buffer. */
  end({ buffer }: Held): void {
    this.#bytes -= buffer.size;
    buffer.destroy();
  }

  /** Ends the lives of all that are idle. */
  clear(): void {
    this.#trim(0);
  }

  /** How many bytes may be idle: all in all twice what was ever in use at once. */
  #allowed(): number {
    return Math.max(LEAST_HELD, 2 * this.#most) - (this.#bytes - this.#idleBytes);
  }

  /** Ends buffers until so many bytes are idle at most: first of the size that was used least recently. */
  #trim(most: number): void {
    for (const [key, idle] of this.#idle) {
      while (this.#idleBytes > most && idle.length > 0) {
        const held = idle.shift()!;
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
