/**
 * Group norm, and instance and layer norm as cases of it.
 *
 * @module
 */
export { groupNorm } from "./group_norm.ts";
export { initGroupNorm, initLayerNorm, type InitNormOptions } from "./init.ts";
export { instanceNorm, type InstanceNormOptions } from "./instance_norm.ts";
export { layerNorm, type LayerNormOptions } from "./layer_norm.ts";
export type { GroupNormOptions } from "./norm.ts";
export { groupNormVjp, instanceNormVjp, layerNormVjp } from "./vjp.ts";
export { type Activation, activations } from "../norm/activations.ts";
export type {
  Applied,
  AppliedFlags,
  AppliedParams,
  NormCotangents,
  NormOptions,
  NormParams,
  NormVjp,
  OnlyParams,
} from "../norm/options.ts";
export type { DataFormat } from "../plan/view.ts";
export type { Initializer } from "../training/initializers.ts";
