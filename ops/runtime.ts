/**
 * Where ops run: the choice of a backend, what a runtime holds, and the end of it.
 *
 * @module
 */
import { checkArguments, checkFlag, checkKeys } from "./_checks.ts";
import { DEFAULT_PLAN_LIMIT, openRuntime } from "./_runtime.ts";
import { shown } from "./_shown.ts";
import { type Backend, BACKENDS } from "./runtime/select.ts";
import type { Tensor } from "./tensor.ts";

export type { Backend };

const OPTIONS = ["backend", "planLimit", "deterministic", "threads"];
const MAX_THREADS = 64;

/** Options for {@linkcode createRuntime}. */
export interface RuntimeOptions {
  /**
   * `"auto"` takes a hardware WebGPU adapter, else WebGL2 on a graphics card, else WebAssembly, else
   * plain JavaScript.
   * A backend asked for by name is used or refused with the reason; nothing else takes its place.
   *
   * @default {"auto"}
   */
  readonly backend?: Backend | "auto";
  /**
   * How many compiled plans are kept; the least recently used go first. An integer from 1.
   *
   * @default {64}
   */
  readonly planLimit?: number;
  /**
   * Whether results are the same bits on every engine and machine: no fused multiply-add, which some
   * processors lack. Runs on wasm; `backend` is `"wasm"` or `"auto"`.
   *
   * @default {false}
   */
  readonly deterministic?: boolean;
  /**
   * Threads that share out each large kernel on wasm; an integer from 1 to 64. The results do not
   * depend on it. Waking threads takes a fraction of a millisecond, so that small tensors are still
   * computed by the calling thread. Threads end with the runtime. Where none can be started (a page
   * without cross-origin isolation, or whose policy forbids workers), `backend: "wasm"` is refused
   * and `"auto"` does without, with the reason in `fallbackReasons`.
   *
   * @default {1}
   */
  readonly threads?: number;
}

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

/**
 * Opens a runtime. Ops that are given none share one that is opened by the first of them, with
 * `backend: "auto"`, and lives as long as the program.
 *
 * A backend counts as available once what it needs has been granted: on wasm a module with SIMD
 * instructions, a memory and, if `threads` are asked for, a first thread; on cpu code from strings.
 * If a thread ends by itself later on, the calls that are pending on threads reject, and the next
 * call starts new ones.
 *
 * @param options Which backend, how many compiled plans to keep, and how wasm computes.
 * @returns The runtime, to be passed to ops and disposed in the end.
 * @throws {TypeError} If the name of the backend is unknown, or `deterministic` or `threads` are asked
 * of another backend than wasm.
 * @throws {RangeError} If `planLimit` is not an integer from 1, or `threads` not one from 1 to 64.
 * @throws {Error} If the backend is not available, with the reason.
 *
 * @example Usage
 * ```ts
 * import { createRuntime, layerNorm, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * await using runtime = await createRuntime({ backend: "cpu" });
 * await layerNorm(tensor([[1, 2, 3]]), {}, { center: false, scale: false, runtime });
 * assertEquals(runtime.stats().plansCompiled, 1);
 * ```
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  checkArguments("create runtime", arguments, 1);
  const {
    backend = "auto",
    planLimit = DEFAULT_PLAN_LIMIT,
    deterministic = false,
    threads = 1,
  } = checkKeys("create runtime", "options", options, OPTIONS);
  if (backend !== "auto" && !BACKENDS.includes(backend)) {
    throw new TypeError(
      `Cannot create runtime: backend must be one of auto, ${BACKENDS.join(", ")}, got ${
        shown(backend)
      }`,
    );
  }
  if (!(Number.isInteger(planLimit) && planLimit >= 1)) {
    throw new RangeError(
      `Cannot create runtime: planLimit must be an integer >= 1, got ${shown(planLimit)}`,
    );
  }
  checkFlag("create runtime", "deterministic", deterministic);
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)) {
    throw new RangeError(
      `Cannot create runtime: threads must be an integer from 1 to ${MAX_THREADS}, got ${
        shown(threads)
      }`,
    );
  }
  const onWasm = deterministic ? "deterministic" : threads > 1 ? "threads" : undefined;
  if (onWasm !== undefined && backend !== "auto" && backend !== "wasm") {
    throw new TypeError(
      `Cannot create runtime: ${onWasm} must go with backend wasm or auto, got ${backend}`,
    );
  }
  // Only wasm can promise the same bits.
  const chosen = deterministic ? "wasm" : backend;
  return await openRuntime(chosen, planLimit, { deterministic, threads });
}
