/**
 * A runtime: an engine, and what a caller may know of it.
 *
 * @module
 */
import { checkArguments, extentsOf } from "../tensor/arguments.ts";
import type { Elements } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { GpuBuffer, GpuTensor, Tensor } from "../tensor/types.ts";
import type { Engine } from "./engine.ts";
import type { Backend } from "./executor.ts";
import { GpuTensor as OnGpu } from "./gpu_tensor.ts";
import { checkSelf, Runner } from "./runner.ts";
import type { Runtime, RuntimeScope, RuntimeStats } from "./runtime.ts";
import { Scope } from "./scope.ts";

/** A runtime whose results are the caller's. */
export class EngineRuntime extends Runner implements Runtime {
  override readonly engine: Engine;
  override readonly keeps = false;
  readonly backend: Backend | "auto";
  readonly #device: string;
  readonly #fallbackReasons: readonly string[];

  constructor(
    engine: Engine,
    backend: Backend | "auto",
    device: string,
    skipped: readonly string[],
  ) {
    super();
    this.engine = engine;
    this.backend = backend;
    this.#device = device;
    this.#fallbackReasons = skipped;
  }

  stats(): RuntimeStats {
    checkSelf("read statistics", this);
    checkArguments("read statistics", arguments, 0);
    return {
      ...this.engine.stats(),
      device: this.#device,
      fallbackReasons: this.#fallbackReasons,
    };
  }

  scope(): RuntimeScope {
    checkSelf("open a scope", this);
    checkArguments("open a scope", arguments, 0);
    return new Scope(this);
  }

  override result(shape: readonly number[], elements: Elements): Tensor {
    return { shape, data: elements as Float32Array<ArrayBuffer> };
  }

  fromGpuBuffer(buffer: GpuBuffer, shape: readonly number[]): GpuTensor {
    const action = "wrap a GPU buffer";
    checkSelf(action, this);
    checkArguments(action, arguments, 2);
    const extents = extentsOf(action, "shape", shape);
    return new OnGpu(extents, this.engine.wrap(buffer, sizeOf(extents)), this.engine);
  }

  dispose(): Promise<void> {
    checkSelf("dispose", this);
    checkArguments("dispose", arguments, 0);
    return this.engine.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    checkSelf("dispose", this);
    return this.dispose();
  }
}
