/**
 * WebGPU adapters and devices.
 *
 * @module
 */
import type { GpuLibrary } from "../gpu/declarations.ts";
import { isSoftware } from "../gpu/software.ts";
import { host, type WebGpuAdapter, type WebGpuDevice } from "../host.ts";

/** What an adapter is, as far as the choice of a backend goes. */
export interface AdapterFacts {
  /** Vendor, device and description in one line. */
  readonly name: string;
  /** Computes on the processor: right, but never faster than wasm. */
  readonly software: boolean;
}

/** The adapter that gpu.js would use, or why there is none. */
export async function findAdapter(): Promise<AdapterFacts | { readonly missing: string }> {
  const gpu = host.navigator?.gpu;
  if (gpu === undefined) return { missing: "this runtime has no navigator.gpu" };
  try {
    const adapter = await gpu.requestAdapter();
    return adapter === null ? { missing: "no adapter was found" } : describe(adapter);
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

function describe(adapter: WebGpuAdapter): AdapterFacts {
  const { vendor, architecture, device, description } = adapter.info;
  const parts = [vendor, architecture, device, description].filter((part) => part !== "");
  const name = parts.join(" ") || "unnamed adapter";
  const fallback = adapter.info.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return { name, software: fallback || isSoftware(name) };
}

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
