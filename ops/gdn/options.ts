/**
 * The options of GDN.
 *
 * @module
 */
import type { DataFormat } from "../plan/view.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ReparamOptions } from "./reparam.ts";

/** Options for {@linkcode gdn}. */
export interface GdnOptions extends ReparamOptions {
  /** Multiply by the pool instead of dividing: IGDN. @default {false} */
  readonly inverse?: boolean;
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Exponent of the inputs in the pool; finite and `> 0`. @default {2} */
  readonly alpha?: number;
  /** Exponent of the pool; finite and `> 0`. @default {0.5} */
  readonly epsilon?: number;
  /** Take max(x, 0) for x first. @default {false} */
  readonly rectify?: boolean;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}
