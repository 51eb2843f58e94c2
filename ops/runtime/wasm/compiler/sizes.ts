/**
 * Sizes: of what the compiler counts in, and of panels. Panels are the memory that a contraction takes
 * beyond its arguments and results: for each thread, one set for the largest of a plan's contractions.
 *
 * @module
 */

/** Cells of a vector. */
export const VECTOR = 4;

/** Bytes of a float32 number. */
export const BYTES = 4;

/** Numbers that are laid out for a block of rows: 1.06 MiB, enough for a matrix of 512 by 512. */
export const MOST_PER_ROWS = 278528;

/** Numbers that are laid out for all tiles of lanes and kept, so that all blocks of rows read them: 1 MiB. */
export const MOST_KEPT = 262144;

/** Numbers that are laid out for one tile of lanes at a time: they stay in a second-level cache. */
export const MOST_PER_TILE = 65536;

/** Numbers of a cache line, which are filled at a time. */
export const LINE = 16;

/** Numbers from one row to the next: whole cache lines, and no power of two, which would meet in few places. */
export function rowStride(turns: number): number {
  return Math.ceil(turns / LINE) * LINE + LINE;
}
