/**
 * The device of an executor, with what lives on it.
 *
 * @module
 */
import type { SessionPool } from "../gpu/loss.ts";
import type { WebGpuAdapter, WebGpuDevice, WebGpuErrorFilter } from "../host/webgpu.ts";
import { findAdapter, type FoundAdapter } from "./adapter.ts";
import { Buffers } from "./buffers.ts";
import { Pipelines } from "./pipelines.ts";

const FILTERS: readonly WebGpuErrorFilter[] = ["out-of-memory", "validation", "internal"];

/** A device until it is lost. */
export class DeviceSession {
  readonly device: WebGpuDevice;
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
  #lost = false;
  readonly #loss: Promise<void>;

  constructor(device: WebGpuDevice) {
    this.device = device;
    this.buffers = new Buffers(device);
    this.pipelines = new Pipelines(device);
    this.#loss = device.lost.then(() => {
      this.#lost = true;
    });
  }

  /** Whether the device is gone; waits a moment, for the loss is reported late. */
  async isLost(): Promise<boolean> {
    if (!this.#lost) await Promise.race([this.#loss, pause()]);
    return this.#lost;
  }

  /**
   * Runs a task that gives the device commands, and rejects if one of them fails: without scopes a
   * device that is out of memory, say, computes zeros. The scopes of a device are a stack, so the
   * task must not wait.
   */
  async checked(task: () => void): Promise<void> {
    FILTERS.forEach((filter) => this.device.pushErrorScope(filter));
    const popped: Promise<{ readonly message: string } | null>[] = [];
    try {
      task();
    } finally {
      FILTERS.forEach(() => popped.push(this.device.popErrorScope()));
      const errors = await Promise.all(popped);
      const error = errors.find((error) => error !== null);
      // deno-lint-ignore no-unsafe-finally -- the device's error explains the other one
      if (error) throw new Error(`Cannot run on webgpu: ${error.message}`);
    }
  }
}

/** Long enough for an event that has happened to be told, short against a failed call. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** The one device of an executor, and after a loss the next one. */
export class Devices implements SessionPool<DeviceSession> {
  readonly #software: boolean;
  #session: Promise<DeviceSession> | undefined;
  /** The session that was opened last, unless it was given up. */
  #latest: DeviceSession | undefined;

  private constructor({ software }: FoundAdapter) {
    this.#software = software;
  }

  /** Starts with a device of its own. */
  static async open(found: FoundAdapter): Promise<Devices> {
    const devices = new Devices(found);
    devices.#session = devices.#open(found.adapter);
    await devices.#session;
    return devices;
  }

  /** Bytes that the device holds. */
  get bytes(): number {
    return this.#latest?.buffers.bytes ?? 0;
  }

  current(): Promise<DeviceSession> {
    this.#session ??= this.#reopen().catch((error) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  isLost(session: DeviceSession): Promise<boolean> {
    return session.isLost();
  }

  renew(lost: DeviceSession): Promise<DeviceSession> {
    if (this.#latest === lost) this.#latest = this.#session = undefined;
    return this.current();
  }

  dispose(): void {
    this.#latest?.device.destroy();
  }

  async #reopen(): Promise<DeviceSession> {
    const found = await findAdapter();
    if ("missing" in found) throw new Error(`Cannot run on webgpu: ${found.missing}`);
    if (found.software && !this.#software) {
      throw new Error(`Cannot run on webgpu: the device was lost, and only ${found.name} is left`);
    }
    return await this.#open(found.adapter);
  }

  async #open(adapter: WebGpuAdapter): Promise<DeviceSession> {
    return this.#latest = new DeviceSession(await requestDevice(adapter));
  }
}

/** A device whose buffers may be as large as those of its adapter; by itself it promises less. */
function requestDevice(adapter: WebGpuAdapter): Promise<WebGpuDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
}
