/**
 * The parameters and options of RMS norm.
 *
 * @module
 */
import type { DataFormat } from "../plan/view.ts";
import type { AnyRuntime, Runtime } from "../runtime/runtime.ts";
import type { Vector } from "../tensor/types.ts";

/** The scale of RMS norm. */
export interface RmsNormParams<V = Vector> {
  /** What each channel is multiplied by, shape `(channels,)`; 1 when absent. */
  readonly gamma?: V;
}

/** Options for {@linkcode rmsNorm}. */
export interface RmsNormOptions<R extends AnyRuntime = Runtime> {
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Added to the mean square, in units of `x` squared; finite and `>= 0`. @default {1e-6} */
  readonly epsilon?: number;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}
