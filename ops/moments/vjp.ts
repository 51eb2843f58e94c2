/**
 * The vector-Jacobian product of moments, and of the moments of a whole that a tensor is a part of.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import type { Plan } from "../plan/plan.ts";
import { copyOf, mapTensors, owned } from "../plan/tree.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf, type Keys, readable } from "../tensor/arguments.ts";
import { checkVector } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, FromAnywhere, Tensor, TensorLike, Vector } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";
import { type CheckedMoments, checkMoments, type MomentsOptions, readMoments } from "./call.ts";
import { moments as take, momentsOf, momentsOfNothing } from "./moments.ts";
import { ACTION, type CheckedCotangents, pullMoments } from "./pull.ts";
import { MOMENTS, type Moments } from "./summary.ts";

const COTANGENTS: Keys<MomentsGradients> = { count: true, mean: true, m2: true };

/** Cotangents of moments, each of the shape of what it belongs to; one that is left out is 0. */
export interface MomentsGradients {
  /** Of the count, which nothing but weights moves. */
  readonly count?: Vector;
  /** Of the mean. */
  readonly mean?: Vector;
  /** Of the sum of squared deviations. */
  readonly m2?: Vector;
}

/** The cotangents of the arguments of {@linkcode moments}. */
export interface MomentsCotangents {
  /** Shape of `x`. */
  readonly x: Tensor;
  /** Of the items' weights, if there are any. */
  readonly batchWeights?: Tensor;
}

/** Moments with the way back to the tensor. */
export interface MomentsVjp {
  /** What {@linkcode moments} returns. */
  readonly moments: Moments;
  /**
   * From cotangents of the moments to those of the arguments. With `whole`, the moments of a whole that
   * x is a part of, the cotangents are those of its moments.
   */
  readonly vjp: (
    cotangents: FromAnywhere<MomentsGradients>,
    whole?: FromAnywhere<Moments<AnyTensor>>,
  ) => Promise<MomentsCotangents>;
}

/** {@linkcode MomentsVjp} inside a pipeline. */
export interface SymbolicMomentsVjp {
  /** What `moments` returns. */
  readonly moments: Moments;
  /** As that of {@linkcode MomentsVjp}, at once. */
  readonly vjp: (
    cotangents: MomentsGradients,
    whole?: Moments<AnyTensor>,
  ) => MomentsCotangents;
}

/**
 * {@linkcode moments} and their vector-Jacobian product: `vjp({ count, mean, m2 })` is the gradient of
 * the sum of all cotangents times what they belong to, with respect to x and the weights.
 *
 * With the cotangents K of the count, M of the mean and Q of m2, weights w (1 without any) and the mean
 * and count N of a set:
 *
 * - `x: w (M / N + 2 Q (x - mean))`; where sets lie inside items, the mean does not depend on their
 *   weight, and it is `M / n + 2 Q w (x - mean)` with the n elements of the set
 * - `batchWeights: sum of K + M (x - mean) / N + Q (x - mean)^2` over the item's elements; where sets lie
 *   inside items, `n K + sum of Q (x - mean)^2`
 *
 * Parts of a batch whose moments have been merged go the way back through the merge as well: with
 * `vjp(cotangents, whole)` mean and N above are those of the merged moments `whole`.
 *
 * Source: section 3.1 of docs/semantics.md, differentiated; the mean of m2's deviations is stationary.
 *
 * @param x As for {@linkcode moments}; a copy is kept for `vjp`.
 * @param options As for {@linkcode moments}.
 * @returns `moments`, and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode moments}; `vjp` rejects if a cotangent has another shape.
 * @throws {RangeError} As {@linkcode moments}.
 *
 * @example Usage
 * ```ts
 * import { momentsVjp, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { moments, vjp } = await momentsVjp(tensor([[1], [2], [6]]));
 * assertEquals(moments.mean.data[0], 3);
 * const { x } = await vjp({ mean: [3], m2: [0.5] });
 * assertEquals([...x.data], [1 - 2, 1 - 1, 1 + 3]);
 * ```
 */
export async function momentsVjp<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  options: MomentsOptions<R> = {},
): Promise<Placed<MomentsVjp, R>> {
  const action = "take moments";
  checkArguments(action, arguments, 2);
  const own = fieldsOf(action, "options", options);
  const kept = readable(
    action,
    "arguments",
    () => mapTensors({ x: owned(x), options: own }, copyOf, action),
  );
  const { runtime } = own;
  const vjp = async (...given: readonly unknown[]) => {
    checkArguments(ACTION, given, 2);
    const [cotangents, whole] = given as [MomentsGradients, Moments<AnyTensor>?];
    const own = fieldsOf(ACTION, "cotangents", cotangents);
    const of = whole === undefined ? undefined : fieldsOf(ACTION, "whole", whole);
    return await runOp(ACTION, runtime, recordPull, kept.x, kept.options, own, of);
  };
  return { moments: await take(x, own), vjp } as unknown as Placed<MomentsVjp, R>;
}

/** Records {@linkcode momentsVjp}: both ways share the moments. */
export function recordMomentsVjp(
  plan: Plan,
  x: AnyTensor,
  options: MomentsOptions<AnyRuntime>,
): SymbolicMomentsVjp {
  const checked = checkMoments(x, options);
  if (sizeOf(x.shape) === 0) {
    return {
      moments: momentsOfNothing(checked),
      vjp: (cotangents, whole) => {
        checkCotangents(checked, cotangents, whole);
        return ofNothing(checked);
      },
    };
  }
  const values = readMoments(plan, checked);
  return {
    moments: momentsOf(plan, checked, values),
    vjp: (cotangents, whole) =>
      pullMoments(plan, checked, values, checkCotangents(checked, cotangents, whole)),
  };
}

function recordPull(
  plan: Plan,
  x: AnyTensor,
  options: MomentsOptions<AnyRuntime>,
  cotangents: MomentsGradients,
  whole: Moments<AnyTensor> | undefined,
): MomentsCotangents {
  return recordMomentsVjp(plan, x, options).vjp(cotangents, whole);
}

/** The cotangents of the arguments where x has no elements. */
function ofNothing({ x, batchWeights }: CheckedMoments): MomentsCotangents {
  return {
    x: emptyLike(x),
    ...(batchWeights && { batchWeights: zeros([x.shape[0]]) }),
  };
}

/** Cotangents of the shapes of what they belong to, and the moments of a whole. */
function checkCotangents(
  { shape, counts }: CheckedMoments,
  cotangents: MomentsGradients,
  whole: Moments<AnyTensor> | undefined,
): CheckedCotangents {
  const own = checkKeys(ACTION, "cotangents", cotangents, COTANGENTS);
  const { count, mean, m2 } = own;
  if (count !== undefined) checkVector(ACTION, "cotangents.count", count, counts);
  if (mean !== undefined) checkVector(ACTION, "cotangents.mean", mean, shape);
  if (m2 !== undefined) checkVector(ACTION, "cotangents.m2", m2, shape);
  if (whole === undefined) return { cotangents: own, whole };
  if (counts.length > 0) {
    throw new TypeError(
      `Cannot ${ACTION}: whole must not be given where weighted sets lie inside items, got one`,
    );
  }
  const merged = checkKeys(ACTION, "whole", whole, MOMENTS);
  checkVector(ACTION, "whole.count", merged.count, []);
  checkVector(ACTION, "whole.mean", merged.mean, shape);
  if (merged.low !== undefined) checkVector(ACTION, "whole.low", merged.low, shape);
  return { cotangents: own, whole: merged };
}
