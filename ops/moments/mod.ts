/**
 * Count, mean and sum of squared deviations of statistics sets, and how two of them become one.
 *
 * @module
 */
export { mergeMoments } from "./merge.ts";
export { moments, type MomentsOptions } from "./moments.ts";
export type { Moments } from "./summary.ts";
export type { DataFormat } from "../plan/view.ts";
