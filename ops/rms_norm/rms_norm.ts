/**
 * RMS norm: each position over the root of the mean square of its channels.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { scaleOf } from "../norm/normalize.ts";
import { cut, type Part, viewOfCut } from "../norm/parts.ts";
import { sumChunks, sumsOf } from "../norm/sums.ts";
import { field, type Plan, rows, type Size, type Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { type View, viewOf } from "../plan/view.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf } from "../tensor/arguments.ts";
import { checkTensor, checkVector } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";
import type { RmsNormOptions, RmsNormParams } from "./options.ts";

/**
 * Divides the channels of every position by the root of their mean square.
 *
 * `y[i] = x[i] / sqrt(mean_j(x[j]^2) + epsilon) * gamma[i]`, with the mean over the channels at one
 * position of one sample. Nothing is subtracted: unlike {@linkcode layerNorm} it keeps the mean of x.
 *
 * Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, eq. 4, with epsilon inside
 * of the root; its default is that of Keras and Flax (PyTorch's is 1.19e-7, ONNX' 1e-5).
 *
 * @param x Input, rank 2 to 5. Not modified.
 * @param params `gamma`, shape `(channels,)`. Not modified.
 * @param options Data format, stabiliser and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If a shape, a length or the data format is wrong.
 * @throws {RangeError} If `epsilon` is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { rmsNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const y = await rmsNorm(tensor([[3, 4]]), { gamma: [1, 2] });
 * assertAlmostEquals(y.data[1], 2 * 4 / Math.sqrt(12.5), 1e-6);
 * ```
 */
export async function rmsNorm<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  params: RmsNormParams = {},
  options: RmsNormOptions<R> = {},
): Promise<Placed<Tensor, R>> {
  const action = "apply rmsNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  return await runOp(action, own.runtime, recordRmsNorm, x, given, own);
}

/** Records {@linkcode rmsNorm}: x is read for the mean squares and for y, which is written once. */
export function recordRmsNorm(
  plan: Plan,
  x: AnyTensor,
  params: RmsNormParams,
  options: RmsNormOptions<AnyRuntime>,
): Tensor {
  const checked = checkRmsNorm(x, params, options);
  if (sizeOf(x.shape) === 0) return emptyLike(x);
  return new SymbolicTensor(outputOf(plan, readRmsNorm(plan, checked)), [...x.shape]);
}

/** Arguments of RMS norm that have been checked. */
interface CheckedRmsNorm {
  readonly x: AnyTensor;
  readonly params: RmsNormParams;
  readonly epsilon: number;
  readonly view: View;
}

/** Checks the arguments of {@linkcode rmsNorm}. */
export function checkRmsNorm(
  x: AnyTensor,
  params: RmsNormParams,
  options: RmsNormOptions<AnyRuntime>,
): CheckedRmsNorm {
  const action = "apply rmsNorm";
  const { dataFormat = "NHWC", epsilon = 1e-6 } = checkKeys(action, "options", options, {
    dataFormat: true,
    epsilon: true,
    runtime: true,
  });
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkTensor(action, "x", x);
  const view = viewOf(action, x, dataFormat);
  const own = checkKeys(action, "params", params, { gamma: true });
  if (own.gamma !== undefined) checkVector(action, "gamma", own.gamma, [view.size.c]);
  return { x, params: own, epsilon, view };
}

/** RMS norm whose arguments have been read into a plan. */
export interface RmsNormValues {
  readonly x: Value;
  readonly gamma: Value | undefined;
  /** x with the channels as its positions: what kernels see of it. */
  readonly format: "channelsLast" | "channelsFirst";
  readonly size: Size;
  /** The axes of x: samples and positions are kept, the channels pooled. */
  readonly parts: readonly Part[];
  /** Per set: 1 / sqrt(mean square + epsilon). */
  readonly inverse: Value;
}

/** Reads the arguments of {@linkcode rmsNorm} into a plan, and plans its mean squares. */
export function readRmsNorm(
  plan: Plan,
  { x, params: { gamma }, epsilon, view }: CheckedRmsNorm,
): RmsNormValues {
  const value = read(plan, "x", x);
  const parts = x.shape.map((size, axis): Part => ({ size, pooled: axis === view.channelsAxis }));
  const squares = sumsOf(plan, parts, (whole) => {
    const { format, size } = viewOfCut(whole);
    const squares = { kernel: "chunkShare", holes: { SCALED: false } } as const;
    const args = { x: field(value, size), dy: field(value, size) };
    return sumChunks(plan, squares, format, size, args);
  });
  const count = plan.constant(view.size.c, 1);
  return {
    x: value,
    gamma: gamma && read(plan, "gamma", gamma),
    ...viewOfCut(cut(parts, view.channelsAxis)),
    parts,
    inverse: scaleOf(plan, { squares, count }, undefined, epsilon),
  };
}

/** Plans y. */
export function outputOf(plan: Plan, { x, gamma, format, size, inverse }: RmsNormValues): Value {
  const args = { x: field(x, size), inverse: rows(inverse, size.c), gamma };
  return plan.launch("rmsOutput", format, size, args, { SCALED: gamma !== undefined });
}
