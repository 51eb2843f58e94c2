/**
 * Initial parameters of group, instance and layer norm.
 *
 * @module
 */
import type { AppliedParams, NormParams } from "../norm/options.ts";
import { checkArguments } from "../tensor/arguments.ts";
import { checkChannels } from "../tensor/checks.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Initializer } from "../training/initializers.ts";
import { checkExtents, initializedParams, initOptions } from "../training/params.ts";

/** Options for {@linkcode initGroupNorm} and {@linkcode initLayerNorm}. */
export interface InitNormOptions<
  Center extends boolean = boolean,
  Scale extends boolean = boolean,
> {
  /** Make `beta`. @default {true} */
  readonly center?: Center;
  /** Make `gamma`. @default {true} */
  readonly scale?: Scale;
  /** How the parameters start. @default {{ beta: zeros(), gamma: ones() }} */
  readonly initializers?: { readonly beta?: Initializer; readonly gamma?: Initializer };
}

/**
 * The references' initial parameters of group and instance norm: beta 0 and gamma 1.
 *
 * @param channels How many channels; an integer from 1.
 * @param options Which parameters, and how they start.
 * @returns New parameters.
 * @throws {TypeError} If an option is unknown or an initializer returns another shape.
 * @throws {RangeError} If `channels` is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { initGroupNorm } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initGroupNorm(2, { scale: false }), {
 *   beta: { shape: [2], data: new Float32Array(2) },
 * });
 * ```
 */
export function initGroupNorm<Center extends boolean = true, Scale extends boolean = true>(
  channels: number,
  options: InitNormOptions<Center, Scale> = {},
): AppliedParams<Required<NormParams>, Center, Scale> {
  const action = "initialize groupNorm";
  checkArguments(action, arguments, 2);
  checkChannels(action, channels);
  return initParams(action, [channels], options);
}

/**
 * The initial parameters of layer norm: beta 0 and gamma 1, one for each normalised element.
 *
 * @param shape Shape of the normalised axes, or their number of elements if it is one axis.
 * @param options Which parameters, and how they start.
 * @returns New parameters.
 * @throws {TypeError} If an option is unknown or an initializer returns another shape.
 * @throws {RangeError} If an extent is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { initLayerNorm } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initLayerNorm([2, 3]).gamma.shape, [2, 3]);
 * ```
 */
export function initLayerNorm<Center extends boolean = true, Scale extends boolean = true>(
  shape: number | readonly number[],
  options: InitNormOptions<Center, Scale> = {},
): AppliedParams<Required<NormParams>, Center, Scale> {
  const action = "initialize layerNorm";
  checkArguments(action, arguments, 2);
  const extents = checkExtents(action, "shape", typeof shape === "number" ? [shape] : shape);
  return initParams(action, extents, options);
}

function initParams<Center extends boolean, Scale extends boolean>(
  action: string,
  shape: readonly number[],
  options: InitNormOptions<Center, Scale>,
): AppliedParams<Required<NormParams>, Center, Scale> {
  const own = initOptions(action, options, { center: true, scale: true, initializers: true }, {
    beta: true,
    gamma: true,
  });
  const { center = true, scale = true, initializers = {} } = own;
  const params: NormParams<Tensor> = initializedParams(action, shape, {
    center,
    scale,
    initializers,
  });
  return params as AppliedParams<Required<NormParams>, Center, Scale>;
}
