/**
 * Count, mean and sum of squared deviations of statistics sets, and how two of them become one.
 *
 * @module
 */
export { mergeMoments } from "./merge.ts";
export type { MomentsOptions } from "./call.ts";
export { moments } from "./moments.ts";
export type { Moments } from "./summary.ts";
export {
  type MomentsCotangents,
  type MomentsGradients,
  type MomentsVjp,
  momentsVjp,
  type SymbolicMomentsVjp,
} from "./vjp.ts";
export type { DataFormat } from "../plan/view.ts";
