/**
 * Batch norm with its state in and out.
 *
 * @module
 */
export type { Adjustment, AdjustmentTensors } from "./adjustment.ts";
export { batchNorm } from "./batch_norm.ts";
export type { BatchNormCotangents } from "./cotangents.ts";
export { initBatchNorm, type InitBatchNormOptions } from "./init.ts";
export type { BatchNormOptions } from "./options.ts";
export type { RenormClipping } from "./renorm.ts";
export type { BatchNormResult } from "./result.ts";
export type { BatchNormState } from "./state.ts";
export { type BatchNormVjp, batchNormVjp } from "./vjp.ts";
export type {
  Applied,
  AppliedFlags,
  AppliedParams,
  NormOptions,
  NormParams,
  OnlyParams,
} from "../norm/options.ts";
export type { Moments } from "../moments/summary.ts";
export type { DataFormat } from "../plan/view.ts";
export type { ReplicaGroup } from "../replicas/group.ts";
export type { Initializer } from "../training/initializers.ts";
