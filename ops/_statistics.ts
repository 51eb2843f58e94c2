/**
 * Plans the moments of any statistics sets.
 *
 * @module
 */
import {
  blocks,
  chunksOf,
  type Cut,
  inLanes,
  largest,
  type Part,
  taken,
  viewOfCut,
} from "./_parts.ts";
import { field, type Plan, rows, type Value } from "./_plan.ts";

/** The moments of every set, flat over the kept parts in their order. */
export interface Statistics {
  /** An element of the set. */
  readonly shift: Value;
  /** What the mean lies above the shift. */
  readonly delta: Value;
  /** Sum of squared deviations from the mean. */
  readonly squares: Value;
  /** Elements in a set, or the weight that they have together: one number. */
  readonly count: Value;
}

/** How moments are taken. */
export interface StatisticsOptions {
  /** One weight for each element of the first part, which is pooled. */
  readonly weights?: Value;
  /** Squares in one pass about zero, as the option of that name of group norm asks. */
  readonly meanCloseToZero?: boolean;
}

/** Plans the moments of `x`, whose parts are `parts`. */
export function statistics(
  plan: Plan,
  x: Value,
  parts: readonly Part[],
  options: StatisticsOptions = {},
): Statistics {
  const { weights, meanCloseToZero = false } = options;
  // Weighted samples stay outermost and are merged last.
  const fixed = weights === undefined ? 0 : 1;
  const first = largest(parts, (part, i) => part.pooled && i >= fixed);
  // Sets of single elements are pooled over an axis of one.
  let left = first < 0 ? parts.toSpliced(fixed, 0, { size: 1, pooled: true }) : parts;
  let moments: Moments | undefined;
  let count = 1;
  for (
    let at = first < 0 ? fixed : first;
    at >= 0;
    at = left.findLastIndex(({ pooled }) => pooled)
  ) {
    const { whole, rest } = moments === undefined
      ? inLanes(taken(left, at, fixed))
      : taken(left, at, fixed);
    const weighting = at < fixed ? weights : undefined;
    moments = moments === undefined
      ? pool(plan, x, whole)
      : merge(plan, moments, whole, count, weighting);
    if (weighting === undefined) count *= whole.size;
    left = rest;
  }
  const total = weights === undefined
    ? plan.constant(count, 1)
    : plan.launch("weightSum", "flat", { n: 1, c: 1, s: 1 }, { weights, perItem: count }, {}, {
      positions: weights.length,
      ...blocks(weights.length),
    });
  if (!meanCloseToZero) return { ...moments!, count: total };
  const squares = plan.each("uncenteredSquares", {
    squares: squaresAboutZero(plan, x, parts),
    shift: moments!.shift,
    delta: moments!.delta,
    count: total,
  });
  return { ...moments!, squares, count: total };
}

type Moments = Omit<Statistics, "count">;

/** The moments over the middle of a cut: chunk by chunk, and the chunks merged. */
function pool(plan: Plan, x: Value, whole: Cut): Moments {
  const { format, size } = viewOfCut(whole);
  const sets = { ...size, s: 1 };
  const data = field(x, size);
  const shift = plan.launch("firstElement", format, sets, { x: data });
  const chunking = chunksOf(size.s, format);
  const grid = { ...size, s: chunking.chunks };
  const args = { x: data, shift: rows(shift, size.c) };
  const mean = plan.launch("chunkMean", format, grid, args, {}, chunking);
  const squares = plan.launch(
    "chunkSquares",
    format,
    grid,
    { ...args, mean: field(mean, grid) },
    {},
    chunking,
  );
  if (chunking.chunks === 1) return { shift, delta: mean, squares };
  const merging = { ...chunking, ...blocks(chunking.chunks) };
  const means = field(mean, grid);
  const delta = plan.launch("combineMean", format, sets, { mean: means }, {}, merging);
  const combined = { squares: field(squares, grid), mean: means, delta: rows(delta, size.c) };
  return {
    shift,
    delta,
    squares: plan.launch("combineSquares", format, sets, combined, {}, merging),
  };
}

/** Merges the sets over the middle of a cut, each of `count` elements. */
function merge(plan: Plan, sets: Moments, whole: Cut, count: number, weights?: Value): Moments {
  const { format, size } = weights === undefined
    ? viewOfCut(whole)
    : { format: "channelsLast" as const, size: { n: 1, c: whole.after, s: whole.size } };
  const merged = { ...size, s: 1 };
  const holes = { WEIGHTED: weights !== undefined };
  const shift = weights === undefined
    ? plan.launch("firstElement", format, merged, { x: field(sets.shift, size) })
    : plan.launch("firstWeighted", format, merged, { x: field(sets.shift, size), weights }, {}, {
      positions: size.s,
    });
  const constants = { positions: size.s, ...blocks(size.s) };
  const args = {
    shift: field(sets.shift, size),
    delta: field(sets.delta, size),
    first: rows(shift, size.c),
    weights: weights ?? shift,
  };
  const delta = plan.launch("mergeMean", format, merged, args, holes, constants);
  const squares = plan.launch(
    "mergeSquares",
    format,
    merged,
    { ...args, squares: field(sets.squares, size), mean: rows(delta, size.c), count },
    holes,
    constants,
  );
  return { shift, delta, squares };
}

/** Sums of the squares themselves: the same kernels about a mean of zero. */
function squaresAboutZero(plan: Plan, x: Value, parts: readonly Part[]): Value {
  const squared = plan.each("multiply", { a: x, b: x });
  const { shift, delta, count } = statistics(plan, squared, parts);
  const mean = plan.each("add", { a: shift, b: delta });
  return plan.each("multiply", {
    a: mean,
    b: plan.launch("spread", "channelsFirst", { n: 1, c: 1, s: mean.length }, {
      a: rows(count, 1),
    }),
  });
}
