/**
 * Runtimes and their scopes: who owns the results of a call.
 *
 * @module
 */
import { SymbolicTensor } from "../plan/symbolic.ts";
import { checkArguments, extentsOf, readable } from "../tensor/arguments.ts";
import { sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Engine } from "./engine.ts";
import type { Backend } from "./executor.ts";
import { OwnedTensor } from "./resident.ts";
import { checkSelf, RECYCLE, Runner } from "./runner.ts";
import type { ResidentTensor, Runtime, RuntimeScope, RuntimeStats } from "./runtime.ts";

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
      backend: this.backend,
      device: this.#device,
      ...this.engine.stats(),
      fallbackReasons: this.#fallbackReasons,
    };
  }

  tensor(shape: readonly number[]): ResidentTensor {
    checkSelf("make a tensor", this);
    checkArguments("make a tensor", arguments, 1);
    return allocate(this.engine, shape);
  }

  recycle(y: Tensor): void {
    checkSelf(RECYCLE, this);
    checkArguments(RECYCLE, arguments, 1);
    recycle(this.engine, y);
  }

  scope(): RuntimeScope {
    checkSelf("open a scope", this);
    checkArguments("open a scope", arguments, 0);
    return new Scope(this);
  }

  override result(shape: readonly number[], data: Float32Array): Tensor {
    return { shape, data };
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

/** A runtime whose tensors and results live until it ends. */
class Scope extends Runner implements RuntimeScope {
  override readonly keeps = true;
  readonly #runtime: EngineRuntime;
  readonly #tensors: ResidentTensor[] = [];
  #ended = false;

  constructor(runtime: EngineRuntime) {
    super();
    this.#runtime = runtime;
  }

  override get engine(): Engine {
    if (this.#ended) {
      throw new Error("Cannot run: the scope must not have ended, got one that has");
    }
    return this.#runtime.engine;
  }

  get backend(): Backend {
    return this.#runtime.backend;
  }

  stats(): RuntimeStats {
    checkSelf("read statistics", this);
    checkArguments("read statistics", arguments, 0);
    return this.#runtime.stats();
  }

  tensor(shape: readonly number[]): ResidentTensor {
    checkSelf("make a tensor", this);
    checkArguments("make a tensor", arguments, 1);
    return this.#own(allocate(this.engine, shape));
  }

  recycle(y: Tensor): void {
    checkSelf(RECYCLE, this);
    checkArguments(RECYCLE, arguments, 1);
    recycle(this.engine, y);
  }

  scope(): RuntimeScope {
    checkSelf("open a scope", this);
    checkArguments("open a scope", arguments, 0);
    return new Scope(this.#runtime);
  }

  override result(shape: readonly number[], data: Float32Array): Tensor {
    return this.#own(new OwnedTensor(shape, data, this.#runtime.engine));
  }

  dispose(): Promise<void> {
    checkSelf("dispose", this);
    checkArguments("dispose", arguments, 0);
    this[Symbol.dispose]();
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    checkSelf("end a scope", this);
    this.#ended = true;
    this.#tensors.splice(0).forEach((tensor) => tensor[Symbol.dispose]());
  }

  [Symbol.asyncDispose](): Promise<void> {
    checkSelf("dispose", this);
    return this.dispose();
  }

  /** Results of calls that were still pending when the scope ended end at once. */
  #own(tensor: ResidentTensor): ResidentTensor {
    if (this.#ended) tensor[Symbol.dispose]();
    else this.#tensors.push(tensor);
    return tensor;
  }
}

/** Hands a result's memory to an engine. */
function recycle(engine: Engine, y: Tensor): void {
  const { shape, data } = readable(RECYCLE, "y", () => {
    if (y instanceof SymbolicTensor || y instanceof OwnedTensor) return {};
    const { shape, data } = Object(y) as Partial<Tensor>;
    return { shape: Array.isArray(shape) ? Array.from(shape) : undefined, data };
  });
  if (shape === undefined || !(ArrayBuffer.isView(data) && data instanceof Float32Array)) {
    const what = y instanceof OwnedTensor ? "one in a runtime's memory" : shown(y);
    throw new TypeError(`Cannot ${RECYCLE}: y must be a plain tensor, got ${what}`);
  }
  if (data.length === 0 && sizeOf(shape) !== 0) {
    throw new TypeError(
      `Cannot ${RECYCLE}: y must not have been recycled before, got one without its ${
        sizeOf(shape)
      } elements`,
    );
  }
  if (data.byteLength !== data.buffer.byteLength) {
    throw new TypeError(
      `Cannot ${RECYCLE}: y must fill its buffer of ${data.buffer.byteLength} bytes, got ${data.byteLength}`,
    );
  }
  if (data.length > 0) engine.recycle(data);
}

/** Zeros in an engine's memory. */
function allocate(engine: Engine, shape: readonly number[]): ResidentTensor {
  const extents = extentsOf("make a tensor", "shape", shape);
  return new OwnedTensor(extents, engine.allocate(sizeOf(extents)), engine);
}
