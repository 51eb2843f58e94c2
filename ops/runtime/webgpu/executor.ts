/**
 * The webgpu executor: plans compiled to WGSL, run on a device of its own, or on one that is given.
 *
 * @module
 */
import type { Executor } from "../executor.ts";
import { host } from "../host/host.ts";
import type { WebGpuDevice } from "../host/webgpu.ts";
import { findAdapter, nameOf } from "./adapter.ts";
import { GpuData } from "./data.ts";
import { Devices } from "./device.ts";
import { WebGpuExecutable } from "./executable.ts";
import { wrapped } from "./foreign.ts";
import { checkValues } from "./limits.ts";

/**
 * Compiles programs to WebGPU, for a device of its own.
 *
 * @throws {Error} If there is no adapter.
 */
export async function createWebGpuExecutor(): Promise<Executor> {
  const found = await findAdapter();
  if ("missing" in found) throw new Error(found.missing);
  return executorOn(await Devices.open(found), found.name);
}

/**
 * Compiles programs to WebGPU, for a device that stays its owner's.
 *
 * @throws {Error} If it is lost.
 */
export async function adoptDevice(device: WebGpuDevice): Promise<Executor> {
  const devices = Devices.adopt(device);
  // A loss that is known is told at once.
  await Promise.race([device.lost, Promise.resolve()]);
  if (devices.latest.lost) {
    throw new Error("Cannot create runtime: device must be live, got one that was lost");
  }
  return executorOn(devices, nameOfGiven(device));
}

/** The name of a device's adapter, where it can be asked for. */
function nameOfGiven(device: WebGpuDevice): string {
  // Deno 2.9 panics if the adapter has been collected.
  const info = host.Deno === undefined ? device.adapterInfo : undefined;
  return info === undefined ? "a given device" : nameOf(info);
}

function executorOn(devices: Devices, name: string): Executor {
  const { limits } = devices.latest.device;
  return {
    backend: "webgpu",
    device: name,
    get bytes() {
      return devices.bytes;
    },
    traffic: devices.traffic,
    compile(program) {
      checkValues(program, limits);
      return new WebGpuExecutable(devices, program);
    },
    upload: (numbers) => GpuData.upload(devices.latest, numbers),
    wrap: (buffer, length) => wrapped(devices.latest, buffer, length),
    holds: (data) => data instanceof GpuData && devices.has(data.session),
    dispose: () => devices.dispose(),
  };
}
