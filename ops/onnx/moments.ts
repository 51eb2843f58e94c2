/**
 * Means, sums and moments over axes.
 *
 * @module
 */
import { checkMoments, type MomentsOptions } from "../moments/call.ts";
import { resolveAxes } from "../plan/view.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor } from "../tensor/types.ts";
import type { Graph, Value } from "./graph.ts";
import { binary, reduce, reshape, square } from "./operators.ts";
import { centred } from "./primitives.ts";
import type { Writing } from "./writing.ts";

/** The sum over some axes. */
export function writeSum(w: Writing, x: AnyTensor, axes?: readonly number[]): Value {
  return reduce(w.graph, "ReduceSum", w.valueOf("x", x), axesOf(x, axes), false);
}

/** The mean over some axes. */
export function writeMean(w: Writing, x: AnyTensor, axes?: readonly number[]): Value {
  const g = w.graph;
  const value = w.valueOf("x", x);
  const pooled = axesOf(x, axes);
  if (!w.style.precise || pooled.length === 0) {
    return reduce(g, "ReduceMean", value, pooled, false);
  }
  const { mean, rest } = centred(g, value, pooled, true);
  const kept = x.shape.filter((_, axis) => !pooled.includes(axis));
  return reshape(g, binary(g, "Add", mean, rest!), kept);
}

function axesOf(x: AnyTensor, axes: readonly number[] | undefined): number[] {
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  return resolveAxes("take a sum", "axes", axes, x.shape.length);
}

/** What is written of moments; a count that is known is no tensor of the graph. */
type Written = Readonly<Record<"mean" | "low" | "m2" | "count", Value>>;

/** Moments. As their `low` is what the mean is rounded by, they are always precise. */
export function writeMoments(w: Writing, given: AnyTensor, options: MomentsOptions = {}): Written {
  const g = w.graph;
  const { parts, shape, batchWeights } = checkMoments(given, options);
  const x = reshape(g, w.valueOf("x", given), parts.map(({ size }) => size));
  const pooled = parts.flatMap((part, axis) => part.pooled ? [axis] : []);
  const elements = sizeOf(given.shape) / sizeOf(shape);
  const { mean, deviations, rest } = centred(g, x, pooled, true);
  const plain: Sums = {
    count: g.number(elements),
    shift: mean,
    delta: rest!,
    squares: reduce(g, "ReduceSum", square(g, deviations), pooled),
  };
  const sums = batchWeights === undefined
    ? plain
    : weighted(g, x, pooled, plain, w.valueOf("batchWeights", batchWeights), elements);
  const whole = binary(g, "Add", sums.shift, sums.delta);
  const low = binary(g, "Add", binary(g, "Sub", sums.shift, whole), sums.delta);
  return {
    count: sums.count,
    mean: reshape(g, whole, shape),
    low: reshape(g, low, shape),
    m2: reshape(g, sums.squares, shape),
  };
}

/** Sums over sets; the mean is `shift + delta`. */
interface Sums {
  readonly count: Value;
  readonly shift: Value;
  readonly delta: Value;
  readonly squares: Value;
}

/** The same with a weight for each item of axis 0. One of weight 0 reaches nothing, also if it is NaN. */
function weighted(
  g: Graph,
  x: Value,
  pooled: readonly number[],
  plain: Sums,
  weights: Value,
  elements: number,
): Sums {
  const [items] = x.shape;
  const along = reshape(g, weights, [items, ...x.shape.slice(1).map(() => 1)]);
  if (!pooled.includes(0)) {
    // All elements of a set have one weight.
    const count = binary(g, "Mul", weights, g.number(elements));
    return { ...plain, count, squares: binary(g, "Mul", plain.squares, along) };
  }
  const total = reduce(g, "ReduceSum", weights, [0], false);
  const count = binary(g, "Mul", total, g.number(elements / items));
  const isNone = g.node("Equal", [along, g.number(0)], along.shape);
  const counted = (terms: Value) => g.node("Where", [isNone, g.number(0), terms], terms.shape);
  const sumOf = (terms: Value) => reduce(g, "ReduceSum", binary(g, "Mul", terms, along), pooled);
  const meanOf = (terms: Value) => binary(g, "Div", sumOf(terms), count);
  const shift = meanOf(counted(x));
  const near = counted(binary(g, "Sub", x, shift));
  const delta = meanOf(near);
  return { count, shift, delta, squares: sumOf(square(g, binary(g, "Sub", near, delta))) };
}
