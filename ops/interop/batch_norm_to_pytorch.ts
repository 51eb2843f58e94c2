/**
 * Batch norm for PyTorch.
 *
 * @module
 */
import type { BatchNormOptions } from "../batch_norm/options.ts";
import type { BatchNormState } from "../batch_norm/state.ts";
import type { NormParams } from "../norm/options.ts";
import { checkArguments, checkFlag, checkKeys, checkNames } from "../tensor/arguments.ts";
import { vectorFrom } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Tensor } from "../tensor/types.ts";
import { channelsOf, checkGiven, checkOneOf, spreadFrom } from "./weights.ts";

/** Batch norm as PyTorch has it. */
export interface ExportedPyTorchBatchNorm {
  /** The state dict of the module, without its prefix; new tensors, shape `(channels,)` each. */
  readonly weights: {
    /** With `affine`: gamma. */
    readonly weight?: Tensor;
    /** With `affine`: beta. */
    readonly bias?: Tensor;
    readonly running_mean: Tensor;
    readonly running_var: Tensor;
  };
  /** Arguments of the module. */
  readonly options: { readonly eps: number; readonly momentum: number; readonly affine: boolean };
}

const OPTIONS = [
  "training",
  "decay",
  "center",
  "scale",
  "epsilon",
  "dataFormat",
  "activation",
  "fused",
  "unbiasedMovingVariance",
  "zeroDebiasMovingMean",
  "renorm",
  "runtime",
];

/**
 * Batch norm for torch.nn.BatchNorm1d, 2d and 3d: the inverse of `batchNormFromPyTorch`.
 *
 * `weight = gamma`, `bias = beta`, `running_mean = movingMean`, `running_var = movingVariance`, bit for
 * bit; `eps = epsilon`. `momentum` is the shortest decimal number with `1 - momentum = decay` in
 * float64; a decay below 0.5 may have none, and is rounded to a multiple of 2^-53 then.
 *
 * A gamma without a beta is given a beta of zeros, and a beta without a gamma a gamma of ones, since
 * PyTorch has both or none. What is lost: `num_batches_tracked`, which starts at 0; `training`, which
 * is for the module's `train()` and `eval()`; and `dataFormat`, as PyTorch's channels are always on
 * axis 1. What a module cannot do is refused: an activation, renorm, a correction of the moving mean,
 * and a moving variance that stays biased, unless `training` is `false`.
 *
 * Source: torch.nn.modules.batchnorm of PyTorch 2.
 *
 * @param params `beta` and `gamma`, as `batchNorm` takes them. Not modified.
 * @param state The moving statistics, without `debias` and `renorm`. Not modified.
 * @param options Options of `batchNorm`; its defaults hold for those that are absent.
 * @returns A state dict, and the arguments of the module.
 * @throws {TypeError} If a vector has another shape, a key is unknown, or an option has no
 * counterpart.
 * @throws {RangeError} If a variance, `decay` or `epsilon` is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { batchNormToPyTorch, initBatchNorm } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, state } = initBatchNorm(2);
 * const { weights, options } = batchNormToPyTorch(params, state, { decay: 0.9 });
 * assertEquals(weights.running_var, state.movingVariance);
 * assertEquals(options.momentum, 0.1);
 * ```
 */
export function batchNormToPyTorch(
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions = {},
): ExportedPyTorchBatchNorm {
  const action = "convert batch norm to PyTorch";
  checkArguments(action, arguments, 3);
  const own = checkNames(action, "options", options, OPTIONS);
  const { decay = 0.999, epsilon = 1e-3 } = own;
  checkNumber(action, "decay", decay, "share");
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkCounterparts(action, own);
  const { movingMean, movingVariance } = checkNames(action, "state", state, [
    "movingMean",
    "movingVariance",
  ]);
  const channels = channelsOf(action, "movingMean", movingMean);
  const given = checkKeys(action, "params", params, { beta: true, gamma: true });
  const applied = (name: "beta" | "gamma", flag: "center" | "scale"): Tensor | undefined => {
    const wanted = own[flag] ?? given[name] !== undefined;
    // With `false` a parameter is ignored by batchNorm, so it may be there.
    if (wanted !== false) checkGiven(action, name, given[name], flag, wanted);
    else checkFlag(action, flag, wanted);
    return wanted ? vectorFrom(action, name, given[name], [channels]) : undefined;
  };
  const beta = applied("beta", "center");
  const gamma = applied("gamma", "scale");
  const affine = beta !== undefined || gamma !== undefined;
  return {
    weights: {
      ...(affine && {
        weight: gamma ?? tensor(new Float32Array(channels).fill(1)),
        bias: beta ?? tensor(new Float32Array(channels)),
      }),
      running_mean: vectorFrom(action, "movingMean", movingMean, [channels]),
      running_var: spreadFrom(action, "movingVariance", movingVariance, channels),
    },
    options: { eps: epsilon, momentum: momentumOf(decay), affine },
  };
}

/** Options that a module of PyTorch has no counterpart of, unless they change nothing. */
function checkCounterparts(action: string, options: BatchNormOptions): void {
  const { training = true, activation = "none", renorm = false } = options;
  const { zeroDebiasMovingMean = false, unbiasedMovingVariance = true, fused = true } = options;
  checkFlag(action, "training", training);
  checkFlag(action, "fused", fused);
  checkFlag(action, "unbiasedMovingVariance", unbiasedMovingVariance);
  checkOneOf(action, "activation", activation, ["none"]);
  checkOneOf(action, "renorm", renorm, [false]);
  checkOneOf(action, "zeroDebiasMovingMean", zeroDebiasMovingMean, [false]);
  if (training && !unbiasedMovingVariance) {
    throw new TypeError(
      `Cannot ${action}: unbiasedMovingVariance must be true unless training is false, got false`,
    );
  }
}

/** The shortest decimal number of which the complement is `decay`. */
function momentumOf(decay: number): number {
  for (let digits = 1; digits < 17; digits++) {
    const momentum = Number((1 - decay).toPrecision(digits));
    if (1 - momentum === decay) return momentum;
  }
  return 1 - decay;
}
