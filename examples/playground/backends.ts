/**
 * The backends of this browser, opened once.
 *
 * @module
 */
import { type Backend, createRuntime, type Runtime } from "../../mod.ts";
import { isSoftware } from "../../ops/runtime/gpu/software.ts";
import type { Found } from "./messages.ts";
import { BACKENDS } from "./settings.ts";

const opened = new Map<Backend | "auto", Promise<Runtime>>();

/** A runtime, opened when it is first asked for. */
export function runtimeOf(backend: Backend | "auto"): Promise<Runtime> {
  const runtime = opened.get(backend) ?? createRuntime({ backend });
  opened.set(backend, runtime);
  return runtime;
}

/** Opens every backend, and says why one is not there. */
export async function findBackends(): Promise<Found[]> {
  const found: Found[] = [];
  for (const backend of BACKENDS) {
    try {
      const { device } = (await runtimeOf(backend)).stats();
      found.push({ backend, device, software: isSoftware(device) });
    } catch (error) {
      found.push({ backend, reason: reasonOf(error) });
    }
  }
  return found;
}

/** The message of an error, without what the page says anyway. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Cannot create runtime: backend must be available, got "\w+": /, "");
}
