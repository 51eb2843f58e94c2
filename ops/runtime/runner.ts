/**
 * What a call runs with: an engine, and what becomes of its results.
 *
 * @module
 */
import type { Elements } from "../tensor/elements.ts";
import { shown } from "../tensor/shown.ts";
import type { AnyTensor } from "../tensor/types.ts";
import type { Engine } from "./engine.ts";
import type { AnyRuntime } from "./runtime.ts";

/** What ops run with: an engine, and what becomes of the results. */
export abstract class Runner {
  // A private field, which a proxy of a runtime does not have, and without which no method works.
  readonly #brand = true;

  /** Whether something is a runtime itself. */
  static is(node: unknown): node is Runner {
    return typeof node === "object" && node !== null && #brand in node;
  }

  abstract readonly engine: Engine;
  /** Whether results stay in the runtime's memory. */
  abstract readonly keeps: boolean;

  /** A result as the caller gets it. */
  abstract result(shape: readonly number[], elements: Elements): AnyTensor;
}

/**
 * Checks that a method has been called as one.
 *
 * @throws {TypeError} If `self` is no runtime.
 */
export function checkSelf(action: string, self: unknown): void {
  if (isRuntime(self)) return;
  throw new TypeError(`Cannot ${action}: this must be a runtime, got ${shown(self)}`);
}

/**
 * Checks the `runtime` option of an op.
 *
 * @throws {TypeError} If it is not a runtime.
 */
export function checkRuntime(action: string, runtime: AnyRuntime | undefined): void {
  if (runtime !== undefined && !isRuntime(runtime)) {
    throw new TypeError(
      `Cannot ${action}: runtime must come from createRuntime, or be a scope of one, got ${
        shown(runtime)
      }`,
    );
  }
}

/**
 * Checks that a runtime, or that of a scope, can have results when a call returns.
 *
 * @throws {TypeError} If it is on another backend than wasm or cpu.
 */
export function checkComputesAtOnce(action: string, runtime: AnyRuntime): void {
  const { backend, computesAtOnce } = runnerOf(runtime).engine;
  if (computesAtOnce) return;
  throw new TypeError(
    `Cannot ${action}: runtime must be on wasm or cpu, where a result need not be waited for, got one on ${
      backend === "auto" ? "wasm and webgpu (auto)" : backend
    }`,
  );
}

/** Whether something is a runtime or a scope of one. */
export function isRuntime(node: unknown): boolean {
  return Runner.is(node);
}

export function runnerOf(runtime: AnyRuntime): Runner {
  return runtime as unknown as Runner;
}
