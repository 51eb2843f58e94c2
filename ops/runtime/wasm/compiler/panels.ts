/**
 * Panels: what a contraction reads per lane, copied side by side before the rows are gone through. A
 * tile of lanes meets the same numbers for every row of a block; where they lie apart in memory, they
 * would each time be fetched from as many cache lines.
 *
 * @module
 */
import { plus, symbol } from "../../lowering/affine.ts";
import type { Step, Trees } from "../../lowering/tree.ts";
import { heightOf, type Region } from "./nest.ts";
import { ownLoops, replaceReads, turnIndex, turnsOf, within } from "./reads.ts";
import { MOST_KEPT, MOST_PER_TILE } from "./sizes.ts";
import { lanesOf, type Tile } from "./tiles.ts";

/** A panel: a value of the body, in memory that the run lends. */
export interface Panel {
  /** The number under which the body reads it. */
  readonly value: number;
  /** Numbers in it, for one tile of lanes. */
  readonly length: number;
  /** How many there are, one after the other: every tile of lanes has its own, or all share one. */
  readonly count: number;
}

/** A body with panels. */
export interface Paneled {
  /** What fills panels for each tile of lanes and block of rows. */
  readonly before: readonly Step[];
  /** What fills panels that are kept, once for each tile of lanes. */
  readonly once: readonly Step[];
  readonly steps: readonly Step[];
  readonly panels: readonly Panel[];
}

/** Tiles of rows that read a panel, at the least, for its filling not to count. */
export const WORTHWHILE_ROWS = 8;

/**
 * Moves what nests of loops read per lane into panels. Those that are the same for all blocks of rows are
 * kept, if there is room.
 *
 * @param firstValue The number of the first panel.
 */
export function panelsOf(
  steps: readonly Step[],
  tile: Tile,
  region: Region,
  trees: Trees,
  firstValue: number,
): Paneled {
  const { width, depth } = region;
  const height = heightOf(region);
  const rows = Math.min(tile.block.row, height);
  const none = { before: [], once: [], steps, panels: [] };
  if (tile.inner !== "row" || rows / tile.rows < WORTHWHILE_ROWS) return none;
  const before: Step[] = [];
  const once: Step[] = [];
  const panels: Panel[] = [];
  const stride = lanesOf(tile);
  const tiles = Math.ceil(width / stride);
  const isRevisited = tile.block.lane === stride && (rows < height || depth > 1);
  let left = MOST_KEPT;

  const paneled = replaceReads(steps, trees, (expression, loops) => {
    const own = ownLoops(expression, loops, ["lane", "plane"]);
    if (own === undefined) return undefined;
    const length = stride * turnsOf(own);
    if (length > MOST_PER_TILE) return undefined;
    const value = firstValue + panels.length;
    // The innermost loop runs along the panel.
    const at = plus(symbol("lane"), turnIndex(own, stride));
    const kept = isRevisited && !expression.symbols.has("plane") && tiles * length <= left;
    if (kept) left -= tiles * length;
    panels.push({ value, length, count: kept ? tiles : 1 });
    (kept ? once : before).push(within(own, { do: "store", value, at, from: expression }));
    return trees.make({ op: "load", value, at });
  }, { branches: true });
  return { before, once, steps: paneled, panels };
}
