/**
 * Where ops run: the choice of a backend, what a runtime holds, and the end of it.
 *
 * @module
 */
import type { Recorded } from "./_plan.ts";
import { Engine } from "./runtime/engine.ts";
import { type Backend, BACKENDS, createExecutor, selectExecutor } from "./runtime/select.ts";

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

class EngineRuntime implements Runtime {
  readonly engine: Engine;
  readonly backend: Backend;
  readonly #device: string;
  readonly #fallbackReasons: readonly string[];

  constructor(engine: Engine, backend: Backend, device: string, skipped: readonly string[]) {
    this.engine = engine;
    this.backend = backend;
    this.#device = device;
    this.#fallbackReasons = skipped;
  }

  stats(): RuntimeStats {
    return {
      backend: this.backend,
      device: this.#device,
      ...this.engine.stats(),
      fallbackReasons: this.#fallbackReasons,
    };
  }

  dispose(): Promise<void> {
    return this.engine.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
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
  const { backend = "auto", planLimit = 64 } = options;
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
  const { executor, skipped } = backend === "auto"
    ? await selectExecutor()
    : { executor: await createExecutor(backend), skipped: [] };
  const engine = new Engine(executor, planLimit);
  return new EngineRuntime(engine, executor.backend, executor.device, skipped);
}

let shared: Promise<Runtime> | undefined;
let ready: Runtime | undefined;

/** The runtime of calls that name none. */
function sharedRuntime(): Promise<Runtime> {
  shared ??= createRuntime().then((runtime) => ready = runtime).catch((error) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

/**
 * Runs a recorded plan. Its inputs are read before this returns, whether the runtime is there
 * already or has to be opened first.
 */
export async function execute(recorded: Recorded, runtime = ready): Promise<Float32Array[]> {
  const { program, scalars } = recorded;
  const inputs = recorded.sources.map((source) => source());
  if (program.launches.length === 0) return program.results.map((id) => inputs[id].slice());
  if (runtime !== undefined) return await engineOf(runtime).run(program, inputs, scalars);
  const copies = inputs.map((input) => input.slice());
  return await engineOf(await sharedRuntime()).run(program, copies, scalars);
}

/**
 * Checks the `runtime` option of an op.
 *
 * @throws {TypeError} If it is not a runtime.
 */
export function checkRuntime(action: string, runtime: Runtime | undefined): void {
  if (runtime !== undefined && !(runtime instanceof EngineRuntime)) {
    throw new TypeError(
      `Cannot ${action}: runtime must come from createRuntime, got ${typeof runtime}`,
    );
  }
}

function engineOf(runtime: Runtime): Engine {
  return (runtime as EngineRuntime).engine;
}
