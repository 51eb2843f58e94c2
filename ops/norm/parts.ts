/**
 * Parts: the axes of a tensor as runs that are pooled or kept, the order in which they are reduced,
 * and how what lies over some of them spreads over the others.
 *
 * @module
 */
import { type Plan, rows, type Size, type Value } from "../plan/plan.ts";

/** A run of axes of a row-major tensor, pooled or kept. Adjacent alike ones may be one part. */
export interface Part {
  readonly size: number;
  readonly pooled: boolean;
  /** The channel axis, split into its groups and the channels of one group. */
  readonly channel?: "group" | "member";
}

/** Cells that sum one chunk each; a chunk is summed in blocks. */
const CHUNK = 256;
const MAX_CHUNKS = 16384;
/** Chunks side by side: four vectors of four. */
export const LANES = 16;

/** A part's neighbours multiplied up: `before` x `size` x `after` elements. */
export interface Cut {
  readonly before: number;
  readonly size: number;
  readonly after: number;
}

/** A part that is pooled next, and the parts that are left then. */
export interface Taken {
  readonly whole: Cut;
  readonly rest: readonly Part[];
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

/**
 * Positions side by side, taken as rows of which each place is pooled by itself: vectors are then
 * filled whatever the number of sets, and a chunk of rows is read in the order of memory.
 */
export function inLanes({ whole, rest }: Taken): Taken {
  const { before, size, after } = whole;
  if (after > 1 || size % LANES !== 0 || size === LANES) return { whole, rest };
  return {
    whole: { before, size: size / LANES, after: LANES },
    rest: [...rest, { size: LANES, pooled: true }],
  };
}

/** Takes out a pooled part, joined with the pooled neighbours that can be reduced with it. */
export function taken(parts: readonly Part[], at: number, fixed: number): Taken {
  const joins = (i: number) => at >= fixed && i >= fixed && parts[i]?.pooled;
  let [from, to] = [at, at + 1];
  while (joins(from - 1)) from--;
  while (joins(to)) to++;
  const size = parts.slice(from, to).reduce((product, part) => product * part.size, 1);
  const joined = parts.toSpliced(from, to - from, { size, pooled: true });
  return { whole: cut(joined, from), rest: joined.toSpliced(from, 1) };
}

/** How many chunks positions are summed in, how long one is, and the blocks that it is summed in. */
export function chunksOf(
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

function spread(plan: Plan, value: Value, whole: Cut): Value {
  const { format, size } = viewOfCut(whole);
  return plan.launch("spread", format, size, { a: rows(value, size.c) });
}
