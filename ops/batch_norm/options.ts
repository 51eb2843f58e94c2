/**
 * The options of batch norm, and which of them go together.
 *
 * @module
 */
import { MOMENTS, type Moments } from "../moments/summary.ts";
import { checkActivation } from "../norm/activation.ts";
import type { NormOptions } from "../norm/options.ts";
import { type DataFormat, viewOf } from "../plan/view.ts";
import type { ReplicaGroup } from "../replicas/group.ts";
import type { AnyRuntime, Runtime } from "../runtime/runtime.ts";
import { checkFlag, checkKeys, type Keys } from "../tensor/arguments.ts";
import { checkTensor, checkVector } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { AnyTensor, Vector } from "../tensor/types.ts";
import type { Adjustment } from "./adjustment.ts";
import { checkClipping, type RenormClipping } from "./renorm.ts";
import { type BatchNormState, checkState } from "./state.ts";

const OPTIONS: Keys<BatchNormOptions<AnyRuntime>> = {
  training: true,
  decay: true,
  center: true,
  scale: true,
  epsilon: true,
  dataFormat: true,
  activation: true,
  batchWeights: true,
  fused: true,
  unbiasedMovingVariance: true,
  zeroDebiasMovingMean: true,
  renorm: true,
  renormClipping: true,
  renormDecay: true,
  adjustment: true,
  moments: true,
  replicas: true,
  runtime: true,
};

export const ACTION = "apply batchNorm";

/** Options for {@linkcode batchNorm}; `epsilon` is 1e-3 by default. */
export interface BatchNormOptions<R extends AnyRuntime = Runtime> extends NormOptions<R> {
  /** Use and update with the batch's statistics; else use the moving ones. @default {true} */
  readonly training?: boolean;
  /** Weight of the old moving value; from 0 to 1. @default {0.999} */
  readonly decay?: number;
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Weight of each sample in the statistics; finite and `>= 0`. Training only. */
  readonly batchWeights?: Vector;
  /**
   * Only sets the default of `unbiasedMovingVariance`, as in TensorFlow 1.15, where the fused kernel alone
   * moves the variance towards the unbiased one:
   *
   * | x                                                | `fused: true` | `fused: false` |
   * | ------------------------------------------------ | ------------- | -------------- |
   * | rank 2 and 4                                     | unbiased      | biased         |
   * | rank 3 and 5                                     | biased        | biased         |
   * | any, with `batchWeights`, `renorm`, `adjustment` | biased        | biased         |
   *
   * @default {true}
   */
  readonly fused?: boolean;
  /**
   * Move the variance towards the unbiased one, which divides by `n - 1`.
   *
   * @default {true on rank 2 and 4 with fused and without batchWeights, renorm and adjustment}
   */
  readonly unbiasedMovingVariance?: boolean;
  /** Correct the moving mean for its start. Training only. @default {false} */
  readonly zeroDebiasMovingMean?: boolean;
  /** Correct the result towards the moving statistics. Training only. @default {false} */
  readonly renorm?: boolean;
  /** Limits of renorm's corrections. */
  readonly renormClipping?: RenormClipping;
  /** Weight of the old value in renorm's own moving statistics; from 0 to 1. @default {0.99} */
  readonly renormDecay?: number;
  /** Scales and shifts the normalised values before gamma and beta. Training only. */
  readonly adjustment?: Adjustment;
  /**
   * Moments to normalise and update with instead of the batch's own, `(channels,)` each and a count of
   * shape (); float32 results need neither `countLow` nor `m2Low`. An empty x moves the state too.
   */
  readonly moments?: Moments<AnyTensor>;
  /**
   * The replicas that have the other parts of the batch: mean and variance are those of all parts, and
   * every replica gets the same state. A collective in training; a group of one changes nothing. Not
   * inside a pipeline.
   */
  readonly replicas?: ReplicaGroup;
}

/** Options with the defaults filled in. */
export interface Checked extends
  Required<
    Pick<
      BatchNormOptions,
      | "training"
      | "decay"
      | "epsilon"
      | "dataFormat"
      | "activation"
      | "unbiasedMovingVariance"
      | "zeroDebiasMovingMean"
      | "renorm"
      | "renormDecay"
    >
  > {
  readonly renormClipping: RenormClipping;
  readonly batchWeights: Vector | undefined;
  readonly adjustment: BatchNormOptions["adjustment"];
  readonly moments: Moments<AnyTensor> | undefined;
}

