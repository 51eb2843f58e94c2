/**
 * Row panels: what a contraction reads per row, laid out for a block of rows so that its turns lie side
 * by side. All tiles of lanes read it from there: a matrix that lies the other way around is transposed
 * once, and what is computed of a number before it is multiplied is computed once.
 *
 * @module
 */
import { type Affine, coefficient, constant, plus, symbol } from "../../lowering/affine.ts";
import { type Expression, isCondition, type Step, type Trees } from "../../lowering/tree.ts";
import { runsAlong } from "./packing.ts";
import { WORTHWHILE as WORTHWHILE_ROWS } from "./panels.ts";
import { type Loop, ownLoops, replaceReads, turnsOf } from "./reads.ts";
import { MOST_PER_ROWS, rowStride } from "./sizes.ts";
import { inExpression, inForm } from "./substitute.ts";
import type { Tile } from "./tiles.ts";

/** A panel for a block of rows, and how it is filled. */
export interface RowPanel {
  /** The number under which the body reads it. */
  readonly value: number;
  /** Numbers in it. */
  readonly length: number;
  /** Numbers from one row to the next. */
  readonly stride: number;
  /** Along which axis the lanes run that fill it: the counter of the innermost loop, or the rows. */
  readonly along: "turns" | "rows";
  /** Cells along that axis, where it is the turns. */
  readonly turns: number;
  /** What fills it, over the lanes and, if those are turns, over the rows. */
  readonly fill: Step;
  /** Whether every plane has its own. */
  readonly perPlane: boolean;
}

/** A body with row panels. */
export interface RowPaneled {
  readonly steps: readonly Step[];
  readonly panels: readonly RowPanel[];
}

/** Tiles of lanes that read a panel, at the least. */
const WORTHWHILE = 4;
const VECTOR = 4;

/**
 * Moves what innermost loops read per row into panels.
 *
 * @param width Cells along the lanes.
 * @param height Rows of a block.
 * @param firstValue The number of the first panel.
 */
export function rowPanelsOf(
  steps: readonly Step[],
  tile: Tile,
  width: number,
  height: number,
  trees: Trees,
  firstValue: number,
): RowPaneled {
  const reads = width / (VECTOR * tile.quads);
  const isRead = reads >= WORTHWHILE && height / tile.rows >= WORTHWHILE_ROWS;
  if (!tile.rowPanels || tile.inner !== "row" || !isRead) return { steps, panels: [] };
  const panels: RowPanel[] = [];
  let left = MOST_PER_ROWS;
  const replaced = replaceReads(steps, trees, (expression, loops) => {
    const own = ownLoops(expression, loops, ["row", "plane"]);
    const along = own && directionOf(expression, own.at(-1)!);
    if (own === undefined || along === undefined) return undefined;
    const stride = rowStride(turnsOf(own));
    if (stride * height > left) return undefined;
    left -= stride * height;
    const panel = panelOf(
      expression,
      own,
      along,
      stride * height,
      firstValue + panels.length,
      trees,
    );
    panels.push(panel);
    return trees.make({ op: "load", value: panel.value, at: indexOf(own, stride) });
  }, { branches: false });
  return { steps: replaced, panels };
}

/** Along what vectors can fill a panel; `undefined` if it is read just as well where it lies. */
function directionOf(expression: Expression, inner: Loop): "turns" | "rows" | undefined {
  if (isCondition(expression)) return undefined;
  const { symbol, first, last } = inner;
  const isPlain = expression.op === "load" && coefficient(expression.at, symbol) === 1;
  if (isPlain) return undefined;
  const along = (name: string) => runsAlong(expression, name, (part) => !part.symbols.has(name));
  if (last - first + 1 >= VECTOR && along(symbol)) return "turns";
  return along("row") ? "rows" : undefined;
}

function panelOf(
  expression: Expression,
  loops: readonly Loop[],
  along: "turns" | "rows",
  length: number,
  value: number,
  trees: Trees,
): RowPanel {
  const inner = loops.at(-1)!;
  const stride = rowStride(turnsOf(loops));
  const turns = inner.last - inner.first + 1;
  const filled = { do: "store", value, at: indexOf(loops, stride), from: expression } as const;
  // The lanes take the place of the innermost counter, or of the rows.
  const [name, to, around] = along === "turns"
    ? [inner.symbol, plus(symbol("lane"), constant(inner.first)), loops.slice(0, -1)]
    : ["row", symbol("lane"), loops];
  const store: Step = {
    ...filled,
    at: inForm(filled.at, name, to),
    from: inExpression(expression, name, to, trees),
  };
  const fill = around.reduceRight<Step>((body, loop) => ({ ...loop, body: [body] }), store);
  return { value, length, stride, along, turns, fill, perPlane: expression.symbols.has("plane") };
}

/** Where a turn of a row lies. */
function indexOf(loops: readonly Loop[], stride: number): Affine {
  let at = symbol("row", stride);
  let step = 1;
  for (const { symbol: counter, first, last } of loops.toReversed()) {
    at = plus(at, plus(symbol(counter), constant(-first)), step);
    step *= last - first + 1;
  }
  return at;
}
