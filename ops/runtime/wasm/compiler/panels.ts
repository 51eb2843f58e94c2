/**
 * Panels: what a contraction reads per lane, copied side by side before the rows are gone through. A
 * tile of lanes meets the same numbers for every row of a block; where they lie apart in memory, they
 * would each time be fetched from as many cache lines.
 *
 * @module
 */
import { type Affine, constant, plus, symbol } from "../../lowering/affine.ts";
import { type Loop, ownLoops, replaceReads, turnsOf } from "./reads.ts";
import type { Region } from "./nest.ts";
import { MOST_KEPT, MOST_PER_TILE } from "./sizes.ts";
import type { Tile } from "./tiles.ts";
import type { Expression, Step, Trees } from "../../lowering/tree.ts";

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
export const WORTHWHILE = 8;
const VECTOR = 4;

/**
 * Moves what nests of loops read per lane into panels. Those that are the same for all blocks of rows are
 * kept, if there is room.
 *
 * @param firstValue The number of the first panel.
 */
export function panelsOf(
  steps: readonly Step[],
  tile: Tile,
  { width, firstRow, lastRow, depth }: Region,
  trees: Trees,
  firstValue: number,
): Paneled {
  const height = lastRow - firstRow + 1;
  const rows = Math.min(tile.block.row, height);
  const none = { before: [], once: [], steps, panels: [] };
  if (tile.inner !== "row" || rows / tile.rows < WORTHWHILE) return none;
  const before: Step[] = [];
  const once: Step[] = [];
  const panels: Panel[] = [];
  const stride = VECTOR * tile.quads;
  const tiles = Math.ceil(width / stride);
  const isRevisited = tile.block.lane === stride && (rows < height || depth > 1);
  let left = MOST_KEPT;

  const panelFor = (expression: Expression, loops: readonly Loop[]): Expression => {
    const value = firstValue + panels.length;
    // The innermost loop runs along the panel.
    let length = stride;
    let at: Affine = symbol("lane");
    for (const { symbol: counter, first, last } of loops.toReversed()) {
      at = plus(at, plus(symbol(counter), constant(-first)), length);
      length *= last - first + 1;
    }
    const kept = isRevisited && !expression.symbols.has("plane") && tiles * length <= left;
    if (kept) left -= tiles * length;
    panels.push({ value, length, count: kept ? tiles : 1 });
    const fill: Step = { do: "store", value, at, from: expression };
    (kept ? once : before).push(
      loops.reduceRight<Step>((body, loop) => ({ ...loop, body: [body] }), fill),
    );
    return trees.make({ op: "load", value, at });
  };

  const paneled = replaceReads(steps, trees, (expression, loops) => {
    const own = ownLoops(expression, loops, ["lane", "plane"]);
    return own !== undefined && turnsOf(own) * stride <= MOST_PER_TILE
      ? panelFor(expression, own)
      : undefined;
  }, { branches: true });
  return { before, once, steps: paneled, panels };
}
