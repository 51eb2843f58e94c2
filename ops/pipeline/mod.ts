/**
 * Several ops as one launch.
 *
 * @module
 */
export type { DenseParams } from "../arithmetic/dense.ts";
export { eager } from "./eager.ts";
export * from "./gradients/types.ts";
export { valueAndGrad, type ValueAndGradOptions } from "./gradients/value_and_grad.ts";
export type { MatmulOptions } from "../arithmetic/matmul.ts";
export type { PipelineOps } from "./ops.ts";
export {
  pipeline,
  type PipelineOptions,
  type PipelineOutput,
  type SyncPipelineOptions,
} from "./pipeline.ts";
export type { RecordedOps } from "./recorded_ops.ts";
export type { SymbolicMomentsVjp } from "../moments/vjp.ts";
export type { SymbolicVjp } from "../plan/symbolic.ts";
export type { AdamOptions, AdamState } from "../training/adam.ts";
export type { AdamWOptions } from "../training/adamw.ts";
export type { AxisOptions, MaxNormOptions, MinMaxNormOptions } from "../training/limits.ts";
export type { ClipOptions, Clipped } from "../training/clip.ts";
export type { SgdOptions, SgdState } from "../training/sgd.ts";
export type { Gradients, Step } from "../training/step.ts";
