/**
 * All families of cases, by the names of the ops.
 *
 * @module
 */
import { arithmeticFamily } from "./arithmetic.ts";
import { batchNormFamily, batchNormVjpFamily } from "./batch_norm.ts";
import { gdnFamily, gdnInverseFamily } from "./gdn.ts";
import { gdnVjpFamily } from "./gdn_back.ts";
import { momentsFamily } from "./moments.ts";
import { normFamilies } from "./norms.ts";
import { adamFamily, sgdFamily } from "./optimizers.ts";
import { pipelineFamily } from "./pipelines.ts";
import { rmsNormFamilies } from "./rms_norm.ts";
import type { Family } from "./trial.ts";

export const families: Readonly<Record<string, Family>> = {
  gdn: gdnFamily,
  gdnVjp: gdnVjpFamily,
  gdnInverse: gdnInverseFamily,
  ...normFamilies,
  ...rmsNormFamilies,
  batchNorm: batchNormFamily,
  batchNormVjp: batchNormVjpFamily,
  moments: momentsFamily,
  sgd: sgdFamily,
  adam: adamFamily,
  pipeline: pipelineFamily,
  arithmetic: arithmeticFamily,
};
