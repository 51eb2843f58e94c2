/**
 * What is too large for a device.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { WebGpuLimits } from "../host/webgpu.ts";

import { GRAIN } from "./buffers.ts";

const BYTES = 4;

/** Refuses what the device would silently fill with zeros. */
export function checkLimits({ lengths, names, results }: Program, limits: WebGpuLimits): void {
  // Buffers are rounded up.
  const largest = Math.floor(limits.maxBufferSize / GRAIN) * GRAIN;
  const most = Math.min(limits.maxStorageBufferBindingSize, largest);
  lengths.forEach((length, id) => {
    if (!(length * BYTES <= most)) {
      throw new RangeError(
        `Cannot run on webgpu: ${names[id]} must fit in ${most} bytes, got ${length * BYTES}`,
      );
    }
  });
  // They are read back through one buffer.
  const read = results.reduce((sum, id) => sum + lengths[id] * BYTES, 0);
  if (!(read <= largest)) {
    throw new RangeError(
      `Cannot run on webgpu: all results must fit in ${largest} bytes, got ${read}`,
    );
  }
}
