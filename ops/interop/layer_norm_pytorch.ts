/**
 * Layer norm of PyTorch.
 *
 * @module
 */
import { checkArguments, checkFlag, checkKeys, integersOf } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import type { Vector } from "../tensor/types.ts";
import { affineFrom, type ImportedLayerNorm } from "./affine.ts";

/** Entries of the state dict of torch.nn.LayerNorm, without its prefix. */
export interface PyTorchLayerNorm {
  /** With `elementwise_affine`: gamma, shape `normalized_shape`. */
  readonly weight?: Vector;
  /** With `elementwise_affine` and `bias`: beta, shape `normalized_shape`. */
  readonly bias?: Vector;
}

/** Arguments of torch.nn.LayerNorm, with their defaults. */
export interface PyTorchLayerNormOptions {
  /** Extents of the last axes, which are normalised together; by default the shape of `weight`. */
  readonly normalized_shape?: number | readonly number[];
  /** Added to the variance; finite and `>= 0`. @default {1e-5} */
  readonly eps?: number;
  /** There is a weight, and a bias unless `bias` is `false`. @default {true} */
  readonly elementwise_affine?: boolean;
  /** There is a bias if there is a weight. From PyTorch 2.1 on. @default {true} */
  readonly bias?: boolean;
}

/**
 * Layer norm of torch.nn.LayerNorm.
 *
 * `gamma = weight`, `beta = bias`, `epsilon = eps`, and `axes` are as many last axes as
 * `normalized_shape` has: `[-1]` for one, `[-2, -1]` for two. Extents of 1 count.
 *
 * Source: torch.nn.modules.normalization and aten/src/ATen/native/layer_norm.cpp of PyTorch 2.
 *
 * @param weights Entries of the state dict, shape `normalized_shape` each. Not modified.
 * @param options Arguments of the module that differ from the defaults; `normalized_shape` is needed
 * where there is no weight.
 * @returns What `layerNorm` takes.
 * @throws {TypeError} If an entry is missing, unknown, of another shape, or there against
 * `elementwise_affine` or `bias`, or there is no shape.
 * @throws {RangeError} If an extent is not an integer from 1, or `eps` is negative.
 *
 * @example Usage
 * ```ts
 * import { layerNorm, layerNormFromPyTorch, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { params, options } = layerNormFromPyTorch({ weight: [2, 1], bias: [1, 0] });
 * const y = await layerNorm(tensor([[1, 3]]), params, options);
 * assertAlmostEquals(y.data[0], (1 - 2) / Math.sqrt(1 + 1e-5) * 2 + 1, 1e-6);
 * ```
 */
export function layerNormFromPyTorch(
  weights: PyTorchLayerNorm,
  options: PyTorchLayerNormOptions = {},
): ImportedLayerNorm {
  const action = "convert PyTorch layer norm";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, {
    normalized_shape: true,
    eps: true,
    elementwise_affine: true,
    bias: true,
  });
  const { normalized_shape, eps = 1e-5, elementwise_affine = true, bias = true } = own;
  checkNumber(action, "eps", eps, "notNegative");
  checkFlag(action, "elementwise_affine", elementwise_affine);
  checkFlag(action, "bias", bias);
  const { params, shape } = affineFrom(
    action,
    weights,
    {
      gamma: { name: "weight", flag: "elementwise_affine", wanted: elementwise_affine },
      beta: elementwise_affine
        ? { name: "bias", flag: "bias", wanted: bias }
        : { name: "bias", flag: "elementwise_affine", wanted: false },
    },
    normalized_shape === undefined ? undefined : normalizedShape(action, normalized_shape),
  );
  if (shape === undefined || shape.length === 0) {
    throw new TypeError(
      `Cannot ${action}: normalized_shape must be given where no weight has it, got ${
        shown(normalized_shape)
      }`,
    );
  }
  return { params, options: { axes: lastAxes(shape.length), epsilon: eps } };
}

/** The last axes of a tensor, counted from its end. */
function lastAxes(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i - count);
}

function normalizedShape(action: string, shape: number | readonly number[]): readonly number[] {
  const name = "normalized_shape";
  const extents = typeof shape === "number" ? [shape] : integersOf(action, name, shape, " >= 0");
  for (const extent of extents) checkNumber(action, name, extent, "count");
  return extents;
}
