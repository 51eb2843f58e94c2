/**
 * Where ops run: the choice of a backend, what a runtime holds, and the end of it.
 *
 * @module
 */
export { createRuntime, type RuntimeOptions } from "./create.ts";
export type { Backend, PlanEstimate } from "./executor.ts";
export type {
  AnyRuntime,
  LocationOptions,
  Placed,
  Runtime,
  RuntimeScope,
  RuntimeStats,
} from "./runtime.ts";
