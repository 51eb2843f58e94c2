/**
 * The options of GDN.
 *
 * @module
 */
import type { DataFormat } from "../plan/view.ts";
import type { AnyRuntime, Runtime } from "../runtime/runtime.ts";
import type { Keys } from "../tensor/arguments.ts";
import type { ReparamOptions } from "./reparam.ts";

/** Options for {@linkcode gdn}. */
export interface GdnOptions<R extends AnyRuntime = Runtime> extends ReparamOptions {
  /** Multiply by the pool instead of dividing: IGDN. @default {false} */
  readonly inverse?: boolean;
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Exponent of the inputs in the pool, alpha; finite and `> 0`. @default {2} */
  readonly alphaParameter?: number;
  /** Exponent of the pool, epsilon; finite and `> 0`. @default {0.5} */
  readonly epsilonParameter?: number;
  /** Take max(x, 0) for x first. @default {false} */
  readonly rectify?: boolean;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}

/** The names of the options. */
export const GDN_OPTIONS: Keys<GdnOptions<AnyRuntime>> = {
  inverse: true,
  dataFormat: true,
  alphaParameter: true,
  epsilonParameter: true,
  rectify: true,
  betaMin: true,
  reparamOffset: true,
  runtime: true,
};
