/**
 * Where ops run: the choice of a backend, what a runtime holds, and the end of it.
 *
 * @module
 */
import type { Tensor } from "../tensor/types.ts";
import type { Backend } from "./executor.ts";

/** What a runtime has done and holds. */
export interface RuntimeStats {
  /** The backend that runs. */
  readonly backend: Backend;
  /** What computes, in words: the adapter's name on webgpu, the renderer's on webgl2. */
  readonly device: string;
  /** Plans compiled since the runtime was created. */
  readonly plansCompiled: number;
  /** Compiled plans that it holds now. */
  readonly plansCached: number;
  /** Plans run: one per direct call, one per call of a pipeline. */
  readonly runs: number;
  /** Kernels launched. */
  readonly launches: number;
  /** Bytes of memory held between calls. */
  readonly bytesHeld: number;
  /** What gpu.js says it ran the plans with. */
  readonly executorKinds: readonly string[];
  /** Why "auto" passed over faster backends, or did without threads. */
  readonly fallbackReasons: readonly string[];
}

/**
 * What `using` needs: the method `[Symbol.dispose]`. It is TypeScript's `Disposable` in a program with
 * the library "ESNext.Disposable", and asks for nothing in one that cannot name the symbol.
 */
export type Disposing = Record<
  SymbolConstructor extends { readonly dispose: infer Key extends symbol } ? Key : never,
  () => void
>;

/** What `await using` needs, as {@linkcode Disposing}: the method `[Symbol.asyncDispose]`. */
export type AsyncDisposing = Record<
  SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol } ? Key : never,
  () => Promise<void>
>;

/** A tensor in a runtime's memory. Reading its data after its end is a TypeError. */
export interface ResidentTensor extends Tensor, Disposing {}

/** A backend with the plans compiled for it. */
export interface Runtime extends AsyncDisposing {
  /** The backend that runs. */
  readonly backend: Backend;
  /** What has run so far, and what is held. */
  stats(): RuntimeStats;
  /**
   * A tensor of zeros to be filled, which ops of this runtime read without a copy on wasm with one
   * thread. Elsewhere it is read like any tensor.
   *
   * @param shape Extent of each axis.
   * @returns The tensor; its memory is given back by `using` or `[Symbol.dispose]()`, after which
   * its data must not be used, and with the runtime.
   * @throws {RangeError} If an extent is not an integer from 0.
   *
   * @example Usage
   * ```ts
   * import { createRuntime, layerNorm } from "@kernorm/kernorm";
   * import { assertEquals } from "@std/assert";
   *
   * await using runtime = await createRuntime({ backend: "wasm" });
   * using x = runtime.tensor([2, 2]);
   * x.data.set([1, 3, 5, 9]);
   * const y = await layerNorm(x, {}, { center: false, scale: false, runtime });
   * assertEquals([...y.data].map(Math.round), [-1, 1, -1, 1]);
   * ```
   */
  tensor(shape: readonly number[]): ResidentTensor;
  /**
   * Hands the memory of a result back, for results to come of the same size: fresh memory takes the
   * system longer to clear than a kernel to fill, above all beyond 32 MiB. A result in a scope needs
   * none of this.
   *
   * @param y A tensor that nobody uses any more; all views of its buffer are empty afterwards.
   * @throws {TypeError} If it is in a runtime's memory, does not fill its buffer, or has been recycled
   * before.
   *
   * @example Usage
   * ```ts
   * import { createRuntime, layerNorm, tensor } from "@kernorm/kernorm";
   * import { assertEquals } from "@std/assert";
   *
   * await using runtime = await createRuntime({ backend: "wasm" });
   * const y = await layerNorm(tensor([[1, 2, 3]]), {}, { center: false, scale: false, runtime });
   * runtime.recycle(y);
   * assertEquals(y.data.length, 0);
   * ```
   */
  recycle(y: Tensor): void;
  /**
   * The same runtime, but that results of calls with it stay in the runtime's memory until the scope
   * ends, so that they are copied neither out nor into the next call. What is to outlive the scope
   * must be copied: `y.data.slice()`.
   *
   * @returns The scope, ended by `using` or `[Symbol.dispose]()`.
   *
   * @example Usage
   * ```ts
   * import { createRuntime, gdn, gdnParams, initGdn, layerNorm, tensor } from "@kernorm/kernorm";
   *
   * await using runtime = await createRuntime({ backend: "wasm" });
   * const params = gdnParams(initGdn(3));
   * {
   *   using scope = runtime.scope();
   *   const h = await gdn(tensor([[1, 2, 3]]), params, { runtime: scope });
   *   await layerNorm(h, {}, { center: false, scale: false, runtime: scope });
   * } // h ends here
   * ```
   */
  scope(): RuntimeScope;
  /** Lets pending calls finish, then gives everything back; later calls reject. */
  dispose(): Promise<void>;
}

/** A runtime whose tensors and results end with it; the runtime that it is of goes on. */
export interface RuntimeScope extends Runtime, Disposing {}
