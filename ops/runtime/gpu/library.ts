/**
 * The only door to gpu.js, which is loaded by the first op that runs rather than by the import of
 * the library.
 *
 * @module
 */
import type { GpuLibrary } from "./declarations.ts";

let library: Promise<GpuLibrary> | undefined;

/** Loads gpu.js once; a failed load is tried again by the next call. */
export function loadGpu(): Promise<GpuLibrary> {
  library ??= importGpu().catch((error) => {
    library = undefined;
    throw error;
  });
  return library;
}

/**
 * gpu.js picks its kind of threads once, while its module runs: classic web workers where the
 * global `Worker` exists. Deno has the global but refuses classic workers, and every kernel of 4096
 * cells or more would then reject; without it gpu.js takes node:worker_threads, which work.
 */
async function importGpu(): Promise<GpuLibrary> {
  const worker = "Deno" in globalThis
    ? Object.getOwnPropertyDescriptor(globalThis, "Worker")
    : undefined;
  const hidden = worker?.configurable === true;
  if (hidden) delete (globalThis as { Worker?: unknown }).Worker;
  try {
    const module = await import("gpu.js");
    // A split browser bundle has only the default export; the other builds have both.
    return ((module as { default?: unknown }).default ?? module) as unknown as GpuLibrary;
  } finally {
    if (hidden) Object.defineProperty(globalThis, "Worker", worker);
  }
}
