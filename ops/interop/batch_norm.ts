/**
 * What the conversions of batch norm have in common.
 *
 * @module
 */
import type { BatchNormOptions } from "../batch_norm/options.ts";
import type { RenormClipping } from "../batch_norm/renorm.ts";
import type { BatchNormState } from "../batch_norm/state.ts";
import type { NormParams } from "../norm/options.ts";
import type { DataFormat } from "../plan/view.ts";
import { checkFlag, checkKeys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Weights } from "./weights.ts";

/** Batch norm of another framework, as the arguments of `batchNorm` behind `x`. */
export interface ImportedBatchNorm {
  /** What was trained; new tensors. */
  readonly params: NormParams<Tensor>;
  /** Moving statistics; new tensors. */
  readonly state: BatchNormState<Tensor>;
  /** What the framework's conventions come to. */
  readonly options: BatchNormOptions & {
    readonly decay: number;
    readonly epsilon: number;
    readonly dataFormat: DataFormat;
  };
}

/** What beta, gamma and the moving statistics are called; TensorFlow's and Keras' names. */
export const KERAS_NAMES = ["beta", "gamma", "moving_mean", "moving_variance"] as const;

/** What renorm's own state is called in TensorFlow 1.15 and Keras. */
export const RENORM_NAMES = ["moving_stddev", "renorm_mean", "renorm_stddev"] as const;

/** A flag of the framework and its value. */
export type Flag = readonly [name: string, wanted: boolean];

/** Parameters and moving statistics, by their names and the flags that beta and gamma depend on. */
export function converted(
  weights: Weights,
  [beta, gamma, mean, variance]: readonly [string, string, string, string],
  flags?: { readonly beta: Flag; readonly gamma: Flag },
): Pick<ImportedBatchNorm, "params" | "state"> {
  const param = (name: string, flag: Flag | undefined) =>
    flag === undefined ? weights.vector(name) : weights.flagged(name, ...flag);
  const offset = param(beta, flags?.beta);
  const scale = param(gamma, flags?.gamma);
  return {
    params: {
      ...(offset !== undefined && { beta: offset }),
      ...(scale !== undefined && { gamma: scale }),
    },
    state: { movingMean: weights.vector(mean), movingVariance: weights.spread(variance) },
  };
}

/** Options of renorm, as TensorFlow and Keras both have them. */
export interface RenormArguments {
  readonly renorm?: boolean;
  readonly renorm_clipping?: RenormClipping | null;
}

/** The options that `renorm` comes to; nothing without it. The limits themselves are for `batchNorm` to check. */
export function renormOptions(
  action: string,
  { renorm = false, renorm_clipping }: RenormArguments,
  decayName: string,
  decay: number,
): Pick<BatchNormOptions, "renorm" | "renormClipping" | "renormDecay"> | undefined {
  checkFlag(action, "renorm", renorm);
  checkNumber(action, decayName, decay, "share");
  const renormClipping = checkKeys(action, "renorm_clipping", renorm_clipping ?? {}, {
    rmin: true,
    rmax: true,
    dmax: true,
  });
  if (!renorm) return undefined;
  return { renorm, renormClipping, renormDecay: decay };
}

/** The state that `renorm` needs. */
export function renormState(weights: Weights): NonNullable<BatchNormState<Tensor>["renorm"]> {
  const [movingStddev, renormMean, renormStddev] = RENORM_NAMES;
  return {
    movingStddev: weights.spread(movingStddev),
    renormMean: weights.vector(renormMean),
    renormStddev: weights.spread(renormStddev),
  };
}
