/**
 * A runtime: an engine, and what a caller may know of it.
 *
 * @module
 */
import { checkArguments } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Engine } from "./engine.ts";
import type { Backend } from "./executor.ts";
import { checkSelf, Runner } from "./runner.ts";
import type { Runtime, RuntimeScope, RuntimeStats } from "./runtime.ts";
import { Scope } from "./scope.ts";

/** A runtime whose results are the caller's. */
export class EngineRuntime extends Runner implements Runtime {
  override readonly engine: Engine;
  override readonly keeps = false;
  readonly backend: Backend;
  readonly #device: string;
  readonly #fallbackReasons: readonly string[];

  constructor(engine: Engine, backend: Backend, device: string, skipped: readonly string[]) {
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

  override result(shape: readonly number[], data: Float32Array): Tensor {
    return { shape, data: data as Float32Array<ArrayBuffer> };
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
