/**
 * Where results stay in a runtime's memory.
 *
 * @module
 */
import { owned } from "../plan/tree.ts";
import { checkArguments, extentsOf, readable } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { RuntimeTensor, TensorLike } from "../tensor/types.ts";
import type { Engine } from "./engine.ts";
import { MemoryTensor } from "./memory_tensor.ts";
import { checkSelf, Runner } from "./runner.ts";
import type { RuntimeScope, RuntimeStats } from "./runtime.ts";

/** What a scope needs of its runtime. */
interface Home {
  readonly engine: Engine;
  stats(): RuntimeStats;
}

/** The tensors and results of calls that live until it ends. */
export class Scope extends Runner implements RuntimeScope {
  override readonly keeps = true;
  readonly #runtime: Home;
  readonly #tensors: RuntimeTensor[] = [];
  #ended = false;

  constructor(runtime: Home) {
    super();
    this.#runtime = runtime;
  }

  override get engine(): Engine {
    if (this.#ended) {
      throw new Error("Cannot run: the scope must not have ended, got one that has");
    }
    return this.#runtime.engine;
  }

  zeros(shape: readonly number[]): RuntimeTensor {
    const action = "make zeros";
    checkSelf(action, this);
    checkArguments(action, arguments, 1);
    const extents = extentsOf(action, "shape", shape);
    return this.result(extents, this.engine.allocate(sizeOf(extents)));
  }

  put(tensor: TensorLike): RuntimeTensor {
    const action = "put a tensor";
    checkSelf(action, this);
    checkArguments(action, arguments, 1);
    const { shape, data } = tensorFrom(
      action,
      "tensor",
      readable(action, "tensor", () => owned(tensor)),
    );
    const own = this.engine.allocate(data.length);
    own.set(data);
    return this.result([...shape], own);
  }

  stats(): RuntimeStats {
    checkSelf("read statistics", this);
    checkArguments("read statistics", arguments, 0);
    return this.#runtime.stats();
  }

  /** Results of calls that were still pending when the scope ended end at once. */
  override result(shape: readonly number[], data: Float32Array): RuntimeTensor {
    const tensor = new MemoryTensor(shape, data, this.#runtime.engine);
    if (this.#ended) tensor[Symbol.dispose]();
    else this.#tensors.push(tensor);
    return tensor;
  }

  [Symbol.dispose](): void {
    checkSelf("end a scope", this);
    this.#ended = true;
    this.#tensors.splice(0).forEach((tensor) => tensor[Symbol.dispose]());
  }
}
