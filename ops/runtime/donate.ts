/**
 * Tensors of a runtime that are given away.
 *
 * @module
 */
import type { DeviceData } from "../tensor/elements.ts";
import { GpuTensor } from "./gpu_tensor.ts";
import type { Life } from "./life.ts";
import { MemoryTensor } from "./memory_tensor.ts";

/** The life of a tensor whose numbers can be given away. */
export type Donor = Life<Float32Array> | Life<DeviceData>;

/** The life of a tensor that a runtime holds; `undefined` for others. */
export function donorOf(tensor: object): Donor | undefined {
  return MemoryTensor.lifeOf(tensor) ?? GpuTensor.lifeOf(tensor);
}
