/**
 * Layer norm: statistics over the last axes.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { checkActivation } from "../norm/activation.ts";
import { affineParams } from "../norm/affine.ts";
import type { NormOptions, NormParams } from "../norm/options.ts";
import type { Part } from "../norm/parts.ts";
import type { Plan } from "../plan/plan.ts";
import { resolveAxes } from "../plan/view.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf } from "../tensor/arguments.ts";
import { checkLeastRank, checkTensor } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { COMMON, type Norm, recordNorm } from "./norm.ts";

/** Options for {@linkcode layerNorm}; `epsilon` is 1e-5 by default. */
export interface LayerNormOptions<R extends AnyRuntime = Runtime> extends NormOptions<R> {
  /** The last axes of `x`, as many as are normalised together. @default {[-1]} */
  readonly axes?: readonly number[];
}

/**
 * Normalises the last axes of a tensor, with parameters for each of their elements.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the biased variance over `axes`.
 * This is the meaning of PyTorch and ONNX; for parameters per channel over space use
 * {@linkcode groupNorm} with `groups: 1`.
 *
 * Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, eq. 4.
 *
 * @param x Input, rank 1 or more. Not modified.
 * @param params `beta` and `gamma`, each with the shape of the normalised axes. Not modified.
 * @param options Axes, stabiliser, activation and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If the axes are not the last ones, or a parameter has another shape.
 * @throws {RangeError} If an axis is out of range or `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { layerNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const y = await layerNorm(tensor([[1, 2, 3]]), { gamma: [1, 1, 2], beta: [0, 0, 5] });
 * assertAlmostEquals(y.data[2], 2 * Math.sqrt(1.5) + 5, 1e-4);
 * ```
 */
export async function layerNorm<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  params: NormParams = {},
  options: LayerNormOptions<R> = {},
): Promise<Placed<Tensor, R>> {
  const action = "apply layerNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  return await runOp(action, own.runtime, recordLayerNorm, x, given, own);
}

/** Records {@linkcode layerNorm}, with the passes of group norm. */
export function recordLayerNorm(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  options: LayerNormOptions<AnyRuntime>,
): Tensor {
  return recordNorm(plan, checkLayerNorm(x, params, options));
}

/** Checks the arguments of {@linkcode layerNorm}. */
export function checkLayerNorm(
  x: AnyTensor,
  params: NormParams,
  options: LayerNormOptions<AnyRuntime>,
): Norm {
  const action = "apply layerNorm";
  const own = checkKeys(action, "options", options, { axes: true, ...COMMON });
  const { axes = [-1], epsilon = 1e-5, activation = "none" } = own;
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkActivation(action, activation);
  checkTensor(action, "x", x);
  checkLeastRank(action, "x", x.shape, 1);
  const rank = x.shape.length;
  const resolved = resolveAxes(action, "axes", axes, rank);
  if (resolved.length === 0 || resolved.some((axis, i) => axis !== rank - resolved.length + i)) {
    throw new TypeError(
      `Cannot ${action}: axes must be the last axes of x, got [${resolved.join(", ")}] for shape ${
        formatShape(x.shape)
      }`,
    );
  }
  const inner = x.shape.slice(resolved[0]);
  const parts: Part[] = [
    { size: sizeOf(x.shape.slice(0, resolved[0])), pooled: false },
    { size: 1, pooled: false, channel: "group" },
    { size: sizeOf(inner), pooled: true, channel: "member" },
  ];
  const affine = affineParams(action, params, own, inner);
  return { x, params: affine, parts, epsilon, activation, meanCloseToZero: false };
}
