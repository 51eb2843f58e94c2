/**
 * RMS norm: each position over the root of the mean square of its channels.
 *
 * @module
 */
export { initRmsNorm, type InitRmsNormOptions } from "./init.ts";
export type { RmsNormOptions, RmsNormParams } from "./options.ts";
export { rmsNorm } from "./rms_norm.ts";
export { type RmsNormCotangents, type RmsNormVjp, rmsNormVjp } from "./vjp.ts";
export type { Applied, OnlyParams } from "../norm/options.ts";
export type { DataFormat } from "../plan/view.ts";
export type { Initializer } from "../training/initializers.ts";
