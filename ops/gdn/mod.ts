/**
 * Generalized divisive normalization (GDN), its inverse (IGDN), and their parameters.
 *
 * @module
 */
export { gdn } from "./gdn.ts";
export { type GdnInverse, gdnInverse, type GdnInverseOptions } from "./inverse.ts";
export type { GdnOptions } from "./options.ts";
export {
  type GdnParams,
  gdnParams,
  type GdnVariables,
  gdnVariables,
  initGdn,
  type InitGdnOptions,
} from "./params.ts";
export { type ReparamOptions } from "./reparam.ts";
export { type GdnCotangents, type GdnVjp, gdnVjp } from "./vjp.ts";
export type { DataFormat } from "../plan/view.ts";
