/**
 * In which order the pooled parts of a tensor are reduced, and in which chunks each of them.
 *
 * @module
 */
import { type Cut, cut, largest, type Part } from "./parts.ts";

/** Cells that sum one chunk each; a chunk is summed in blocks. */
const CHUNK = 256;
const MAX_CHUNKS = 16384;
/** Chunks side by side: four vectors of four. */
export const LANES = 16;

/** One step: a run of pooled parts between the parts that are left afterwards. */
export interface Reduction {
  readonly whole: Cut;
  readonly rest: readonly Part[];
}

/** How a set is reduced. */
export interface Reductions {
  /** Over the elements themselves. */
  readonly first: Reduction;
  /** Over what the steps before have left, in this order. */
  readonly others: readonly Reduction[];
}

/**
 * The largest pooled part first, joined with the pooled neighbours that are reduced with it; then the
 * others from the innermost out. Sets of single elements are reduced over an axis of one.
 *
 * @param outermost How many parts at the front are reduced by themselves, after all others.
 */
export function reductionsOf(parts: readonly Part[], outermost = 0): Reductions {
  const at = largest(parts, ({ pooled }, i) => pooled && i >= outermost);
  if (at === undefined) {
    const single = parts.toSpliced(outermost, 0, { size: 1, pooled: true });
    return reductionsOf(single, outermost);
  }
  const first = taken(parts, at, outermost);
  return { first, others: reductionsAfter(first, outermost) };
}

/** The steps that follow on one. */
export function reductionsAfter({ rest }: Reduction, outermost = 0): Reduction[] {
  const at = rest.findLastIndex(({ pooled }) => pooled);
  if (at < 0) return [];
  const next = taken(rest, at, outermost);
  return [next, ...reductionsAfter(next, outermost)];
}

/** Takes out a pooled part, joined with its pooled neighbours on the same side of `outermost`. */
function taken(parts: readonly Part[], at: number, outermost: number): Reduction {
  const joins = (i: number) => at >= outermost && i >= outermost && parts[i]?.pooled;
  let from = at;
  let to = at + 1;
  while (joins(from - 1)) from--;
  while (joins(to)) to++;
  const size = parts.slice(from, to).reduce((product, part) => product * part.size, 1);
  const joined = parts.toSpliced(from, to - from, { size, pooled: true });
  return { whole: cut(joined, from), rest: joined.toSpliced(from, 1) };
}

/**
 * Positions side by side, taken as rows of which each place is pooled by itself: vectors are then
 * filled whatever the number of sets, and a chunk of rows is read in the order of memory.
 */
export function inLanes({ whole, rest }: Reduction): Reduction {
  const { before, size, after } = whole;
  if (after > 1 || size % LANES !== 0 || size === LANES) return { whole, rest };
  return {
    whole: { before, size: size / LANES, after: LANES },
    rest: [...rest, { size: LANES, pooled: true }],
  };
}

/** Two nested loops over a number of terms, as a kernel's constants. */
export interface Blocks {
  readonly block: number;
  readonly blocks: number;
}

/** How positions are summed, as a kernel's constants. */
export interface Chunking extends Blocks {
  readonly positions: number;
  readonly chunks: number;
  /** Positions of a chunk, which is summed in blocks. */
  readonly length: number;
}

/** How many chunks positions are summed in, how long one is, and the blocks that it is summed in. */
export function chunksOf(
  positions: number,
  format: "channelsLast" | "channelsFirst",
): Chunking {
  const wanted = Math.min(Math.ceil(positions / CHUNK), MAX_CHUNKS);
  if (format === "channelsFirst" && positions >= 4 * LANES) {
    // Chunks lie side by side here, and whole vectors of them are summed at a time.
    const chunks = Math.ceil(wanted / LANES) * LANES;
    const length = Math.ceil(positions / chunks);
    return { positions, chunks, length, ...blocksOf(length) };
  }
  const length = Math.ceil(positions / wanted);
  return { positions, chunks: Math.ceil(positions / length), length, ...blocksOf(length) };
}

/** Two nested loops over at least `terms` terms, about equally long. */
export function blocksOf(terms: number): Blocks {
  const block = Math.ceil(Math.sqrt(terms));
  return { block, blocks: Math.ceil(terms / block) };
}
