/**
 * Batch norm with its state in and out.
 *
 * @module
 */
export type { Adjustment, AdjustmentTensors } from "./adjustment.ts";
export { batchNorm, type BatchNormResult } from "./batch_norm.ts";
export type { BatchNormCotangents } from "./cotangents.ts";
export { initBatchNorm, type InitBatchNormOptions } from "./init.ts";
export type { BatchNormOptions } from "./options.ts";
export type { RenormClipping } from "./renorm.ts";
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
export type { DataFormat } from "../plan/view.ts";
export type { Initializer } from "../training/initializers.ts";
