/**
 * The device that all of this library and the yardsticks run on.
 *
 * @module
 */
import type { WebGpuDevice } from "../../ops/runtime/host/webgpu.ts";
import { findAdapter, type FoundAdapter, nameOf } from "../../ops/runtime/webgpu/adapter.ts";

/** An open device, and what it is. */
export interface Card {
  readonly device: GPUDevice;
  /** Not to be collected before the device is: see adapters.ts. */
  readonly adapter: unknown;
  /** The adapter's name, which every result carries. */
  readonly name: string;
  /** Whether the processor computes: then nothing here is the speed of a card. */
  readonly software: boolean;
  /** Bytes that one tensor may have. */
  readonly largest: number;
}

/** Opens a device on the adapter that this library would choose, or says why there is none. */
export async function openCard(): Promise<Card | { readonly missing: string }> {
  const found = await findAdapter();
  if ("missing" in found) return found;
  try {
    return cardOf(found, await open(found));
  } catch (error) {
    return { missing: `${found.name} gives no device: ${(error as Error).message}` };
  }
}

/** With the limits that the library asks for: its own default device has them too. */
async function open({ adapter }: FoundAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const requiredLimits = { maxBufferSize, maxStorageBufferBindingSize };
  return gpuDevice(await adapter.requestDevice({ requiredLimits }));
}

/** The library knows as much of a device as it uses; here it is the whole one. */
function gpuDevice(device: WebGpuDevice): GPUDevice {
  return device as unknown as GPUDevice;
}

function cardOf({ adapter, name, software }: FoundAdapter, device: GPUDevice): Card {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const largest = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  return { device, adapter, name, software, largest };
}

/** The name of the adapter that another library's device is of. */
export function deviceName(device: GPUDevice): string {
  const { adapterInfo } = device as GPUDevice & { readonly adapterInfo?: GPUAdapterInfo };
  return adapterInfo === undefined ? "unnamed adapter" : nameOf(adapterInfo);
}
