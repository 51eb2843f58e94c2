/**
 * What a step of a random program is.
 *
 * @module
 */
import type { PipelineOps, Tensor } from "../../../mod.ts";
import { product } from "./inputs.ts";
import type { Tracked } from "./tracked.ts";

/** The shapes of the values so far. */
export type Shapes = readonly (readonly number[])[];

/** One step: from some of the values so far to one more. */
export interface Step {
  /** What it is, for messages. */
  readonly op: string;
  /** The numbers of its arguments among the values. */
  readonly of: readonly number[];
  readonly shape: readonly number[];
  run(ops: PipelineOps, of: readonly Tensor[], factor: number): Tensor;
  tracked(of: readonly Tracked[], factor: number): Tracked;
  /** The cotangents of the arguments, given that of the result. */
  pull(
    dy: Tracked,
    of: readonly Tracked[],
    y: Tracked,
    factor: number,
  ): readonly Tracked[];
}

/** How many elements a value has at most. */
const MOST = 2000;

/** Whether a shape is small enough. */
export const isSmall = (shape: readonly number[]) => product(shape) <= MOST;
