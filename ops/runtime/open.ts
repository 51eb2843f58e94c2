/**
 * Opens a runtime whose options have been checked.
 *
 * @module
 */
import { Engine } from "./engine.ts";
import type { Backend } from "./executor.ts";
import type { Runtime } from "./runtime.ts";
import { EngineRuntime } from "./engine_runtime.ts";
import { createExecutor, selectExecutor } from "./select.ts";
import type { WasmSettings } from "./wasm/executor.ts";

/** How many compiled plans a runtime keeps unless it is told otherwise. */
export const DEFAULT_PLAN_LIMIT = 64;

/** Opens a runtime whose options have been checked. */
export async function openRuntime(
  backend: Backend | "auto",
  planLimit: number,
  settings: WasmSettings,
): Promise<Runtime> {
  const { executor, skipped } = backend === "auto"
    ? await selectExecutor(settings)
    : { executor: await createExecutor(backend, settings), skipped: [] };
  const engine = new Engine(executor, planLimit);
  return new EngineRuntime(engine, executor.backend, executor.device, skipped);
}
