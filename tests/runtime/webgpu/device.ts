/**
 * A device that computes nothing.
 *
 * @module
 */
import type { WebGpuBuffer, WebGpuDevice } from "../../../ops/runtime/host/webgpu.ts";

/** A device whose buffers know whether they are destroyed, and that counts its shaders. */
export interface IdleDevice {
  readonly device: WebGpuDevice;
  readonly destroyed: WebGpuBuffer[];
  readonly shaders: string[];
}

/** Makes such a device. */
export function idleDevice(): IdleDevice {
  const destroyed: WebGpuBuffer[] = [];
  const shaders: string[] = [];
  const device = {
    createBuffer(settings: { readonly size: number; readonly usage: number }) {
      const buffer: Partial<WebGpuBuffer> = {
        ...settings,
        destroy: () => destroyed.push(buffer as WebGpuBuffer),
      };
      return buffer;
    },
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve(null),
    createShaderModule: ({ code }: { readonly code: string }) => shaders.push(code),
    createComputePipeline: () => ({}),
  };
  return { device: device as unknown as WebGpuDevice, destroyed, shaders };
}
