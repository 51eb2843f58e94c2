/**
 * Where ops run: the choice of a backend, what a runtime holds, and the end of it.
 *
 * @module
 */
import { DEFAULT_PLAN_LIMIT, openRuntime } from "./_runtime.ts";
import { type Backend, BACKENDS } from "./runtime/select.ts";

export type { Backend };

/** Options for {@linkcode createRuntime}. */
export interface RuntimeOptions {
  /**
   * `"auto"` takes a hardware WebGPU adapter, else WebGL2, else WebAssembly, else plain JavaScript.
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
}

/** What a runtime has done and holds. */
export interface RuntimeStats {
  /** The backend that runs. */
  readonly backend: Backend;
  /** What computes, in words: the adapter's name on webgpu. */
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
  /** Why "auto" passed over faster backends. */
  readonly fallbackReasons: readonly string[];
}

/** A backend with the plans compiled for it. */
export interface Runtime extends AsyncDisposable {
  /** The backend that runs. */
  readonly backend: Backend;
  /** What has run so far, and what is held. */
  stats(): RuntimeStats;
  /** Lets pending calls finish, then gives everything back; later calls reject. */
  dispose(): Promise<void>;
}

/**
 * Opens a runtime. Ops that are given none share one that is opened by the first of them, with
 * `backend: "auto"`, and lives as long as the program.
 *
 * @param options Which backend, and how many compiled plans to keep.
 * @returns The runtime, to be passed to ops and disposed in the end.
 * @throws {TypeError} If the name of the backend is unknown.
 * @throws {RangeError} If `planLimit` is not an integer from 1.
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
  const { backend = "auto", planLimit = DEFAULT_PLAN_LIMIT } = options;
  if (backend !== "auto" && !BACKENDS.includes(backend)) {
    throw new TypeError(
      `Cannot create runtime: backend must be one of auto, ${BACKENDS.join(", ")}, got ${backend}`,
    );
  }
  if (!(Number.isInteger(planLimit) && planLimit >= 1)) {
    throw new RangeError(
      `Cannot create runtime: planLimit must be an integer >= 1, got ${planLimit}`,
    );
  }
  return await openRuntime(backend, planLimit);
}
