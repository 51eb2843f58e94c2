/**
 * How many cells are computed at a time, and in what order the tiles are gone through.
 *
 * @module
 */
import { forEachExpression, type Step } from "../../lowering/tree.ts";
import { BYTES, LINE, MOST_KEPT, MOST_PER_ROWS, rowStride, VECTOR } from "./sizes.ts";

/** A tile and the walk over all of them. */
export interface Tile {
  /** Vectors of four cells side by side. */
  readonly quads: number;
  /** Rows of them. */
  readonly rows: number;
  /** Turns of an innermost loop that are written out one after the other. */
  readonly unroll: number;
  /** Along which axis the inner of the two loops over tiles runs. */
  readonly inner: "lane" | "row";
  /** Cells of a block along each axis; blocks are what threads share out. */
  readonly block: { readonly lane: number; readonly row: number };
  /** Whether what a contraction reads per row is laid out for a block of rows, too. */
  readonly rowPanels?: boolean;
}

/** What a body does that decides its tile. */
interface Demand {
  readonly loops: boolean;
  /** In loops: something is read per lane and something per row, so a tile reads less than its cells. */
  readonly contracts: boolean;
  /** Something is read per lane that all rows share. */
  readonly sharesRows: boolean;
  /** Numbers that a row reads in loops. */
  readonly perRow: number;
  /** Numbers that a lane reads in loops. */
  readonly perLane: number;
  /** Turns of the longest loop. */
  readonly longest: number;
}

/** Bytes of a block of rows that are gone through again for every tile of lanes: they stay in a cache. */
const REUSED = 256 * 1024;
/** Rows of a block at the least, so that what is laid out for a tile of lanes is used often. */
const LEAST_ROWS = 64;
/** Rows of a block, next to which filling a tile's panels once more takes little. */
const ENOUGH_ROWS = 256;

/** The tile for a body over `width` cells and `height` rows. */
export function chooseTile(steps: readonly Step[], width: number, height: number): Tile {
  const vectors = Math.max(1, Math.floor(width / VECTOR));
  const demand = demandOf(steps);
  const tile = (quads: number, rows: number) => ({
    quads: balanced(vectors, quads),
    rows: balanced(height, rows),
  });
  if (demand.contracts) {
    const { quads, rows } = tile(4, 2);
    const row = Math.max(rows, balanced(height, blockRows(demand, width, height)));
    return {
      quads,
      rows,
      unroll: demand.longest >= 8 * VECTOR ? 2 * VECTOR : VECTOR,
      inner: "row",
      block: { lane: lanesOf({ quads }), row },
      rowPanels: true,
    };
  }
  if (demand.loops) {
    // Sums depend on themselves: several at a time hide how long an addition takes.
    const { quads, rows } = tile(4, vectors < 4 ? Math.ceil(4 / vectors) : 1);
    return { quads, rows, unroll: 4, inner: "lane", block: { lane: 4096, row: rows } };
  }
  // Rows that lie far apart are in each other's way in the caches.
  const { quads, rows } = tile(8, demand.sharesRows && width < 128 ? 2 : 1);
  return { quads, rows, unroll: 1, inner: "lane", block: { lane: 8192, row: 16 } };
}

/**
 * Rows of a contraction's block. What is laid out per row serves all tiles of lanes, and what is laid out
 * per lane all blocks: so all rows are one block if their panel is not too large, or all lanes have panels
 * that are kept and the rows are as many as stay in a cache, or the block is as large as it can be.
 */
function blockRows({ perRow, perLane }: Demand, width: number, height: number): number {
  const fitting = Math.floor(MOST_PER_ROWS / rowStride(perRow) / LINE) * LINE;
  if (height <= fitting) return height;
  const reused = Math.max(Math.floor(REUSED / BYTES / perRow), ENOUGH_ROWS);
  return Math.max(LEAST_ROWS, width * perLane <= MOST_KEPT ? Math.min(reused, fitting) : fitting);
}

/** Cells of a tile side by side. */
export function lanesOf({ quads }: Pick<Tile, "quads">): number {
  return VECTOR * quads;
}

/** Whether steps have a contraction: arithmetic is then what limits them, and not memory. */
export function contracts(steps: readonly Step[]): boolean {
  return demandOf(steps).contracts;
}

/** Whether branches are taken row by row, so that a tile cannot have several. */
export function branchesOnRows(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.do === "loop") return branchesOnRows(step.body);
    return step.do === "if" && (step.test.symbols.has("row") || branchesOnRows(step.then));
  });
}

/** At most `most`, so that `count` is cut into parts that are about equally large. */
function balanced(count: number, most: number): number {
  return Math.ceil(count / Math.ceil(count / most));
}

function demandOf(steps: readonly Step[]): Demand {
  const trips = new Map<string, number>();
  const visitSteps = (steps: readonly Step[]) => {
    for (const step of steps) {
      if (step.do === "loop") {
        trips.set(step.symbol, step.last - step.first + 1);
        visitSteps(step.body);
      } else if (step.do === "if") visitSteps(step.then);
    }
  };
  visitSteps(steps);
  const looped = { lane: false, row: false };
  let sharesRows = false;
  let perRow = 0;
  let perLane = 0;
  forEachExpression(steps, (expression, loops) => {
    if (expression.op !== "load") return;
    const { symbols } = expression;
    const own = loops.filter((loop) => symbols.has(loop));
    sharesRows ||= symbols.has("lane") && !symbols.has("row");
    if (own.length === 0 || symbols.has("lane") === symbols.has("row")) return;
    looped[symbols.has("lane") ? "lane" : "row"] = true;
    const turns = own.reduce((product, loop) => product * trips.get(loop)!, 1);
    if (symbols.has("row")) perRow += turns;
    else perLane += turns;
  });
  return {
    loops: trips.size > 0,
    contracts: looped.lane && looped.row,
    sharesRows,
    perRow,
    perLane,
    longest: Math.max(0, ...trips.values()),
  };
}
