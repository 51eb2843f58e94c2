/**
 * What is too large for a device.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { WebGpuLimits } from "../host/webgpu.ts";

const BYTES = 4;

/** Refuses what the device would silently fill with zeros. */
export function checkLimits({ lengths, names, results }: Program, limits: WebGpuLimits): void {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  lengths.forEach((length, id) => {
    if (!(length * BYTES <= most)) {
      throw new RangeError(
        `Cannot run on webgpu: ${names[id]} must fit in ${most} bytes, got ${length * BYTES}`,
      );
    }
  });
  // They are read back through one buffer.
  const read = results.reduce((sum, id) => sum + lengths[id] * BYTES, 0);
  if (!(read <= limits.maxBufferSize)) {
    throw new RangeError(
      `Cannot run on webgpu: all results must fit in ${limits.maxBufferSize} bytes, got ${read}`,
    );
  }
}
