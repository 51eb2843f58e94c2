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
  /** Bytes that have gone there and come back. */
  readonly traffic: { up: number; down: number };
  readonly #reading = new Set<Promise<unknown>>();
  #lost = false;
  readonly #loss: Promise<void>;

  constructor(device: WebGpuDevice, traffic = { up: 0, down: 0 }) {
    this.device = device;
    this.traffic = traffic;
    this.buffers = new Buffers(device);
    this.pipelines = new Pipelines(device);
    this.#loss = device.lost.then(() => {
      this.#lost = true;
    });
  }

  /** Whether the device is gone, as far as is known. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Has the end of the device wait for numbers that are on their way. */
  async waitedFor<T>(reading: Promise<T>): Promise<T> {
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#reading);
  }

  /** Whether the device is gone; waits a moment, for the loss is reported late. */
  async isLost(): Promise<boolean> {
    if (!this.#lost) await Promise.race([this.#loss, pause()]);
    return this.#lost;
  }

  /**
   * Checks that the device is there, as far as is known.
   *
   * @param name What is on it, for messages.
   * @throws {Error} If it is gone, and what was on it too.
   */
  checkLive(name: string): void {
    if (this.#lost) throw lossOf(name);
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

/** What is said of what was on a device that is gone. */
export function lossOf(name: string): Error {
  return new Error(
    `Cannot run on webgpu: ${name} must be on a live device, got one that was lost, and its numbers with it`,
  );
}

/** Long enough for an event that has happened to be told, short against a failed call. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** The one device of an executor, and after a loss the next one. */
export class Devices implements SessionPool<DeviceSession> {
  /** How the next device is opened. */
  readonly #reopen: () => Promise<WebGpuDevice>;
  /** Whether the devices are this executor's alone. */
  readonly #own: boolean;
  /** Bytes that have gone to all of them and come back. */
  readonly traffic: { up: number; down: number } = { up: 0, down: 0 };
  /** All that there have been. */
  readonly #sessions = new WeakSet<DeviceSession>();
  /** The session that was opened last. */
  #latest: DeviceSession;
  /** The next one, while it is being opened. */
  #next: Promise<DeviceSession> | undefined;

  private constructor(device: WebGpuDevice, own: boolean, reopen: () => Promise<WebGpuDevice>) {
    this.#own = own;
    this.#reopen = reopen;
    this.#latest = this.#begin(device);
  }

  /** Starts with a device of its own. */
  static async open({ adapter, software }: FoundAdapter): Promise<Devices> {
    return new Devices(await requestDevice(adapter), true, () => openNext(software));
  }

  /** Stays with a device of somebody else's. */
  static adopt(device: WebGpuDevice): Devices {
    return new Devices(device, false, () =>
      Promise.reject(
        new Error(
          "Cannot run on webgpu: the device that createRuntime was given must be live, got one that was lost",
        ),
      ));
  }

  /** Bytes that the device holds. */
  get bytes(): number {
    return this.#latest.buffers.bytes;
  }

  /** The session that was opened last, which may be lost already. */
  get latest(): DeviceSession {
    return this.#latest;
  }

  current(): DeviceSession | Promise<DeviceSession> {
    return this.#next ?? this.#latest;
  }

  isLost(session: DeviceSession): Promise<boolean> {
    return session.isLost();
  }

  renew(lost: DeviceSession): DeviceSession | Promise<DeviceSession> {
    if (this.#latest === lost) this.#next ??= this.#open();
    return this.current();
  }

  /** Whether a session is, or was, one of these. */
  has(session: DeviceSession): boolean {
    return this.#sessions.has(session);
  }

  async dispose(): Promise<void> {
    await this.#latest.settled();
    this.#latest.buffers.destroy();
    if (this.#own) this.#latest.device.destroy();
  }

  async #open(): Promise<DeviceSession> {
    try {
      return this.#latest = this.#begin(await this.#reopen());
    } finally {
      this.#next = undefined;
    }
  }

  #begin(device: WebGpuDevice): DeviceSession {
    const session = new DeviceSession(device, this.traffic);
    this.#sessions.add(session);
    return session;
  }
}

/** A device in place of one that was lost. */
async function openNext(software: boolean): Promise<WebGpuDevice> {
  const found = await findAdapter();
  if ("missing" in found) throw new Error(`Cannot run on webgpu: ${found.missing}`);
  if (found.software && !software) {
    throw new Error(`Cannot run on webgpu: the device was lost, and only ${found.name} is left`);
  }
  return await requestDevice(found.adapter);
}

/** A device whose buffers may be as large as those of its adapter; by itself it promises less. */
function requestDevice(adapter: WebGpuAdapter): Promise<WebGpuDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
}
