/**
 * Initial parameters and state of batch norm.
 *
 * @module
 */
import type { AppliedParams, NormParams } from "../norm/options.ts";
import { checkArguments, checkFlag } from "../tensor/arguments.ts";
import { checkChannels } from "../tensor/checks.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Initializer } from "../training/initializers.ts";
import { filled, initialized, initializedParams, initOptions } from "../training/params.ts";
import type { BatchNormState } from "./state.ts";

const OPTIONS = {
  center: true,
  scale: true,
  zeroDebiasMovingMean: true,
  renorm: true,
  initializers: true,
} as const;
const INITIALIZERS = { beta: true, gamma: true, movingMean: true, movingVariance: true } as const;

/** Options for {@linkcode initBatchNorm}. */
export interface InitBatchNormOptions<
  Center extends boolean = boolean,
  Scale extends boolean = boolean,
> {
  /** Make `beta`. @default {true} */
  readonly center?: Center;
  /** Make `gamma`. @default {false} */
  readonly scale?: Scale;
  /** Make the state that `zeroDebiasMovingMean` needs. @default {false} */
  readonly zeroDebiasMovingMean?: boolean;
  /** Make the state that `renorm` needs. @default {false} */
  readonly renorm?: boolean;
  /** How parameters and moving statistics start. @default {zeros() for beta and movingMean, ones() for gamma and movingVariance} */
  readonly initializers?: {
    readonly beta?: Initializer;
    readonly gamma?: Initializer;
    readonly movingMean?: Initializer;
    readonly movingVariance?: Initializer;
  };
}

/**
 * The references' initial parameters and state of batch norm: beta 0, no gamma, moving mean 0, moving
 * variance 1; for renorm the moving deviations are the root of the moving variance.
 *
 * @param channels How many channels; an integer from 1.
 * @param options Which parameters and state, and how they start.
 * @returns New parameters and state.
 * @throws {TypeError} If an option is unknown or an initializer returns another shape.
 * @throws {RangeError} If `channels` is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { initBatchNorm } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, state } = initBatchNorm(3, { renorm: true });
 * assertEquals(Object.keys(params), ["beta"]);
 * assertEquals(state.renorm?.movingStddev.data, new Float32Array([1, 1, 1]));
 * ```
 */
export function initBatchNorm<Center extends boolean = true, Scale extends boolean = false>(
  channels: number,
  options: InitBatchNormOptions<Center, Scale> = {},
): {
  params: AppliedParams<Required<NormParams>, Center, Scale>;
  state: BatchNormState<Tensor>;
} {
  const action = "initialize batchNorm";
  checkArguments(action, arguments, 2);
  checkChannels(action, channels);
  const own = initOptions(action, options, OPTIONS, INITIALIZERS);
  const { center = true, scale = false, initializers = {} } = own;
  const { zeroDebiasMovingMean = false, renorm = false } = own;
  checkFlag(action, "zeroDebiasMovingMean", zeroDebiasMovingMean);
  checkFlag(action, "renorm", renorm);
  const shape = [channels];
  const make = (name: "movingMean" | "movingVariance", value: number) =>
    initialized(action, name, initializers[name] ?? filled(value), shape);
  const root = ({ data }: Tensor) => ({ shape, data: data.map(Math.sqrt) });
  const params: NormParams<Tensor> = initializedParams(action, shape, {
    center,
    scale,
    initializers,
  });
  return {
    params: params as AppliedParams<Required<NormParams>, Center, Scale>,
    state: {
      movingMean: make("movingMean", 0),
      movingVariance: make("movingVariance", 1),
      ...(zeroDebiasMovingMean && {
        debias: { biased: filled(0)(shape), localStep: filled(0)([]) },
      }),
      ...(renorm && {
        renorm: {
          movingStddev: root(make("movingVariance", 1)),
          renormMean: make("movingMean", 0),
          renormStddev: root(make("movingVariance", 1)),
        },
      }),
    },
  };
}
