/**
 * Where results stay in a runtime's memory.
 *
 * @module
 */
import { owned } from "../plan/tree.ts";
import { checkArguments, checkKeys, extentsOf, readable } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { DeviceData, DeviceTensor, type Elements } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { RuntimeTensor, TensorLike } from "../tensor/types.ts";
import type { Engine } from "./engine.ts";
import { GpuTensor } from "./gpu_tensor.ts";
import type { Owner } from "./life.ts";
import { MemoryTensor } from "./memory_tensor.ts";
import { checkSelf, Runner } from "./runner.ts";
import type { LocationOptions, RuntimeScope, RuntimeStats } from "./runtime.ts";

/** What a scope needs of its runtime. */
interface Home {
  readonly engine: Engine;
  stats(): RuntimeStats;
}

/** The tensors and results of calls that live until it ends. */
export class Scope extends Runner implements RuntimeScope {
  override readonly keeps = true;
  readonly #runtime: Home;
  readonly #tensors = new Set<RuntimeTensor>();
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

  zeros(shape: readonly number[], options: LocationOptions = {}): RuntimeTensor {
    const action = "make zeros";
    checkSelf(action, this);
    checkArguments(action, arguments, 2);
    const extents = extentsOf(action, "shape", shape);
    const onGpu = this.#placeOf(action, options);
    return this.#hold(extents, this.engine.allocate(sizeOf(extents), onGpu));
  }

  put(tensor: TensorLike, options: LocationOptions = {}): RuntimeTensor {
    const action = "put a tensor";
    checkSelf(action, this);
    checkArguments(action, arguments, 2);
    const onGpu = this.#placeOf(action, options);
    const given = readable(action, "tensor", () => owned(tensor));
    if (given instanceof DeviceTensor) return this.#copyOf(action, given, onGpu);
    const { shape, data } = tensorFrom(action, "tensor", given);
    return this.#hold([...shape], this.engine.put(data, onGpu));
  }

  stats(): RuntimeStats {
    checkSelf("read statistics", this);
    checkArguments("read statistics", arguments, 0);
    return this.#runtime.stats();
  }

  /** Results of calls that were still pending when the scope ended end at once. */
  override result(shape: readonly number[], elements: Elements): RuntimeTensor {
    return this.#hold(shape, this.#runtime.engine.settle(elements));
  }

  [Symbol.dispose](): void {
    checkSelf("end a scope", this);
    this.#ended = true;
    this.#tensors.forEach((tensor) => tensor[Symbol.dispose]());
  }

  /** A tensor of these numbers that ends with the scope. */
  #hold(shape: readonly number[], elements: Elements): RuntimeTensor {
    const { engine } = this.#runtime;
    const owner: Owner = {
      get ended() {
        return engine.ended;
      },
      release: (elements) => {
        this.#tensors.delete(tensor);
        engine.release(elements);
      },
    };
    const tensor = elements instanceof DeviceData
      ? new GpuTensor(shape, elements, owner)
      : new MemoryTensor(shape, elements, owner);
    this.#tensors.add(tensor);
    if (this.#ended) tensor[Symbol.dispose]();
    return tensor;
  }

  #copyOf(
    action: string,
    { shape, elements }: DeviceTensor,
    onGpu: boolean | undefined,
  ): RuntimeTensor {
    if (onGpu === false) {
      throw new TypeError(
        `Cannot ${action}: tensor must be in memory for location "memory" (read() copies it), got one on the GPU`,
      );
    }
    if (this.engine.holds(elements)) return this.#hold([...shape], elements.copy());
    throw new TypeError(
      `Cannot ${action}: tensor must be in memory (read() copies it), or on the GPU of this ` +
        "runtime, got one on another's",
    );
  }

  /** Whether a tensor is to be on the GPU, if that has been said. */
  #placeOf(action: string, options: LocationOptions): boolean | undefined {
    const { location } = checkKeys(action, "options", options, { location: true });
    if (location === undefined) return undefined;
    if (location !== "memory" && location !== "gpu") {
      throw new TypeError(
        `Cannot ${action}: location must be one of memory, gpu, got ${shown(location)}`,
      );
    }
    if (location === "gpu" && !this.engine.hasGpu) {
      throw new TypeError(
        `Cannot ${action}: location must be memory on ${this.stats().backend}, got gpu`,
      );
    }
    return location === "gpu";
  }
}
