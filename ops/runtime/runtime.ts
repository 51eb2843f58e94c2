/**
 * Where ops run: the choice of a backend, what a runtime holds, and the end of it.
 *
 * @module
 */
import type { AsyncDisposing, Disposing } from "../tensor/disposing.ts";
import type { GpuBuffer, GpuTensor, InScope, RuntimeTensor, TensorLike } from "../tensor/types.ts";
import type { Backend, PlanEstimate } from "./executor.ts";

/** What a runtime has done and holds. */
export interface RuntimeStats {
  /** The backend that runs; `"auto"` where there are two, and each plan runs on the better one. */
  readonly backend: Backend | "auto";
  /** What computes, in words: the adapter's name on webgpu, the renderer's on webgl2. */
  readonly device: string;
  /** Plans compiled since the runtime was created. */
  readonly plansCompiled: number;
  /** Compiled plans that it holds now. */
  readonly plansCached: number;
  /** Plans run on each backend: one per direct call, one per call of a pipeline. */
  readonly runs: Readonly<Record<Backend, number>>;
  /** Kernels launched. */
  readonly launches: number;
  /**
   * Launches among them of code that gpu.js' own generator made: 0 on webgpu and wasm unless the runtime
   * was opened with `compiler: "gpu.js"`, and all of them on webgl2 and cpu, which have no other code.
   */
  readonly launchesByGpuJs: number;
  /** Bytes of inputs that have been sent to the GPU, on webgpu. */
  readonly bytesUploaded: number;
  /** Bytes of results that have come back from it. */
  readonly bytesDownloaded: number;
  /** Where `"auto"` runs each plan that is large enough for the question, and why. */
  readonly estimates: readonly PlanEstimate[];
  /** Bytes of memory held between calls. */
  readonly bytesHeld: number;
  /** Why "auto" passed over faster backends, or did without threads. */
  readonly fallbackReasons: readonly string[];
}

/** Where a scope puts a tensor. */
export interface LocationOptions {
  /**
   * `"gpu"`, or `"memory"`: that of wasm, if the runtime has it. A tensor on the GPU binds the plans that
   * read it to webgpu, and one in the runtime's memory to wasm.
   *
   * @default {"gpu" on webgpu, else "memory"}
   */
  readonly location?: "memory" | "gpu";
}

/** What the option `runtime` of an op takes. */
export type AnyRuntime = Runtime | RuntimeScope;

/** What an op returns that is given an R: in a scope its tensors stay in the runtime's memory. */
export type Placed<T, R> = R extends RuntimeScope ? InScope<T> : T;

/** A backend with the plans compiled for it. */
export interface Runtime extends AsyncDisposing {
  /** The backend that runs; `"auto"` where there are two, and each plan runs on the better one. */
  readonly backend: Backend | "auto";
  /** What has run so far, and what is held. */
  stats(): RuntimeStats;
  /**
   * Opens a scope: an op whose `runtime` is a scope leaves its results in the runtime's memory, as
   * {@linkcode RuntimeTensor}s that the next op takes without a copy. They end with the scope; numbers
   * that are to outlive it are read first, by `await y.read()`.
   *
   * @returns The scope, ended by `using` or `[Symbol.dispose]()`.
   *
   * @example Usage
   * ```ts
   * import { createRuntime, gdn, gdnParams, initGdn, layerNorm, tensor } from "@kernorm/kernorm";
   * import { assertAlmostEquals } from "@std/assert";
   *
   * await using runtime = await createRuntime({ backend: "wasm" });
   * using scope = runtime.scope();
   * const params = gdnParams(initGdn(2));
   * const h = await gdn(tensor([[1, 2]]), params, { runtime: scope });
   * const y = await layerNorm(h, {}, { runtime: scope });
   * const numbers = await y.read(); // of its own: h and y end with the scope
   * assertAlmostEquals(numbers[0], -1, 1e-3);
   * ```
   */
  scope(): RuntimeScope;
  /**
   * A tensor in a buffer of the caller's, on the device that {@linkcode createRuntime} was given: ops
   * read it where it is. Its end leaves the buffer as it is.
   *
   * @param buffer float32 numbers in row-major order from offset 0, of the usage `STORAGE`; `COPY_SRC`
   * too, for `read` and where an op returns it in memory. It must not be destroyed or mapped while
   * the tensor is used, which the call that meets one reports.
   * @param shape Extent of each axis.
   * @returns The tensor.
   * @throws {TypeError} If the runtime is not on webgpu, or it is not a buffer of that usage.
   * @throws {RangeError} If an extent is not an integer from 0, or the buffer is too small.
   *
   * @example Usage
   * ```ts ignore
   * const device = await adapter.requestDevice();
   * await using runtime = await createRuntime({ device });
   * using x = runtime.fromGpuBuffer(buffer, [1, 8, 8, 16]);
   * const y = await gdn(x, params, { runtime });
   * ```
   */
  fromGpuBuffer(buffer: GpuBuffer, shape: readonly number[]): GpuTensor;
  /**
   * Lets pending calls and `read`s finish, then gives everything back; later calls reject. So does a pending
   * `gdnInverse`, which takes several runs.
   */
  dispose(): Promise<void>;
}

/** Where results stay in a runtime's memory, until it ends; the runtime itself goes on. */
export interface RuntimeScope extends Disposing {
  /**
   * A tensor of zeros. On webgpu they are on the GPU; elsewhere they can be filled through its `data`.
   *
   * @param shape Extent of each axis.
   * @param options Where it is to be.
   * @returns The tensor, which ends with the scope or, before that, by `using`.
   * @throws {TypeError} If the runtime has no such location.
   * @throws {RangeError} If an extent is not an integer from 0.
   *
   * @example Usage
   * ```ts
   * import { createRuntime, layerNorm } from "@kernorm/kernorm";
   * import { assertEquals } from "@std/assert";
   *
   * await using runtime = await createRuntime({ backend: "wasm" });
   * using scope = runtime.scope();
   * const x = scope.zeros([2, 2]);
   * x.data.set([1, 3, 5, 9]);
   * const y = await layerNorm(x, {}, { runtime: scope });
   * assertEquals([...y.data].map(Math.round), [-1, 1, -1, 1]);
   * ```
   */
  zeros(shape: readonly number[], options?: LocationOptions): RuntimeTensor;
  /**
   * A copy of a tensor in the runtime's memory.
   *
   * @param tensor What to copy; another library's will do. Not modified.
   * @param options Where the copy is to be.
   * @returns The copy, which ends with the scope or, before that, by `using`.
   * @throws {TypeError} If it is not a tensor, or the runtime has no such location.
   *
   * @example Usage
   * ```ts
   * import { createRuntime, tensor } from "@kernorm/kernorm";
   * import { assertEquals } from "@std/assert";
   *
   * await using runtime = await createRuntime();
   * using scope = runtime.scope();
   * const x = scope.put(tensor([1, 2, 3]));
   * assertEquals([...await x.read()], [1, 2, 3]);
   * ```
   */
  put(tensor: TensorLike, options?: LocationOptions): RuntimeTensor;
  /** What has run so far, and what is held, on the runtime that the scope is of. */
  stats(): RuntimeStats;
}
