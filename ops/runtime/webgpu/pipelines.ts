/**
 * Compiled shaders, one for each text, however many plans have it.
 *
 * @module
 */
import type { WebGpuDevice, WebGpuPipeline } from "../host/webgpu.ts";

/** The compiled shaders of one device. */
export class Pipelines {
  readonly #device: WebGpuDevice;
  readonly #known = new Map<string, { readonly pipeline: WebGpuPipeline; users: number }>();

  constructor(device: WebGpuDevice) {
    this.#device = device;
  }

  /** The pipeline of a text, until it is given up as often as it was taken. */
  take(text: string): WebGpuPipeline {
    let known = this.#known.get(text);
    if (known === undefined) {
      const module = this.#device.createShaderModule({ code: text });
      const pipeline = this.#device.createComputePipeline({ layout: "auto", compute: { module } });
      this.#known.set(text, known = { pipeline, users: 0 });
    }
    known.users++;
    return known.pipeline;
  }

  /** Says that one user less needs the pipeline of a text. */
  give(text: string): void {
    const known = this.#known.get(text);
    if (known !== undefined && --known.users === 0) this.#known.delete(text);
  }
}
