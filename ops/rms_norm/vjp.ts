/**
 * The vector-Jacobian product of RMS norm.
 *
 * @module
 */
import { vjpOf } from "../call/vjp.ts";
import type { Applied, OnlyParams } from "../norm/options.ts";
import { sumChunks, sums } from "../norm/sums.ts";
import { field, type Plan, rows } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import { checkCotangent } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";
import type { RmsNormOptions, RmsNormParams } from "./options.ts";
import { checkRmsNorm, outputOf, readRmsNorm, rmsNorm, type RmsNormValues } from "./rms_norm.ts";

/** The cotangents of {@linkcode rmsNorm}, each under the name of what it belongs to. */
export interface RmsNormCotangents<P extends RmsNormParams = RmsNormParams> {
  /** Shape of `x`. */
  readonly x: Tensor;
  /** Of gamma, if it was given. */
  readonly params: Applied<Pick<P, keyof P & "gamma">, true>;
}

/** A result of {@linkcode rmsNorm} with the way back to its arguments. */
export interface RmsNormVjp<P extends RmsNormParams = RmsNormParams> {
  /** What {@linkcode rmsNorm} returns. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<RmsNormCotangents<P>>;
}

/**
 * {@linkcode rmsNorm} and its vector-Jacobian product: `vjp(dy)` is the gradient of `sum(dy * y)` with
 * respect to x and gamma.
 *
 * With `s = 1 / sqrt(mean(x^2) + epsilon)` and `h = gamma dy`, means over the channels of a position:
 *
 * - `x: s h - s^3 x mean(h x)`
 * - `gamma: sum dy x s` over samples and positions
 *
 * Inside a {@linkcode pipeline} both ways share s.
 *
 * Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, eq. 4, differentiated.
 *
 * @param x As for {@linkcode rmsNorm}; a copy is kept for `vjp`.
 * @param params As for {@linkcode rmsNorm}; a copy is kept for `vjp`.
 * @param options As for {@linkcode rmsNorm}.
 * @returns `y` and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode rmsNorm}; `vjp` rejects if `dy` is not a tensor of the shape of `x`.
 * @throws {RangeError} As {@linkcode rmsNorm}.
 *
 * @example Usage
 * ```ts
 * import { rmsNormVjp, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { vjp } = await rmsNormVjp(tensor([[3, 4]]), { gamma: [1, 1] }, { epsilon: 0 });
 * const { x, params } = await vjp(tensor([[1, 0]]));
 * assertAlmostEquals(params.gamma.data[0], 3 / Math.sqrt(12.5), 1e-6);
 * assertAlmostEquals(3 * x.data[0] + 4 * x.data[1], 0, 1e-6); // y does not depend on the length of x
 * ```
 */
export async function rmsNormVjp<
  P extends RmsNormParams & OnlyParams<P, RmsNormParams> = Record<never, never>,
  R extends AnyRuntime = Runtime,
>(
  x: TensorLike,
  params: P = {} as P,
  options: RmsNormOptions<R> = {},
): Promise<Placed<RmsNormVjp<P>, R>> {
  const action = "apply rmsNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given: RmsNormParams = fieldsOf(action, "params", params);
  const vjp = vjpOf(ACTION, own.runtime, recordRmsNormVjp<P>, x, given, own);
  return { y: await rmsNorm(x, given, own), vjp } as Placed<RmsNormVjp<P>, R>;
}

const ACTION = "pull back rmsNorm";

/** Records {@linkcode rmsNormVjp}: both ways share the mean squares. */
export function recordRmsNormVjp<P extends RmsNormParams>(
  plan: Plan,
  x: AnyTensor,
  params: RmsNormParams,
  options: RmsNormOptions<AnyRuntime>,
): SymbolicVjp<RmsNormCotangents<P>> {
  // Of the gamma that is given, which is the one that the types name.
  type Cotangents = RmsNormCotangents<P>;
  const checked = checkRmsNorm(x, params, options);
  const { gamma } = checked.params;
  const perChannel = [checked.view.size.c];
  if (sizeOf(x.shape) === 0) {
    return {
      y: emptyLike(x),
      vjp(dy) {
        checkCotangent(ACTION, x, dy);
        const nothing = { x: emptyLike(x), params: gamma && { gamma: zeros(perChannel) } };
        return { ...nothing, params: nothing.params ?? {} } as Cotangents;
      },
    };
  }
  const values = readRmsNorm(plan, checked);
  return {
    y: new SymbolicTensor(outputOf(plan, values), [...x.shape]),
    vjp(dy) {
      checkCotangent(ACTION, x, dy);
      const back = pullBack(plan, values, dy);
      return {
        x: new SymbolicTensor(back.x, [...x.shape]),
        params: gamma === undefined ? {} : { gamma: new SymbolicTensor(back.gamma, perChannel) },
      } as Cotangents;
    },
  };
}

/** x and dy are read for the sums, for the cotangent of x, and for gamma's if it is given. */
function pullBack(
  plan: Plan,
  { x, gamma, format, size, parts, inverse }: RmsNormValues,
  cotangent: Tensor,
) {
  const holes = { SCALED: gamma !== undefined };
  const args = { x: field(x, size), dy: field(read(plan, "dy", cotangent), size), gamma };
  const share = sumChunks(plan, { kernel: "chunkShare", holes }, format, size, args);
  const slope = plan.each("rmsSlope", { share, inverse, elements: size.s });
  const table = { inverse: rows(inverse, size.c), slope: rows(slope, size.c) };
  const shares = plan.launch("rmsGamma", format, size, { ...args, ...table });
  return {
    x: plan.launch("rmsInput", format, size, { ...args, ...table }, holes),
    gamma: sums(plan, shares, parts.map((part) => ({ ...part, pooled: !part.pooled }))),
  };
}
