/**
 * What is too large for a device, which would silently fill it with zeros.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { WebGpuLimits } from "../host/webgpu.ts";
import { GRAIN } from "./buffers.ts";

const BYTES = 4;

/** Refuses a program of which a value is too large. */
export function checkValues({ lengths, names }: Program, limits: WebGpuLimits): void {
  lengths.forEach((length, id) => checkValue(names[id], length, limits));
}

/** Refuses numbers that are too many for one buffer. */
export function checkValue(name: string, length: number, limits: WebGpuLimits): void {
  const most = Math.min(limits.maxStorageBufferBindingSize, largestBuffer(limits));
  if (length * BYTES <= most) return;
  throw new RangeError(
    `Cannot run on webgpu: ${name} must fit in ${most} bytes, got ${length * BYTES}`,
  );
}

/** Refuses results that are too many to be read back through one buffer. */
export function checkReadback({ results, lengths }: Program, limits: WebGpuLimits): void {
  const most = largestBuffer(limits);
  const read = results.reduce((sum, id) => sum + lengths[id] * BYTES, 0);
  if (read <= most) return;
  throw new RangeError(
    `Cannot run on webgpu: all results must fit in ${most} bytes, got ${read}`,
  );
}

/** Buffers are rounded up. */
function largestBuffer({ maxBufferSize }: WebGpuLimits): number {
  return Math.floor(maxBufferSize / GRAIN) * GRAIN;
}
