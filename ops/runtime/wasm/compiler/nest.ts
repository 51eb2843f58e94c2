/**
 * The loops over tiles: blocks, which can be shared out among threads, and the tiles of a block. The
 * last tile along an axis is moved back to end where the data end, so that some cells are computed
 * twice, to the same bits, and no tile is ever cut.
 *
 * @module
 */
import type { Code } from "./code.ts";
import type { Tile } from "./tiles.ts";

/** The cells that a nest goes over: all lanes and planes, and some of the rows. */
export interface Region {
  readonly width: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly depth: number;
}

/** What a function is given besides the base: the first of its tasks, and the one after the last. */
export interface TaskRange {
  readonly start: number;
  readonly end: number;
}

/** Code inside of the nest. */
export interface Inside {
  /** In the outer of the loops over tiles, its symbol being set. */
  readonly outer: () => void;
  /** For a tile, all symbols being set. */
  readonly tile: () => void;
}

/** How many blocks a region is cut into; each is a task. */
export function tasksOf({ width, firstRow, lastRow, depth }: Region, tile: Tile): number {
  const { lane, row } = blocksOf(tile);
  return Math.ceil(width / lane) * Math.ceil((lastRow - firstRow + 1) / row) * depth;
}

/** Emits the loops over the tasks of a region, the first of which has the number `offset`. */
export function emitNest(
  code: Code,
  range: TaskRange,
  offset: number,
  region: Region,
  tile: Tile,
  symbols: ReadonlyMap<string, number>,
  inside: Inside,
): void {
  const block = blocksOf(tile);
  const height = region.lastRow - region.firstRow + 1;
  const across = Math.ceil(region.width / block.lane);
  const down = Math.ceil(height / block.row);
  const local = () => code.local("i32");
  const task = local();
  const stop = local();
  const rest = local();
  const lanes = { from: local(), to: local(), cursor: local() };
  const rows = { from: local(), to: local(), cursor: local() };

  code.get(range.start).integer(offset).do("i32.sub").integer(0);
  larger(code, task, rest);
  code.get(range.end).integer(offset).do("i32.sub").integer(tasksOf(region, tile));
  smaller(code, stop, rest);
  code.block().loop().get(task).get(stop).do("i32.ge_s").branchIf(1);
  // task = (plane * down + row block) * across + lane block
  code.get(task).integer(across).do("i32.rem_u").integer(block.lane).do("i32.mul").set(lanes.from);
  code.get(task).integer(across).do("i32.div_u").set(rest);
  code.get(rest).integer(down).do("i32.rem_u").integer(block.row).do("i32.mul");
  code.integer(region.firstRow).do("i32.add").set(rows.from);
  code.get(rest).integer(down).do("i32.div_u").set(symbols.get("plane")!);
  code.get(lanes.from).integer(block.lane).do("i32.add").integer(region.width);
  smaller(code, lanes.to, rest);
  code.get(rows.from).integer(block.row).do("i32.add").integer(region.lastRow + 1);
  smaller(code, rows.to, rest);

  const overLanes = (body: () => void) => {
    const step = 4 * tile.quads;
    const last = Math.max(0, region.width - step);
    walk(code, lanes, step, last, block.lane > step, symbols.get("lane")!, rest, body);
  };
  const overRows = (body: () => void) => {
    const last = region.lastRow + 1 - tile.rows;
    const several = block.row > tile.rows;
    walk(code, rows, tile.rows, last, several, symbols.get("row")!, rest, body);
  };
  const [outer, inner] = tile.inner === "lane" ? [overRows, overLanes] : [overLanes, overRows];
  outer(() => {
    inside.outer();
    inner(inside.tile);
  });
  code.get(task).integer(1).do("i32.add").set(task).branch(0).do("end", "end");
}

/** Blocks of whole tiles. */
function blocksOf({ quads, rows, block }: Tile): { lane: number; row: number } {
  const whole = (size: number, step: number) => Math.ceil(size / step) * step;
  return { lane: whole(block.lane, 4 * quads), row: whole(block.row, rows) };
}

/** A loop from `from` to `to`, whose last turn starts at `last` at the latest. */
function walk(
  code: Code,
  { from, to, cursor }: { from: number; to: number; cursor: number },
  step: number,
  last: number,
  several: boolean,
  symbol: number,
  scratch: number,
  body: () => void,
): void {
  code.get(from).set(cursor);
  if (several) code.loop();
  code.get(cursor).integer(last);
  smaller(code, symbol, scratch);
  body();
  if (!several) return;
  code.get(cursor).integer(step).do("i32.add").tee(cursor);
  code.get(to).do("i32.lt_s").branchIf(0).do("end");
}

/** Sets a variable to the smaller of the two numbers on the stack. */
function smaller(code: Code, target: number, scratch: number): void {
  code.set(scratch).set(target).get(target).get(scratch);
  code.get(target).get(scratch).do("i32.lt_s", "select").set(target);
}

/** Sets a variable to the larger of the two numbers on the stack. */
function larger(code: Code, target: number, scratch: number): void {
  code.set(scratch).set(target).get(target).get(scratch);
  code.get(target).get(scratch).do("i32.gt_s", "select").set(target);
}
