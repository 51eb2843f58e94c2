/**
 * Opens a runtime whose options have been checked.
 *
 * @module
 */
import { Engine } from "./engine.ts";
import type { Backend, Executor } from "./executor.ts";
import type { WebGpuDevice } from "./host/webgpu.ts";
import type { Runtime } from "./runtime.ts";
import { EngineRuntime } from "./engine_runtime.ts";
import { createExecutor, selectExecutor } from "./select.ts";
import type { WasmSettings } from "./wasm/executor.ts";

/** How many compiled plans a runtime keeps unless it is told otherwise. */
export const DEFAULT_PLAN_LIMIT = 64;

/** Opens a runtime on a device that stays its owner's. */
export async function openOnDevice(device: object, planLimit: number): Promise<Runtime> {
  const { adoptDevice } = await import("./webgpu/executor.ts");
  return runtimeOf(await adoptDevice(device as WebGpuDevice), planLimit, []);
}

/** Opens a runtime whose options have been checked. */
export async function openRuntime(
  backend: Backend | "auto",
  planLimit: number,
  settings: WasmSettings,
): Promise<Runtime> {
  const { executor, skipped } = backend === "auto"
    ? await selectExecutor(settings)
    : { executor: await createExecutor(backend, settings), skipped: [] };
  return runtimeOf(executor, planLimit, skipped);
}

function runtimeOf(executor: Executor, planLimit: number, skipped: readonly string[]): Runtime {
  const engine = new Engine(executor, planLimit);
  return new EngineRuntime(engine, executor.backend, executor.device, skipped);
}