/**
 * Checks everything but beta and gamma.
 *
 * @throws {TypeError} If a type, shape, length or combination is wrong.
 * @throws {RangeError} If a number is out of its domain.
 */
export function checkBatchNorm(
  action: string,
  x: AnyTensor,
  state: BatchNormState,
  options: BatchNormOptions<AnyRuntime>,
): Checked {
  const own = checkKeys(action, "options", options, OPTIONS);
  const { training = true, renorm = false, zeroDebiasMovingMean = false, fused = true } = own;
  const { decay = 0.999, renormDecay = 0.99, epsilon = 1e-3, activation = "none" } = own;
  const { dataFormat = "NHWC", batchWeights, adjustment } = own;
  for (const [name, flag] of Object.entries({ training, renorm, zeroDebiasMovingMean, fused })) {
    checkFlag(action, name, flag);
  }
  checkNumber(action, "decay", decay, "share");
  checkNumber(action, "renormDecay", renormDecay, "share");
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkActivation(action, activation);
  const renormClipping = checkClipping(action, own.renormClipping ?? {});
  checkTensor(action, "x", x);
  const view = viewOf(action, x, dataFormat);
  const rank = x.shape.length;
  checkCombinations(action, own);
  if (zeroDebiasMovingMean && decay === 1) {
    throw new RangeError(`Cannot ${action}: decay must be < 1 with zeroDebiasMovingMean, got 1`);
  }
  if (batchWeights !== undefined) checkVector(action, "batchWeights", batchWeights, [x.shape[0]]);
  const moments = own.moments === undefined
    ? undefined
    : checkMoments(action, own.moments, view.size.c);
  checkState(action, state, view.size.c, { zeroDebiasMovingMean, renorm });
  const fusedKernel = fused && !renorm && batchWeights === undefined && adjustment === undefined &&
    (rank === 2 || rank === 4);
  const { unbiasedMovingVariance = fusedKernel } = own;
  checkFlag(action, "unbiasedMovingVariance", unbiasedMovingVariance);
  return {
    training,
    decay,
    epsilon,
    dataFormat,
    activation,
    unbiasedMovingVariance,
    zeroDebiasMovingMean,
    renorm,
    renormDecay,
    renormClipping,
    batchWeights,
    adjustment,
    moments,
  };
}

/** Pairs of options of which one would have to be ignored. */
function checkCombinations(action: string, options: BatchNormOptions<AnyRuntime>): void {
  const given = {
    renorm: options.renorm === true,
    zeroDebiasMovingMean: options.zeroDebiasMovingMean === true,
    batchWeights: options.batchWeights !== undefined,
    moments: options.moments !== undefined,
    "unbiasedMovingVariance: true": options.unbiasedMovingVariance === true,
    "training: false": options.training === false,
  };
  const conflicts: [keyof typeof given, keyof typeof given][] = [
    ["renorm", "zeroDebiasMovingMean"],
    ["renorm", "batchWeights"],
    ["renorm", "unbiasedMovingVariance: true"],
    ["batchWeights", "moments"],
    ["batchWeights", "unbiasedMovingVariance: true"],
    ["moments", "training: false"],
  ];
  for (const [one, other] of conflicts) {
    if (given[one] && given[other]) {
      throw new TypeError(
        `Cannot ${action}: ${one} must not be combined with ${other}, got both`,
      );
    }
  }
}

function checkMoments(
  action: string,
  moments: Moments<AnyTensor>,
  channels: number,
): Moments<AnyTensor> {
  const own = checkKeys(action, "moments", moments, MOMENTS);
  const { count, countLow, mean, low, m2, m2Low } = own;
  checkVector(action, "moments.mean", mean, [channels]);
  checkVector(action, "moments.m2", m2, [channels]);
  checkVector(action, "moments.count", count, []);
  if (low !== undefined) checkVector(action, "moments.low", low, [channels]);
  if (m2Low !== undefined) checkVector(action, "moments.m2Low", m2Low, [channels]);
  if (countLow !== undefined) checkVector(action, "moments.countLow", countLow, []);
  return own;
}
