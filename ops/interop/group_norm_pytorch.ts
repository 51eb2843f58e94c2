/**
 * Group norm of PyTorch.
 *
 * @module
 */
import { checkArguments, checkKeys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Vector } from "../tensor/types.ts";
import { affineOfChannels, checkGroups, type ImportedGroupNorm } from "./affine.ts";

/** Entries of the state dict of torch.nn.GroupNorm, without its prefix. */
export interface PyTorchGroupNorm {
  /** With `affine`: gamma. */
  readonly weight?: Vector;
  /** With `affine`: beta. */
  readonly bias?: Vector;
}

/** Arguments of torch.nn.GroupNorm, with their defaults. */
export interface PyTorchGroupNormOptions {
  /** How many groups the channels form; must divide them. */
  readonly num_groups: number;
  /** How many channels there are; by default as many as `weight` has. */
  readonly num_channels?: number;
  /** Added to the variance; finite and `>= 0`. @default {1e-5} */
  readonly eps?: number;
  /** There are a weight and a bias. @default {true} */
  readonly affine?: boolean;
}

/**
 * Group norm of torch.nn.GroupNorm.
 *
 * `gamma = weight`, `beta = bias`, `groups = num_groups`, `epsilon = eps`; the channels are on axis 1.
 * Both take the biased variance over the channels of a group and all axes behind them. A state dict
 * does not say how many groups there are.
 *
 * Source: torch.nn.modules.normalization and aten/src/ATen/native/group_norm.cpp of PyTorch 2.
 *
 * @param weights Entries of the state dict, shape `(channels,)` each. Not modified.
 * @param options `num_groups`, and arguments of the module that differ from the defaults.
 * @returns What `groupNorm` takes.
 * @throws {TypeError} If an entry is missing, unknown, of another shape, or there against `affine`.
 * @throws {RangeError} If `num_groups` does not divide the channels, or `eps` is negative.
 *
 * @example Usage
 * ```ts
 * import { groupNorm, groupNormFromPyTorch, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const module = { weight: [2, 1], bias: [1, 0] };
 * const { params, options } = groupNormFromPyTorch(module, { num_groups: 2 });
 * const x = tensor([[[1, 3], [5, 5]]]); // (samples, channels, positions)
 * const y = await groupNorm(x, params, options);
 * assertAlmostEquals(y.data[1], (3 - 2) / Math.sqrt(1 + 1e-5) * 2 + 1, 1e-6);
 * ```
 */
export function groupNormFromPyTorch(
  weights: PyTorchGroupNorm,
  options: PyTorchGroupNormOptions,
): ImportedGroupNorm {
  const action = "convert PyTorch group norm";
  checkArguments(action, arguments, 2);
  const { num_groups, num_channels, eps = 1e-5, affine = true } = checkKeys(
    action,
    "options",
    options,
    { num_groups: true, num_channels: true, eps: true, affine: true },
  );
  checkNumber(action, "num_groups", num_groups, "count");
  checkNumber(action, "eps", eps, "notNegative");
  const { params, shape } = affineOfChannels(
    action,
    weights,
    {
      gamma: { name: "weight", flag: "affine", wanted: affine },
      beta: { name: "bias", flag: "affine", wanted: affine },
    },
    "num_channels",
    num_channels,
  );
  checkGroups(action, "num_groups", num_groups, shape);
  return { params, options: { groups: num_groups, epsilon: eps, dataFormat: "channelsFirst" } };
}
