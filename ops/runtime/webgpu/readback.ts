/**
 * Numbers on their way from a device to memory.
 *
 * @module
 */
import type { WebGpuBuffer, WebGpuEncoder } from "../host/webgpu.ts";
import { type Buffers, type Held, USAGE } from "./buffers.ts";
import type { DeviceSession } from "./device.ts";

const BYTES = 4;

/** `GPUMapMode.READ`. */
const READ = 1;

/** What is read: so many numbers from the start of a buffer. */
export interface Reading {
  readonly buffer: WebGpuBuffer;
  readonly length: number;
}

/** Several buffers that are read at once, through one that can be mapped. */
export class Readback {
  readonly #buffers: Buffers;
  readonly #readings: readonly Reading[];
  readonly #staging: Held;
  #mapped: Promise<unknown> = Promise.resolve();

  constructor(
    { buffers, traffic }: Pick<DeviceSession, "buffers" | "traffic">,
    readings: readonly Reading[],
    name: string,
  ) {
    this.#buffers = buffers;
    this.#readings = readings;
    const bytes = readings.reduce((sum, { length }) => sum + length * BYTES, 0);
    this.#staging = buffers.take(bytes, USAGE.reading, name);
    traffic.down += bytes;
  }

  /** Writes the copies down, to be done after what has been written before. */
  encode(encoder: WebGpuEncoder): void {
    let at = 0;
    for (const { buffer, length } of this.#readings) {
      encoder.copyBufferToBuffer(buffer, 0, this.#staging.buffer, at, length * BYTES);
      at += length * BYTES;
    }
  }

  /** Asks for the numbers, once the copies have been submitted. */
  map(): void {
    this.#mapped = this.#staging.buffer.mapAsync(READ);
    // Whoever reads them waits for it; a run that fails for another reason does not.
    this.#mapped.catch(() => {});
  }

  /** The numbers, when they are there; the way is then free for another run. */
  async read(): Promise<Float32Array<ArrayBuffer>[]> {
    await this.#staging.made;
    await this.#mapped;
    const range = this.#staging.buffer.getMappedRange();
    let at = 0;
    const results = this.#readings.map(({ length }) => {
      const result = new Float32Array(range, at, length).slice();
      at += length * BYTES;
      return result;
    });
    this.#staging.buffer.unmap();
    this.#buffers.give(this.#staging);
    return results;
  }

  /** Gives up what may be of no use any more. */
  abandon(): void {
    this.#buffers.end(this.#staging);
  }
}
