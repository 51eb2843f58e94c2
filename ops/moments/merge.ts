/**
 * How the summaries of two parts become that of the whole.
 *
 * @module
 */
import { checkArguments, checkKeys } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { MOMENTS, type Moments } from "./summary.ts";
import { mergeWide, narrowed, widened } from "./wide.ts";

const MERGE = "merge moments";

/**
 * The summary of two disjoint parts together. The summary of nothing (count 0) changes nothing.
 *
 * With `d = b.mean - a.mean` and `n = a.count + b.count`: `mean = a.mean + d b.count / n` and
 * `m2 = a.m2 + b.m2 + d^2 a.count b.count / n`, in float64, with all fields of both. The result has
 * `low`, `countLow` and `m2Low`, so that many parts merged one after the other stay right to 1e-12: a
 * thousand parts with more elements together than float32 can count, say.
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
export function mergeMoments(a: Moments<AnyTensor>, b: Moments<AnyTensor>): Moments {
  checkArguments(MERGE, arguments, 2);
  return merged(momentsFrom(MERGE, "a", a), momentsFrom(MERGE, "b", b));
}

function merged(a: Moments, b: Moments): Moments {
  if (!sameShape(a.mean.shape, b.mean.shape)) {
    throw new TypeError(
      `Cannot ${MERGE}: a and b must have one shape, got ${formatShape(a.mean.shape)} and ${
        formatShape(b.mean.shape)
      }`,
    );
  }
  if (!sameShape(a.count.shape, b.count.shape) && !isNothing(a) && !isNothing(b)) {
    throw new TypeError(
      `Cannot ${MERGE}: a and b must count alike, got counts of shape ${
        formatShape(a.count.shape)
      } and ${formatShape(b.count.shape)}`,
    );
  }
  const { shape } = a.count.shape.length === 0 ? b.count : a.count;
  return narrowed(mergeWide([widened(a), widened(b)]), { count: shape, mean: a.mean.shape });
}

function isNothing({ count: { shape, data } }: Moments): boolean {
  return shape.length === 0 && data[0] === 0;
}

/** A summary whose fields and tensors have been read once. */
export function momentsFrom(action: string, name: string, value: Moments<AnyTensor>): Moments {
  const { count, mean, m2, low, countLow, m2Low } = value === undefined
    ? {} as Partial<Moments<AnyTensor>>
    : checkKeys(action, name, value, MOMENTS);
  if (count === undefined || mean === undefined || m2 === undefined) {
    throw new TypeError(
      `Cannot ${action}: ${name} must have count, mean and m2, got ${shown(value)}`,
    );
  }
  const own = {
    count: tensorFrom(action, `${name}.count`, count),
    mean: tensorFrom(action, `${name}.mean`, mean),
    m2: tensorFrom(action, `${name}.m2`, m2),
    ...(low !== undefined && { low: tensorFrom(action, `${name}.low`, low) }),
    ...(countLow !== undefined && { countLow: tensorFrom(action, `${name}.countLow`, countLow) }),
    ...(m2Low !== undefined && { m2Low: tensorFrom(action, `${name}.m2Low`, m2Low) }),
  };
  const wrong = own.count.data.find((count) => !(Number.isFinite(count) && count >= 0));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot ${action}: ${name}.count must be finite numbers >= 0, got ${wrong}`,
    );
  }
  const alike = (field: "m2" | "low" | "m2Low" | "countLow", like: "mean" | "count") => {
    const tensor: Tensor | undefined = own[field];
    if (tensor === undefined || sameShape(tensor.shape, own[like].shape)) return;
    throw new TypeError(
      `Cannot ${action}: ${name}.${field} must have the shape of ${name}.${like}, ${
        formatShape(own[like].shape)
      }, got ${formatShape(tensor.shape)}`,
    );
  };
  alike("m2", "mean");
  alike("low", "mean");
  alike("m2Low", "mean");
  alike("countLow", "count");
  return own;
}
