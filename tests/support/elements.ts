/**
 * Results of executors that compute in memory.
 *
 * @module
 */
import type { Elements } from "../../ops/tensor/elements.ts";

/** Numbers, which must be in memory. */
export function inMemory(elements: Elements): Float32Array {
  if (elements instanceof Float32Array) return elements;
  throw new Error("results must be in memory, got some on a device");
}
