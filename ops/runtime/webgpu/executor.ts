/**
 * The webgpu executor: plans compiled to WGSL, run on a device of its own.
 *
 * @module
 */
import type { Executor } from "../executor.ts";
import { findAdapter } from "./adapter.ts";
import { Devices } from "./device.ts";
import { WebGpuExecutable } from "./executable.ts";
import { checkLimits } from "./limits.ts";

/**
 * Compiles programs to WebGPU.
 *
 * @throws {Error} If there is no adapter.
 */
export async function createWebGpuExecutor(): Promise<Executor> {
  const found = await findAdapter();
  if ("missing" in found) throw new Error(found.missing);
  const devices = await Devices.open(found);
  const { device } = await devices.current();
  return {
    backend: "webgpu",
    device: found.name,
    get bytes() {
      return devices.bytes;
    },
    compile(program) {
      checkLimits(program, device.limits);
      return new WebGpuExecutable(devices, program);
    },
    dispose() {
      devices.dispose();
      return Promise.resolve();
    },
  };
}
