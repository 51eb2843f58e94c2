/**
 * Runtimes at work: the engine behind each, the shared one, and the running of recorded plans.
 *
 * @module
 */
import type { Recorded } from "./_plan.ts";
import type { Runtime, RuntimeStats } from "./runtime.ts";
import { Engine } from "./runtime/engine.ts";
import { type Backend, createExecutor, selectExecutor } from "./runtime/select.ts";

/** How many compiled plans a runtime keeps unless it is told otherwise. */
export const DEFAULT_PLAN_LIMIT = 64;

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

/** Opens a runtime whose options have been checked. */
export async function openRuntime(backend: Backend | "auto", planLimit: number): Promise<Runtime> {
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
  shared ??= openRuntime("auto", DEFAULT_PLAN_LIMIT).then((runtime) => ready = runtime).catch(
    (error) => {
      shared = undefined;
      throw error;
    },
  );
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
