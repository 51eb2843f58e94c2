/**
 * The loops over tiles: blocks, which can be shared out among threads, and the tiles of a block. The
 * last tile along an axis is moved back to end where the data end, so that some cells are computed
 * twice, to the same bits, and no tile is ever cut.
 *
 * @module
 */
import type { Ranges } from "../../lowering/affine.ts";
import type { Code } from "./code.ts";
import { lanesOf, type Tile } from "./tiles.ts";

/** The cells that a nest goes over: all lanes and planes, and some of the rows. */
export interface Region {
  readonly width: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly depth: number;
}

/** Rows of a region. */
export function heightOf({ firstRow, lastRow }: Region): number {
  return lastRow - firstRow + 1;
}

/** What the coordinates of a region's cells can be. */
export function rangesOf({ width, firstRow, lastRow, depth }: Region): Ranges {
  return new Map([
    ["lane", { first: 0, last: width - 1 }],
    ["row", { first: firstRow, last: lastRow }],
    ["plane", { first: 0, last: depth - 1 }],
  ]);
}

/** What a function is given besides the base: the first of its tasks, and the one after the last. */
export interface TaskRange {
  readonly start: number;
  readonly end: number;
}

/** Where a walk begins, and the one after its last cell; `cursor` is its own. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly cursor: number;
}

/** Code inside of the nest. */
export interface Inside {
  /** Where a block of rows begins that the task before did not have. */
  readonly block?: {
    readonly emit: (rows: Span) => void;
    /** Whether it is another one in every plane. */
    readonly perPlane: boolean;
  };
  /** In the outer of the loops over tiles, its symbol being set. */
  readonly outer: (around: Around) => void;
}

/** What code in the outer loop over tiles can make use of. */
export interface Around {
  /** Emits the inner loop; `tile` is emitted with all symbols set. */
  readonly inner: (tile: () => void) => void;
  /** The first lane of the task's block. */
  readonly firstLane: number;
  /** Leaves on the stack whether the function has not had a task with these lanes before. */
  readonly hasNewLanes: () => void;
  /** Leaves on the stack whether the task before had another block of rows. */
  readonly hasNewRows: () => void;
}

/** How many blocks a region is cut into; each is a task. */
export function tasksOf(region: Region, tile: Tile): number {
  const { lane, row } = blocksOf(tile);
  return Math.ceil(region.width / lane) * Math.ceil(heightOf(region) / row) * region.depth;
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
  const across = Math.ceil(region.width / block.lane);
  const down = Math.ceil(heightOf(region) / block.row);
  const local = () => code.local("i32");
  const task = local();
  const begin = local();
  const stop = local();
  const known = local();
  const isNew = local();
  const rest = local();
  const span = (): Span => ({ from: local(), to: local(), cursor: local() });
  const lanes = span();
  const rows = span();

  code.get(range.start).integer(offset).do("i32.sub").integer(0);
  larger(code, begin, rest);
  code.get(begin).set(task);
  code.get(range.end).integer(offset).do("i32.sub").integer(tasksOf(region, tile));
  smaller(code, stop, rest);
  code.block().loop().get(task).get(stop).do("i32.ge_s").branchIf(1);
  // task = (plane * down + row block) * across + lane block, or (row block * depth + plane) * across +
  // lane block: the planes come last where what is laid out for a block of rows is the same in all.
  const plane = symbols.get("plane")!;
  const planesLast = inside.block?.perPlane === false;
  code.get(task).integer(across).do("i32.rem_u").integer(block.lane).do("i32.mul").set(lanes.from);
  code.get(task).integer(across).do("i32.div_u").set(rest);
  if (planesLast) {
    code.get(rest).integer(region.depth).do("i32.rem_u").set(plane);
    code.get(rest).integer(region.depth).do("i32.div_u");
  } else {
    code.get(rest).integer(down).do("i32.div_u").set(plane);
    code.get(rest).integer(down).do("i32.rem_u");
  }
  code.integer(block.row).do("i32.mul").integer(region.firstRow).do("i32.add").set(rows.from);
  code.get(lanes.from).integer(block.lane).do("i32.add").integer(region.width);
  smaller(code, lanes.to, rest);
  code.get(rows.from).integer(block.row).do("i32.add").integer(region.lastRow + 1);
  smaller(code, rows.to, rest);
  if (inside.block !== undefined) {
    // Counted from 1: the variable is 0 at first.
    code.get(task).integer(across * (planesLast ? region.depth : 1)).do("i32.div_u");
    code.integer(1).do("i32.add").tee(rest).get(known).do("i32.sub").tee(isNew).if();
    code.get(rest).set(known);
    inside.block.emit(rows);
    code.do("end");
  }

  type Walk = (body: () => void) => void;
  const overLanes: Walk = (body) => {
    const step = lanesOf(tile);
    const last = Math.max(0, region.width - step);
    const several = block.lane > step;
    walk(code, lanes, { step, last, several, symbol: symbols.get("lane")! }, body);
  };
  const overRows: Walk = (body) => {
    const step = tile.rows;
    const last = region.lastRow + 1 - step;
    const several = block.row > step;
    walk(code, rows, { step, last, several, symbol: symbols.get("row")! }, body);
  };
  const [outer, inner] = tile.inner === "lane" ? [overRows, overLanes] : [overLanes, overRows];
  outer(() =>
    inside.outer({
      inner,
      firstLane: lanes.from,
      hasNewLanes: () => code.get(task).get(begin).integer(across).do("i32.add", "i32.lt_s"),
      hasNewRows: () => code.get(isNew),
    })
  );
  code.get(task).integer(1).do("i32.add").set(task).branch(0).do("end", "end");
}

/** Blocks of whole tiles. */
function blocksOf(tile: Tile): Tile["block"] {
  const whole = (size: number, step: number) => Math.ceil(size / step) * step;
  return { lane: whole(tile.block.lane, lanesOf(tile)), row: whole(tile.block.row, tile.rows) };
}

/** How a span is walked. */
export interface Stride {
  readonly step: number;
  /** Where the last turn starts at the latest. */
  readonly last: number;
  /** Whether there can be more than one turn. */
  readonly several: boolean;
  /** The variable that each turn finds its place in. */
  readonly symbol: number;
}

/** Emits a loop over a span. */
export function walk(
  code: Code,
  { from, to, cursor }: Span,
  { step, last, several, symbol }: Stride,
  body: () => void,
): void {
  const scratch = code.local("i32");
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
export function smaller(code: Code, target: number, scratch: number): void {
  code.set(scratch).set(target).get(target).get(scratch);
  code.get(target).get(scratch).do("i32.lt_s", "select").set(target);
}

/** Sets a variable to the larger of the two numbers on the stack. */
function larger(code: Code, target: number, scratch: number): void {
  code.set(scratch).set(target).get(target).get(scratch);
  code.get(target).get(scratch).do("i32.gt_s", "select").set(target);
}
