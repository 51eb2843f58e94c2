/**
 * Several ops as one launch.
 *
 * @module
 */
export type { MatmulOptions } from "./matmul.ts";
export type { PipelineOps } from "./ops.ts";
export { pipeline, type PipelineOptions, type PipelineOutput } from "./pipeline.ts";
export type { SymbolicVjp } from "../plan/symbolic.ts";
