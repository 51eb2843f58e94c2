/**
 * WebGPU adapters.
 *
 * @module
 */
import { isSoftware } from "../gpu/software.ts";
import { host } from "../host/host.ts";
import type { WebGpuAdapter, WebGpuInfo } from "../host/webgpu.ts";

/** An adapter, and what it is as far as the choice of a backend goes. */
export interface FoundAdapter {
  readonly adapter: WebGpuAdapter;
  /** Vendor, device and description in one line. */
  readonly name: string;
  /** Computes on the processor: right, but never faster than wasm. */
  readonly software: boolean;
}

/** The adapter that the host prefers, or why there is none. */
export async function findAdapter(): Promise<FoundAdapter | { readonly missing: string }> {
  const gpu = host.navigator?.gpu;
  if (gpu === undefined) return { missing: "this runtime has no navigator.gpu" };
  try {
    const adapter = await gpu.requestAdapter();
    return adapter === null ? { missing: "no adapter was found" } : describe(adapter);
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

function describe(adapter: WebGpuAdapter): FoundAdapter {
  const name = nameOf(adapter.info);
  const fallback = adapter.info.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return { adapter, name, software: fallback || isSoftware(name) };
}

/** Vendor, device and description of an adapter in one line. */
export function nameOf({ vendor, architecture, device, description }: WebGpuInfo): string {
  // Deno gives numbers where browsers give names.
  const parts = [vendor, architecture, device, description].filter((part) => !/^\d*$/.test(part));
  return parts.join(" ") || "unnamed adapter";
}
