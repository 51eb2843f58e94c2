/**
 * How many cells a workgroup computes, and how many each of its threads.
 *
 * @module
 */
import type { Extents } from "../../../plan/program.ts";

/** A tile: threads side by side, each with vectors of four cells in some rows. */
export interface Tile {
  /** Threads side by side: as many vectors. */
  readonly across: number;
  /** Threads below each other. */
  readonly down: number;
  /** Rows of a thread. */
  readonly rows: 1 | 2 | 4;
  /** Terms that are staged at a time, at most. */
  readonly terms: number;
}

/** Cells in a vector. */
export const VECTOR = 4;

/** Threads of a workgroup: the most that WebGPU promises. */
const MOST_THREADS = 256;
/** Threads along either side, so that a number that is staged is used as often across as down. */
const SIDE = 16;
/** Threads that a narrow tile should have nevertheless: one or two subgroups on any hardware. */
const LEAST_THREADS = 64;
/** Extents and terms below which too little of what is staged would be used again. */
const LEAST = 8;
/** Workgroups below which threads had better compute fewer cells each: a large device would idle. */
const ENOUGH_GROUPS = 64;
/** Terms that are staged at a time: enough to make the barriers rare, in half of the memory. */
const TERMS = 16;

/** The tile of a contraction with so many terms, or `undefined` where tiles do not pay. */
export function chooseTile([width, height, depth]: Extents, terms: number): Tile | undefined {
  if (width < LEAST || height < LEAST || terms < LEAST) return undefined;
  for (const rows of [4, 2, 1] as const) {
    const wide = Math.ceil(width / VECTOR);
    const high = Math.ceil(height / rows);
    const across = balanced(wide, most(high));
    const down = balanced(high, Math.min(most(across), Math.floor(MOST_THREADS / across)));
    const groups = Math.ceil(wide / across) * Math.ceil(high / down) * depth;
    if (groups >= ENOUGH_GROUPS || rows === 1) return { across, down, rows, terms: TERMS };
  }
}

/** Threads along one side at most, given those that there can be along the other. */
function most(other: number): number {
  return Math.max(SIDE, Math.floor(LEAST_THREADS / other));
}

/** At most `most`, so that `count` is cut into parts that are about equally large. */
function balanced(count: number, most: number): number {
  return Math.ceil(count / Math.ceil(count / most));
}
