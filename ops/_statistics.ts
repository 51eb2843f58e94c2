/**
 * Plans the moments of any statistics sets: which axes are pooled, in what order they are reduced, and
 * how the results spread over the tensor again.
 *
 * @module
 */
import { field, type Plan, rows, type Size, type Value } from "./_plan.ts";

/** A run of axes of a row-major tensor, pooled or kept. Adjacent alike ones may be one part. */
export interface Part {
  readonly size: number;
  readonly pooled: boolean;
  /** The channel axis, split into its groups and the channels of one group. */
  readonly channel?: "group" | "member";
}

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

/** Cells that sum one chunk each; a chunk is summed in blocks. */
const CHUNK = 256;
const MAX_CHUNKS = 16384;
/** Chunks side by side: four vectors of four. */
const LANES = 16;

/** A part's neighbours multiplied up: `before` x `size` x `after` elements. */
interface Cut {
  readonly before: number;
  readonly size: number;
  readonly after: number;
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

/** Plans the sums of `x` over its pooled parts, as accurate as its means. */
export function sums(plan: Plan, x: Value, parts: readonly Part[]): Value {
  const { shift, delta } = statistics(plan, x, parts);
  const count = parts.reduce((product, { size, pooled }) => pooled ? product * size : product, 1);
  const mean = plan.each("add", { a: shift, b: delta });
  return plan.each("affine", { a: mean, factor: count, term: 0 });
}

/**
 * Spreads a value over parts that it lacks: `has` tells which parts it lies over, and the result lies
 * over those and all other parts but `except`.
 */
export function spreadOver(
  plan: Plan,
  value: Value,
  parts: readonly Part[],
  has: (part: Part) => boolean,
  except: number,
): Value {
  const present = parts.map((part, i) => i !== except && has(part));
  const product = (from: number, to: number) =>
    parts.slice(from, to).reduce((n, { size }, i) => present[from + i] ? n * size : n, 1);
  for (const [i, part] of parts.entries()) {
    if (i === except || present[i]) continue;
    const [before, after] = [product(0, i), product(i + 1, parts.length)];
    if (part.size > 1) value = spread(plan, value, { before, size: part.size, after });
    present[i] = true;
  }
  return value;
}

/** The part with the most elements among those that qualify, or -1. */
export function largest(
  parts: readonly Part[],
  qualifies: (part: Part, index: number) => boolean,
): number {
  return parts.reduce(
    (best, part, i) => qualifies(part, i) && (best < 0 || part.size > parts[best].size) ? i : best,
    -1,
  );
}

/** The elements before, in and after a part. */
export function cut(parts: readonly Part[], at: number): Cut {
  const product = (list: readonly Part[]) => list.reduce((n, { size }) => n * size, 1);
  return {
    before: product(parts.slice(0, at)),
    size: parts[at].size,
    after: product(parts.slice(at + 1)),
  };
}

/** The view of a cut: positions innermost where nothing comes after them. */
export function viewOfCut({ before, size, after }: Cut): {
  format: "channelsLast" | "channelsFirst";
  size: Size;
} {
  return after === 1
    ? { format: "channelsFirst", size: { n: 1, c: before, s: size } }
    : { format: "channelsLast", size: { n: before, c: after, s: size } };
}

/** A part that is pooled next, and the parts that are left then. */
interface Taken {
  readonly whole: Cut;
  readonly rest: readonly Part[];
}

/**
 * Positions side by side, taken as rows of which each place is pooled by itself: vectors are then
 * filled whatever the number of sets, and a chunk of rows is read in the order of memory.
 */
function inLanes({ whole, rest }: Taken): Taken {
  const { before, size, after } = whole;
  if (after > 1 || size % LANES !== 0 || size === LANES) return { whole, rest };
  return {
    whole: { before, size: size / LANES, after: LANES },
    rest: [...rest, { size: LANES, pooled: true }],
  };
}

/** Takes out a pooled part, joined with the pooled neighbours that can be reduced with it. */
function taken(parts: readonly Part[], at: number, fixed: number): Taken {
  const joins = (i: number) => at >= fixed && i >= fixed && parts[i]?.pooled;
  let [from, to] = [at, at + 1];
  while (joins(from - 1)) from--;
  while (joins(to)) to++;
  const size = parts.slice(from, to).reduce((product, part) => product * part.size, 1);
  const joined = parts.toSpliced(from, to - from, { size, pooled: true });
  return { whole: cut(joined, from), rest: joined.toSpliced(from, 1) };
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

function spread(plan: Plan, value: Value, whole: Cut): Value {
  const { format, size } = viewOfCut(whole);
  return plan.launch("spread", format, size, { a: rows(value, size.c) });
}

/** How many chunks positions are summed in, how long one is, and the blocks that it is summed in. */
function chunksOf(
  positions: number,
  format: "channelsLast" | "channelsFirst",
): Record<string, number> {
  const wanted = Math.min(Math.ceil(positions / CHUNK), MAX_CHUNKS);
  if (format === "channelsFirst" && positions >= 4 * LANES) {
    // Chunks lie side by side here, and whole vectors of them are summed at a time.
    const chunks = Math.ceil(wanted / LANES) * LANES;
    const length = Math.ceil(positions / chunks);
    return { positions, chunks, length, ...blocks(length) };
  }
  const length = Math.ceil(positions / wanted);
  return { positions, chunks: Math.ceil(positions / length), length, ...blocks(length) };
}

/** Two nested loops over at least `terms` terms, about equally long. */
export function blocks(terms: number): { block: number; blocks: number } {
  const block = Math.ceil(Math.sqrt(terms));
  return { block, blocks: Math.ceil(terms / block) };
}
