/**
 * What random networks are made of: steps, each some ops of a pipeline and the same in dual numbers.
 *
 * @module
 */
import type { PipelineOps, Tensor } from "../../../mod.ts";
import type { Dual, Kinks } from "./dual.ts";

/** What ops are recorded with: `last` for NHWC, else NCHW. */
export interface Context {
  readonly ops: PipelineOps;
  readonly last: boolean;
}

type Params<T> = Readonly<Record<string, T>>;

/** One step of a network. The dual numbers always have channels last. */
export interface Step {
  readonly name: string;
  /** Shapes of its parameters, as the dual numbers have them. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** How many channels it makes, where that may differ from x. */
  readonly channels?: number;
  run(context: Context, x: Tensor, params: Params<Tensor>): Tensor;
  dual(x: Dual, params: Params<Dual>, kinks: Kinks): Dual;
}

/** What a step is drawn for: the shape of x with channels last, and its format. */
export interface Place {
  readonly shape: readonly number[];
  readonly last: boolean;
  readonly next: () => number;
}

/** Draws a step, if one can follow there. */
export type Draw = (place: Place) => Step | undefined;

export const EPSILON = 0.1;
export const NOTHING = {};

/** The format of x, as an option. */
export const formatOf = ({ last }: Context) => ({ dataFormat: last ? "NHWC" : "NCHW" } as const);
