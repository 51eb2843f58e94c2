/**
 * Batch norm of PyTorch.
 *
 * @module
 */
import { checkArguments, checkKeys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Vector } from "../tensor/types.ts";
import { converted, type Flag, type ImportedBatchNorm } from "./batch_norm.ts";
import { Weights } from "./weights.ts";

/** Entries of the state dict of torch.nn.BatchNorm1d, 2d, 3d or SyncBatchNorm, without its prefix. */
export interface PyTorchBatchNorm {
  /** With `affine`: gamma. */
  readonly weight?: Vector;
  /** With `affine`: beta. */
  readonly bias?: Vector;
  /** Always there. */
  readonly running_mean?: Vector;
  /** Always there. */
  readonly running_var?: Vector;
  /** Not used: only a cumulative average needs it. */
  readonly num_batches_tracked?: Vector | number | bigint;
}

/** Arguments of torch.nn.BatchNorm1d, 2d, 3d and SyncBatchNorm, with their defaults. */
export interface PyTorchBatchNormOptions {
  /** Added to the variance; finite and `>= 0`. @default {1e-5} */
  readonly eps?: number;
  /** Weight of the NEW value; from 0 to 1. @default {0.1} */
  readonly momentum?: number;
  /** There are a weight and a bias. @default {true} */
  readonly affine?: boolean;
}

/**
 * Batch norm of torch.nn.BatchNorm1d, 2d and 3d, and of SyncBatchNorm.
 *
 * `decay` is `1 - momentum`, since PyTorch's momentum is the weight of the new value; the channels are
 * on axis 1; `running_var` moves towards the unbiased variance. `momentum=None`, a cumulative average,
 * has no constant decay: convert with another momentum, and pass `decay: n / (n + 1)` to the step after
 * n batches. A module without running statistics has nothing to convert: it always uses the batch's
 * own, as `initBatchNorm` with `training: true` does.
 *
 * Source: torch.nn.modules.batchnorm and aten/src/ATen/native/Normalization.cpp of PyTorch.
 *
 * @param weights Entries of the state dict, shape `(channels,)` each. Not modified.
 * @param options Arguments of the module that differ from the defaults.
 * @returns What `batchNorm` takes; whether it trains is for each call to say.
 * @throws {TypeError} If an entry is missing, unknown, of another shape, or there against `affine`.
 * @throws {RangeError} If a variance, `momentum` or `eps` is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { batchNorm, batchNormFromPyTorch, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const module = { weight: [2], bias: [1], running_mean: [2], running_var: [9] };
 * const { params, state, options } = batchNormFromPyTorch(module);
 * const { state: next } = await batchNorm(tensor([[1], [3], [5]]), params, state, options);
 * assertAlmostEquals(next.movingMean.data[0], 0.9 * 2 + 0.1 * 3, 1e-6);
 * assertAlmostEquals(next.movingVariance.data[0], 0.9 * 9 + 0.1 * 4, 1e-6);
 * ```
 */
export function batchNormFromPyTorch(
  weights: PyTorchBatchNorm,
  options: PyTorchBatchNormOptions = {},
): ImportedBatchNorm {
  const action = "convert PyTorch batch norm";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, { eps: true, momentum: true, affine: true });
  const { eps = 1e-5, momentum = 0.1, affine = true } = own;
  if (momentum === null) {
    throw new RangeError(
      `Cannot ${action}: momentum must be from 0 to 1, since a cumulative average has no constant decay, got null`,
    );
  }
  checkNumber(action, "momentum", momentum, "share");
  checkNumber(action, "eps", eps, "notNegative");
  const names = ["bias", "weight", "running_mean", "running_var"] as const;
  const entries = new Weights(action, weights, "running_mean", [...names, "num_batches_tracked"]);
  const flag: Flag = ["affine", affine];
  return {
    ...converted(entries, names, { beta: flag, gamma: flag }),
    options: {
      decay: 1 - momentum,
      epsilon: eps,
      dataFormat: "channelsFirst",
      unbiasedMovingVariance: true,
    },
  };
}
