/**
 * What a backend promises of numbers that are not normal.
 *
 * @module
 */
import type { Runtime } from "../../mod.ts";

/**
 * Whether a backend keeps every number that float32 has. Shaders guarantee neither infinities and NaN nor
 * subnormal numbers.
 */
export function keepsAll(backend: Runtime["backend"]): boolean {
  return backend !== "webgpu" && backend !== "webgl2";
}
