/**
 * Initial parameters of RMS norm.
 *
 * @module
 */
import { checkArguments } from "../tensor/arguments.ts";
import { checkChannels } from "../tensor/checks.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Initializer } from "../training/initializers.ts";
import { filled, initialized, initOptions } from "../training/params.ts";

/** Options for {@linkcode initRmsNorm}. */
export interface InitRmsNormOptions {
  /** How gamma starts. @default {{ gamma: ones() }} */
  readonly initializers?: { readonly gamma?: Initializer };
}

/**
 * The initial parameters of RMS norm: gamma 1.
 *
 * @param channels How many channels; an integer from 1.
 * @param options How gamma starts.
 * @returns New parameters.
 * @throws {TypeError} If an option is unknown or the initializer returns another shape.
 * @throws {RangeError} If `channels` is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { initRmsNorm, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initRmsNorm(2), { gamma: tensor([1, 1]) });
 * ```
 */
export function initRmsNorm(
  channels: number,
  options: InitRmsNormOptions = {},
): { readonly gamma: Tensor } {
  const action = "initialize rmsNorm";
  checkArguments(action, arguments, 2);
  checkChannels(action, channels);
  const { initializers: { gamma = filled(1) } = {} } = initOptions(
    action,
    options,
    { initializers: true },
    { gamma: true },
  );
  return { gamma: initialized(action, "gamma", gamma, [channels]) };
}
