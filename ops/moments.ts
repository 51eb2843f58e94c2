/**
 * Count, mean and sum of squared deviations of statistics sets, and how two of them become one.
 *
 * @module
 */
import { checkArguments, checkKeys, fieldsOf, tensorFrom } from "./_checks.ts";
import type { DataFormat } from "./_layout.ts";
import { recordMoments } from "./_moments.ts";
import { runOp } from "./_calls.ts";
import { formatShape, sameShape } from "./_shape.ts";
import { shown } from "./_shown.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor, TensorLike, Vector } from "./tensor.ts";

export type { DataFormat };

const MERGE = "merge moments";

/** A summary of one or more sets: enough to get their means and variances, and to be merged. */
export interface Moments {
  /**
   * How many elements a set has, or the sum of their weights. A tensor of one count per item where
   * weighted sets lie inside items, or inside a pipeline.
   */
  readonly count: number | Tensor;
  /** The mean of every set. */
  readonly mean: Tensor;
  /** The sum of squared deviations from the mean; divided by the count it is the biased variance. */
  readonly m2: Tensor;
}

/** Options for {@linkcode moments}: one way to say what is pooled, and where to run. */
export interface MomentsOptions {
  /** Pool all axes but the channels: one set per channel. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Pool these axes: one set for each place on the others. */
  readonly axes?: readonly number[];
  /** Pool as group norm does, with so many groups. -1: one per channel. @default {32} */
  readonly groups?: number;
  /** The axis that `groups` splits. @default {-1} */
  readonly channelsAxis?: number;
  /** Axes pooled besides the channels of a group. @default {all but axis 0 and the channels} */
  readonly reductionAxes?: readonly number[];
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/**
 * Count, mean and sum of squared deviations over axes of a tensor.
 *
 * `mean = sum(x) / count` and `m2 = sum((x - mean)^2)`; with weights w per item of axis 0,
 * `count = sum(w)`, `mean = sum(w x) / count` and `m2 = sum(w (x - mean)^2)`. The mean is one
 * float32, within 3e-7 of the larger of its magnitude and the deviation, however far the data lie from
 * zero and wherever up to three outliers of 1e8 times their spread lie. Without outliers it is right to
 * one unit in its last place, or to 1e-7 of the deviation where that is more. Nothing of an empty
 * tensor gives count 0.
 *
 * @param x Input. Not modified.
 * @param options What is pooled: `{ dataFormat }`, `{ axes }`, or `{ groups, channelsAxis,
 * reductionAxes }`.
 * @param batchWeights One weight per item of axis 0, finite and `>= 0`. Not modified.
 * @returns The summary; `mean` and `m2` have the shape of the kept axes, with the groups in place of
 * the channels.
 * @throws {TypeError} If a shape, a length or the choice of axes is wrong.
 * @throws {RangeError} If an axis is out of range, `groups` does not divide the channels, or a weight
 * is negative or all are 0.
 *
 * @example Usage
 * ```ts
 * import { moments, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { count, mean, m2 } = await moments(tensor([[1, 10], [3, 30]]));
 * assertEquals([count, ...mean.data, ...m2.data], [2, 2, 20, 2, 200]);
 * ```
 */
export async function moments(
  x: TensorLike,
  options: MomentsOptions = {},
  batchWeights?: Vector,
): Promise<Moments> {
  const action = "take moments";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const result = await runOp(action, own.runtime, recordMoments, x, own, batchWeights);
  const { count } = result;
  const single = typeof count !== "number" && count.shape.length === 0;
  return single ? { ...result, count: (count as Tensor).data[0] } : result;
}

/**
 * The summary of two disjoint parts together. The summary of nothing (count 0) changes nothing.
 *
 * With `d = b.mean - a.mean` and `n = a.count + b.count`: `mean = a.mean + d b.count / n` and
 * `m2 = a.m2 + b.m2 + d^2 a.count b.count / n`, in double precision, rounded once.
 *
 * Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
 * Variances", 1979, eq. 2.1.
 *
 * @param a One summary. Not modified.
 * @param b Another, of the same shape. Not modified.
 * @returns A new summary.
 * @throws {TypeError} If the shapes differ, or one counts per item and the other does not.
 * @throws {RangeError} If a count is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { mergeMoments, moments, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const a = await moments(tensor([[1], [2], [3]]));
 * const b = await moments(tensor([[10], [12]]));
 * const { mean, m2 } = mergeMoments(a, b);
 * assertAlmostEquals(mean.data[0], 5.6, 1e-6);
 * assertAlmostEquals(m2.data[0] / 5, 20.24, 1e-5);
 * ```
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  checkArguments(MERGE, arguments, 2);
  return merged(checkMoments("a", a), checkMoments("b", b));
}

function merged(a: Moments, b: Moments): Moments {
  if (!sameShape(a.mean.shape, b.mean.shape)) {
    throw new TypeError(
      `Cannot merge moments: a and b must have one shape, got ${formatShape(a.mean.shape)} and ${
        formatShape(b.mean.shape)
      }`,
    );
  }
  const countsA = countsOf(a);
  const countsB = countsOf(b);
  if (countsA.length !== countsB.length && a.count !== 0 && b.count !== 0) {
    throw new TypeError(
      `Cannot merge moments: a and b must count alike, got ${countsA.length} and ${countsB.length} counts`,
    );
  }
  const mean = new Float32Array(a.mean.data.length);
  const m2 = new Float32Array(mean.length);
  for (let i = 0; i < mean.length; i++) {
    const na = countsA[Math.floor(i * countsA.length / mean.length)];
    const nb = countsB[Math.floor(i * countsB.length / mean.length)];
    const part = nb === 0 ? 0 : na === 0 ? 1 : nb / (na + nb);
    const d = b.mean.data[i] - a.mean.data[i];
    mean[i] = part === 0 ? a.mean.data[i] : part === 1 ? b.mean.data[i] : a.mean.data[i] + d * part;
    m2[i] = (na === 0 ? 0 : a.m2.data[i]) + (nb === 0 ? 0 : b.m2.data[i]) +
      (na === 0 || nb === 0 ? 0 : d * d * na * part);
  }
  const shape = [...a.mean.shape];
  return {
    count: addCounts(a, b),
    mean: { shape, data: mean },
    m2: { shape: [...shape], data: m2 },
  };
}

function addCounts(a: Moments, b: Moments): number | Tensor {
  if (typeof a.count === "number" && typeof b.count === "number") return a.count + b.count;
  const countsA = countsOf(a);
  const countsB = countsOf(b);
  const length = Math.max(countsA.length, countsB.length);
  const counts = Float32Array.from(
    { length },
    (_, i) => countsA[i % countsA.length] + countsB[i % countsB.length],
  );
  return { shape: [length], data: counts };
}

function countsOf({ count }: Moments): ArrayLike<number> {
  return typeof count === "number" ? [count] : count.data;
}

/** A summary whose fields and tensors have been read once. */
function checkMoments(name: string, value: Moments): Moments {
  const { count, mean, m2 } = value === undefined
    ? {} as Partial<Moments>
    : checkKeys(MERGE, name, value, ["count", "mean", "m2"]);
  if (count === undefined || mean === undefined || m2 === undefined) {
    throw new TypeError(
      `Cannot ${MERGE}: ${name} must have count, mean and m2, got ${shown(value)}`,
    );
  }
  if (typeof count === "number" && !(Number.isFinite(count) && count >= 0)) {
    throw new RangeError(
      `Cannot ${MERGE}: ${name}.count must be a finite number >= 0, got ${count}`,
    );
  }
  const own = {
    count: typeof count === "number" ? count : tensorFrom(MERGE, `${name}.count`, count),
    mean: tensorFrom(MERGE, `${name}.mean`, mean),
    m2: tensorFrom(MERGE, `${name}.m2`, m2),
  };
  if (!sameShape(own.mean.shape, own.m2.shape)) {
    throw new TypeError(
      `Cannot ${MERGE}: ${name}.m2 must have the shape of ${name}.mean, ${
        formatShape(own.mean.shape)
      }, got ${formatShape(own.m2.shape)}`,
    );
  }
  return own;
}
