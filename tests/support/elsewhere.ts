/**
 * Runtimes on backends that need not be there.
 *
 * @module
 */
import type { Runtime } from "../../mod.ts";
import { Engine } from "../../ops/runtime/engine.ts";
import { EngineRuntime } from "../../ops/runtime/engine_runtime.ts";
import type { Backend } from "../../ops/runtime/executor.ts";

/** A runtime that says it is on a backend, and runs nothing. */
export function runtimeOn(backend: Backend | "auto"): Runtime {
  const executor = {
    backend,
    device: "none",
    bytes: 0,
    compile(): never {
      throw new Error("Cannot compile: a test must not come here");
    },
    dispose: () => Promise.resolve(),
  };
  return new EngineRuntime(new Engine(executor, 1), backend, "none", []);
}
