/**
 * The device of gpu.js.
 *
 * @module
 */
import type { GpuLibrary } from "../../gpu/declarations.ts";
import type { WebGpuDevice } from "../../host/webgpu.ts";

/** The device that all of gpu.js shares in this process, as of one moment. */
export interface DeviceSession {
  readonly device: WebGpuDevice;
  /** Whether the device is gone; waits a moment, for the loss is reported late. */
  isLost(): Promise<boolean>;
}

/** Opens the shared device, or joins the one that is open. */
export async function openDevice(library: GpuLibrary): Promise<DeviceSession> {
  const context = await library.WebGPUContext.acquire();
  const { device } = context;
  let lost = context.isLost;
  const loss = device.lost.then(() => lost = true);
  return {
    device,
    async isLost() {
      if (!lost) await Promise.race([loss, pause()]);
      return lost;
    },
  };
}

/** Long enough for an event that has happened to be told, short against a failed call. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** How many executors use the shared device. */
let users = 0;

/** Says that an executor is going to use the shared device, until it calls what this returns. */
export function retainDevice(library: GpuLibrary): () => Promise<void> {
  users++;
  return async () => {
    // gpu.js itself keeps the device for as long as the process lives.
    if (--users === 0) await library.WebGPUContext.destroy();
  };
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs one task at a time, process-wide. The error scopes of a device are a stack: two tasks that
 * open scopes side by side would each close the other's.
 */
export function exclusively<T>(task: () => Promise<T>): Promise<T> {
  const turn = last.then(task);
  last = turn.catch(() => {});
  return turn;
}
