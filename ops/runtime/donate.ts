/**
 * Tensors of a runtime that are given away.
 *
 * @module
 */
import { GpuTensor } from "./gpu_tensor.ts";
import { MemoryTensor } from "./memory_tensor.ts";

/** What can be done with a tensor that a runtime holds. */
export interface Donor {
  /** Takes the numbers from the tensor, until its end or until they are given back. */
  donate(): void;
  /** Undoes a donation. */
  restore(): void;
  /** Ends the tensor. */
  end(): void;
}

/** A tensor that a runtime holds, as one whose numbers can be given away; `undefined` for others. */
export function donorOf(tensor: object): Donor | undefined {
  return MemoryTensor.lifeOf(tensor) ?? GpuTensor.lifeOf(tensor);
}
