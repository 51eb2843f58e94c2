/**
 * Plans the moments of any statistics sets.
 *
 * @module
 */
import { field, type Plan, rows, type Size, type Value } from "../plan/plan.ts";
import { type Cut, type Part, viewOfCut } from "./parts.ts";
import { blocksOf, chunksOf, inLanes, type Reduction, reductionsOf } from "./reductions.ts";

/**
 * Elements that the shift of a set is chosen from. In a smaller set it may be any of them: were it one
 * that lies far out, that would not be far in terms of the deviation.
 */
const SAMPLES = 9;
/** Squares of a chunk that are summed before what rounding takes away is looked at. */
const BLOCK = 8;

/** The moments of every set, flat over the kept parts in their order. */
export interface Statistics {
  /** The mean, rounded to float32. */
  readonly shift: Value;
  /** What the mean lies above that. */
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
  const { first, others } = reductionsOf(parts, weights === undefined ? 0 : 1);
  const unweighted = weights === undefined ? others : others.slice(0, -1);
  let moments = pool(plan, x, first);
  let count = first.whole.size;
  for (const { whole } of unweighted) {
    moments = merge(plan, moments, whole, count);
    count *= whole.size;
  }
  let total = plan.constant(count, 1);
  if (weights !== undefined) {
    moments = merge(plan, moments, others.at(-1)!.whole, count, weights);
    total = plan.launch(
      "weightSum",
      "flat",
      { n: 1, c: 1, s: 1 },
      { weights, perItem: count },
      {},
      {
        positions: weights.length,
        ...blocksOf(weights.length),
      },
    );
  }
  const { shift, delta } = moments;
  const mean = plan.each("add", { a: shift, b: delta });
  const low = plan.each("lowOfMean", { shift, delta, mean });
  const pair = { shift: mean, delta: low, count: total };
  if (!meanCloseToZero) return { ...pair, squares: moments.squares };
  const squares = plan.each("uncenteredSquares", {
    squares: squaresAboutZero(plan, x, parts),
    shift: mean,
    delta: low,
    count: total,
  });
  return { ...pair, squares };
}

/** Moments whose shift is an element of each set. */
type Moments = Omit<Statistics, "count">;

/** A number near the elements of every set, of `elements` each at `size.s` positions. */
function shiftOf(
  plan: Plan,
  x: Value,
  format: "channelsLast" | "channelsFirst",
  size: Size,
  elements: number,
): Value {
  const sets = { ...size, s: 1 };
  if (elements < SAMPLES) return plan.launch("firstElement", format, sets, { x: field(x, size) });
  // A three from the middle of each third.
  const apart = Math.max(3, Math.floor(size.s / 3));
  const constants = { positions: size.s, start: Math.floor((apart - 3) / 2), apart };
  return plan.launch("middleElement", format, sets, { x: field(x, size) }, {}, constants);
}

/**
 * The moments over the middle of a cut: sums about the shift over chunks, the sums of those, and in the
 * end the squares moved to the mean, which the shift is near to.
 */
function pool(plan: Plan, x: Value, cutting: Reduction): Moments {
  const { format: whole, size: all } = viewOfCut(cutting.whole);
  const shift = shiftOf(plan, x, whole, all, all.s);
  const laned = inLanes(cutting).whole;
  const { format, size } = viewOfCut(laned);
  const lanes = laned.after / cutting.whole.after;
  const across = { n: 1, c: shift.length, s: lanes };
  const shifts = lanes === 1
    ? shift
    : plan.launch("spread", "channelsFirst", across, { a: rows(shift, shift.length) });
  const chunking = chunksOf(size.s, format);
  const grid = { ...size, s: chunking.chunks };
  const args = { x: field(x, size), shift: rows(shifts, size.c) };
  const total = (kernel: string, block: Record<string, number> = {}) => {
    let sums = plan.launch(kernel, format, grid, args, {}, { ...chunking, ...block });
    if (chunking.chunks > 1) sums = sumOf(plan, sums, format, grid);
    return lanes === 1 ? sums : sumOf(plan, sums, "channelsFirst", across);
  };
  const sum = total("chunkDeviations");
  const about = total("chunkSquares", {
    block: BLOCK,
    blocks: Math.ceil(chunking.length / BLOCK),
  });
  const count = all.s;
  const delta = plan.each("deltaOf", { sum, count });
  return { shift, delta, squares: plan.each("centeredSquares", { squares: about, delta, count }) };
}

/** The sums over all positions. */
function sumOf(
  plan: Plan,
  terms: Value,
  format: "channelsLast" | "channelsFirst",
  size: Size,
): Value {
  const constants = { positions: size.s, ...blocksOf(size.s) };
  const sets = { ...size, s: 1 };
  return plan.launch("compensatedSum", format, sets, { terms: field(terms, size) }, {}, constants);
}

/** Merges the sets over the middle of a cut, each of `count` elements. */
function merge(plan: Plan, sets: Moments, whole: Cut, count: number, weights?: Value): Moments {
  const { format, size } = weights === undefined
    ? viewOfCut(whole)
    : { format: "channelsLast" as const, size: { n: 1, c: whole.after, s: whole.size } };
  const merged = { ...size, s: 1 };
  const elements = count * size.s;
  const holes = { WEIGHTED: weights !== undefined };
  const shift = weights === undefined
    ? shiftOf(plan, sets.shift, format, size, elements)
    : plan.launch("middleWeighted", format, merged, { x: field(sets.shift, size), weights }, {}, {
      positions: size.s,
    });
  const constants = { positions: size.s, ...blocksOf(size.s) };
  const args = {
    shift: field(sets.shift, size),
    delta: field(sets.delta, size),
    first: rows(shift, size.c),
    weights,
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
