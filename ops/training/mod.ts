/**
 * For training loops: initializers, regularizers, constraints and optimizers.
 *
 * @module
 */
export { adam, type AdamOptions, type AdamState, initAdam } from "./adam.ts";
export { adamw, type AdamWOptions } from "./adamw.ts";
export { clipByGlobalNorm, type ClipOptions, type Clipped } from "./clip.ts";
export { type Constraint, maxNorm, minMaxNorm, nonNeg, unitNorm } from "./constraints.ts";
export { constant, identity, type Initializer, ones, zeros } from "./initializers.ts";
export type { AxisOptions, MaxNormOptions, MinMaxNormOptions } from "./limits.ts";
export {
  type NormalOptions,
  randomNormal,
  randomUniform,
  type SeedOptions,
  truncatedNormal,
  type UniformOptions,
} from "./random_initializers.ts";
export { l1, l1l2, l2, type Regularizer } from "./regularizers.ts";
export { initSgd, sgd, type SgdOptions, type SgdState } from "./sgd.ts";
export type { Gradients, Step } from "./step.ts";
export { varianceScaling, type VarianceScalingOptions } from "./variance_scaling.ts";
