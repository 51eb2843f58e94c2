/**
 * Numbers that stay on a device.
 *
 * @module
 */
import { DeviceData } from "../../tensor/elements.ts";
import type { GpuBuffer } from "../../tensor/types.ts";
import { type Held, USAGE } from "./buffers.ts";
import { type DeviceSession, lossOf } from "./device.ts";
import { checkValue } from "./limits.ts";
import { Readback } from "./readback.ts";

const BYTES = 4;

/** `GPUBufferUsage.COPY_SRC`. */
const COPY_SRC = 0x4;

/** Numbers in a buffer of a session, until the last who holds them releases them. */
export class GpuData extends DeviceData {
  override readonly length: number;
  readonly session: DeviceSession;
  readonly held: Held;
  /** Whether the buffer is somebody else's. */
  readonly foreign: boolean;
  /** Rejects if they could not be written. */
  readonly ready: Promise<unknown>;
  #holders = 1;

  /** @param ready When what has been written to the buffer is there; a run's results are at once. */
  constructor(
    session: DeviceSession,
    held: Held,
    length: number,
    { foreign = false, ready = Promise.resolve() }: {
      readonly foreign?: boolean;
      readonly ready?: Promise<unknown>;
    } = {},
  ) {
    super();
    this.session = session;
    this.held = held;
    this.length = length;
    this.foreign = foreign;
    this.ready = ready;
    // Whoever uses them waits for it too.
    ready.catch(() => {});
  }

  /** A copy of numbers in memory. */
  static upload(session: DeviceSession, numbers: Float32Array): GpuData {
    const { device: { queue }, traffic } = session;
    return GpuData.#made(session, numbers.length, (held) => {
      // Deno 2.9 panics where nothing is to be written.
      if (numbers.length === 0) return;
      queue.writeBuffer(held.buffer, 0, numbers);
      traffic.up += numbers.byteLength;
    });
  }

  static #made(session: DeviceSession, length: number, fill: (held: Held) => void): GpuData {
    session.checkLive("a tensor");
    checkValue("a tensor", length, session.device.limits);
    const held = session.buffers.take(length * BYTES, USAGE.values, "a tensor");
    const filled = session.checked(() => fill(held));
    return new GpuData(session, held, length, { ready: Promise.all([held.made, filled]) });
  }

  override get buffer(): GpuBuffer {
    return this.held.buffer as GpuBuffer;
  }

  override retain(): this {
    this.#holders++;
    return this;
  }

  override release(): void {
    if (--this.#holders === 0 && !this.foreign) this.session.buffers.give(this.held);
  }

  override copy(): GpuData {
    this.#checkReadable("copy a tensor");
    const { device } = this.session;
    return GpuData.#made(this.session, this.length, ({ buffer }) => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.held.buffer, 0, buffer, 0, this.length * BYTES);
      device.queue.submit([encoder.finish()]);
    });
  }

  /** Checks that a buffer of somebody else's can be copied from. */
  #checkReadable(action: string): void {
    const { usage } = this.held.buffer;
    if ((usage & COPY_SRC) !== 0) return;
    throw new TypeError(
      `Cannot ${action}: its buffer must have the usage COPY_SRC, got 0x${usage.toString(16)}`,
    );
  }

  override async read(): Promise<Float32Array<ArrayBuffer>> {
    return await this.session.waitedFor(this.#read());
  }

  async #read(): Promise<Float32Array<ArrayBuffer>> {
    const { session, length } = this;
    session.checkLive("a tensor");
    if (length === 0) return new Float32Array(0);
    this.#checkReadable("read a tensor");
    const readback = new Readback(
      session,
      [{ buffer: this.held.buffer, length }],
      "reading a tensor",
    );
    const submitted = session.checked(() => {
      const encoder = session.device.createCommandEncoder();
      readback.encode(encoder);
      session.device.queue.submit([encoder.finish()]);
      readback.map();
    });
    try {
      await this.ready;
      await submitted;
      return (await readback.read())[0];
    } catch (error) {
      submitted.catch(() => {});
      readback.abandon();
      throw await session.isLost() ? lossOf("a tensor") : error;
    }
  }
}
