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
import type { Moments } from "./summary.ts";

const MERGE = "merge moments";

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
export function mergeMoments(a: Moments<AnyTensor>, b: Moments<AnyTensor>): Moments {
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
  const countsA = a.count.data;
  const countsB = b.count.data;
  const isNothing = ({ shape, data }: Tensor) => shape.length === 0 && data[0] === 0;
  if (!sameShape(a.count.shape, b.count.shape) && !isNothing(a.count) && !isNothing(b.count)) {
    throw new TypeError(
      `Cannot merge moments: a and b must count alike, got counts of shape ${
        formatShape(a.count.shape)
      } and ${formatShape(b.count.shape)}`,
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

/** The counts of both; those of nothing are a single 0, whatever the others' shape. */
function addCounts({ count: a }: Moments, { count: b }: Moments): Tensor {
  const { shape } = a.shape.length === 0 ? b : a;
  const data = Float32Array.from(
    { length: Math.max(a.data.length, b.data.length) },
    (_, i) => a.data[i % a.data.length] + b.data[i % b.data.length],
  );
  return { shape: [...shape], data };
}

/** A summary whose fields and tensors have been read once. */
function checkMoments(name: string, value: Moments<AnyTensor>): Moments {
  const { count, mean, m2 } = value === undefined
    ? {} as Partial<Moments<AnyTensor>>
    : checkKeys(MERGE, name, value, { count: true, mean: true, m2: true });
  if (count === undefined || mean === undefined || m2 === undefined) {
    throw new TypeError(
      `Cannot ${MERGE}: ${name} must have count, mean and m2, got ${shown(value)}`,
    );
  }
  const own = {
    count: tensorFrom(MERGE, `${name}.count`, count),
    mean: tensorFrom(MERGE, `${name}.mean`, mean),
    m2: tensorFrom(MERGE, `${name}.m2`, m2),
  };
  const wrong = own.count.data.find((count) => !(Number.isFinite(count) && count >= 0));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot ${MERGE}: ${name}.count must be finite numbers >= 0, got ${wrong}`,
    );
  }
  if (!sameShape(own.mean.shape, own.m2.shape)) {
    throw new TypeError(
      `Cannot ${MERGE}: ${name}.m2 must have the shape of ${name}.mean, ${
        formatShape(own.mean.shape)
      }, got ${formatShape(own.m2.shape)}`,
    );
  }
  return own;
}
