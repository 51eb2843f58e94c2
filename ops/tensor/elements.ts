/**
 * The numbers of a tensor, wherever they are.
 *
 * @module
 */
import { LazyTensor } from "./lazy.ts";
import type { AnyTensor, GpuBuffer } from "./types.ts";

/** What a plan reads and computes. */
export type Elements = Float32Array | DeviceData;

/** Numbers on a device. Those who hold them are counted; with the last one they end. */
export abstract class DeviceData {
  /** How many numbers they are. */
  abstract readonly length: number;
  /** The buffer on the device. */
  abstract readonly buffer: GpuBuffer;
  /** Counts one holder more, who releases them too. */
  abstract retain(): DeviceData;
  /** Counts one holder less. */
  abstract release(): void;
  /** Numbers of their own on the same device, with one holder. */
  abstract copy(): DeviceData;
  /** A copy in memory of the numbers as they are at this moment. */
  abstract read(): Promise<Float32Array<ArrayBuffer>>;
}

/** A tensor whose numbers are on a device. */
export abstract class DeviceTensor extends LazyTensor {
  /**
   * What stands for the numbers.
   *
   * @throws {TypeError} If the tensor's life has ended.
   */
  abstract readonly elements: DeviceData;
}

/** The numbers of a tensor, without a copy. */
export function elementsOf(tensor: AnyTensor): Elements {
  return tensor instanceof DeviceTensor ? tensor.elements : tensor.data;
}
