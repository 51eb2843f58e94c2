/**
 * Instance norm of PyTorch.
 *
 * @module
 */
import { checkArguments, checkFlag, checkKeys, fieldsOf } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import { affineOfChannels, type ImportedInstanceNorm } from "./affine.ts";
import type { PyTorchGroupNorm } from "./group_norm_pytorch.ts";

/** Entries of the state dict of torch.nn.InstanceNorm1d, 2d or 3d, without its prefix. */
export type PyTorchInstanceNorm = PyTorchGroupNorm;

/** Arguments of torch.nn.InstanceNorm1d, 2d and 3d, with their defaults. */
export interface PyTorchInstanceNormOptions {
  /** How many channels there are; by default as many as `weight` has. */
  readonly num_features?: number;
  /** Added to the variance; finite and `>= 0`. @default {1e-5} */
  readonly eps?: number;
  /** Not used: it is for running statistics. */
  readonly momentum?: unknown;
  /** There are a weight and a bias; not by default, as in PyTorch. @default {false} */
  readonly affine?: boolean;
  /** Cannot be converted unless it is `false`. @default {false} */
  readonly track_running_stats?: false;
}

const RUNNING = ["running_mean", "running_var", "num_batches_tracked"] as const;
const USE_BATCH_NORM = "which batchNormFromPyTorch converts, to be used with training: false";

/**
 * Instance norm of torch.nn.InstanceNorm1d, 2d and 3d.
 *
 * `gamma = weight`, `beta = bias`, `epsilon = eps`; the channels are on axis 1, behind the samples.
 * By default there are no weights. A module with `track_running_stats` normalises in eval mode by its
 * running statistics, which is batch norm in inference:
 * `y = (x - running_mean) / sqrt(running_var + eps) * weight + bias`. Its state dict is refused
 * here: `batchNormFromPyTorch` converts it, for `batchNorm` with `training: false`.
 *
 * Source: torch.nn.modules.instancenorm and `instance_norm` of
 * aten/src/ATen/native/Normalization.cpp, PyTorch 2.
 *
 * @param weights Entries of the state dict, shape `(channels,)` each. Not modified.
 * @param options Arguments of the module that differ from the defaults.
 * @returns What `instanceNorm` takes.
 * @throws {TypeError} If an entry is missing, unknown, of another shape, there against `affine`, or
 * there are running statistics.
 * @throws {RangeError} If `num_features` or `eps` is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { instanceNorm, instanceNormFromPyTorch, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const module = { weight: [2], bias: [1] };
 * const { params, options } = instanceNormFromPyTorch(module, { affine: true });
 * const x = tensor([[[1, 3]]]); // (samples, channels, positions)
 * const y = await instanceNorm(x, params, options);
 * assertAlmostEquals(y.data[1], (3 - 2) / Math.sqrt(1 + 1e-5) * 2 + 1, 1e-6);
 * ```
 */
export function instanceNormFromPyTorch(
  weights: PyTorchInstanceNorm,
  options: PyTorchInstanceNormOptions = {},
): ImportedInstanceNorm {
  const action = "convert PyTorch instance norm";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, {
    num_features: true,
    eps: true,
    momentum: true,
    affine: true,
    track_running_stats: true,
  });
  const { num_features, eps = 1e-5, affine = false } = own;
  const tracked: unknown = own.track_running_stats ?? false;
  checkFlag(action, "track_running_stats", tracked);
  if (tracked) {
    throw new TypeError(
      `Cannot ${action}: track_running_stats must be false, since a module in eval mode then is batch norm, ${USE_BATCH_NORM}, got true`,
    );
  }
  checkNumber(action, "eps", eps, "notNegative");
  const entries = fieldsOf(action, "weights", weights as Readonly<Record<string, unknown>>);
  const running = RUNNING.find((name) => entries[name] !== undefined);
  if (running !== undefined) {
    throw new TypeError(
      `Cannot ${action}: weights must have no ${running}, ${USE_BATCH_NORM}, got ${
        shown(entries[running])
      }`,
    );
  }
  const { params } = affineOfChannels(
    action,
    entries,
    {
      gamma: { name: "weight", flag: "affine", wanted: affine },
      beta: { name: "bias", flag: "affine", wanted: affine },
    },
    "num_features",
    num_features,
  );
  return { params, options: { epsilon: eps, dataFormat: "channelsFirst" } };
}
