/**
 * Tensors on a device that a runtime holds.
 *
 * @module
 */
import { type DeviceData, DeviceTensor } from "../tensor/elements.ts";
import type { GpuBuffer, GpuTensor as Interface } from "../tensor/types.ts";
import { Life, type Owner } from "./life.ts";

/** A tensor with an end. */
export class GpuTensor extends DeviceTensor implements Interface {
  override readonly shape: readonly number[];
  readonly location = "gpu";
  // Properties of the object itself, so that copies of it, which would have no numbers, throw.
  declare readonly data: never;
  declare readonly read: () => Promise<Float32Array<ArrayBuffer>>;
  readonly #life: Life<DeviceData>;

  constructor(shape: readonly number[], elements: DeviceData, owner: Owner) {
    super();
    this.shape = shape;
    this.#life = new Life(elements, owner);
    Object.defineProperties(this, {
      data: { enumerable: true, get: dataOnGpu },
      // deno-lint-ignore require-await -- so that it rejects where the tensor has ended
      read: { enumerable: true, value: async () => this.elements.read() },
    });
  }

  /** The life of a tensor of this class. */
  static lifeOf(node: object): Life<DeviceData> | undefined {
    return #life in node ? node.#life : undefined;
  }

  override get elements(): DeviceData {
    // A proxy is an instance of the class too.
    if (#life in this) return this.#life.elements;
    throw new TypeError(
      "Cannot use a tensor: one on the GPU must be the runtime's own object, got a proxy or a copy of it",
    );
  }

  get buffer(): GpuBuffer {
    return this.elements.buffer;
  }

  [Symbol.dispose](): void {
    if (#life in this) this.#life.end();
  }
}

function dataOnGpu(): never {
  throw new TypeError(
    'Cannot get the data of a tensor: its location must be "memory" (read() copies them), got "gpu"',
  );
}
