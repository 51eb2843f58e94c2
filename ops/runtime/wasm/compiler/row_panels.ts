/**
 * Row panels: what a contraction reads per row, laid out for a block of rows so that its turns lie side
 * by side. All tiles of lanes read it from there: a matrix that lies the other way around is transposed
 * once, and what is computed of a number before it is multiplied is computed once.
 *
 * @module
 */
import { coefficient, constant, plus, symbol } from "../../lowering/affine.ts";
import { type Expression, isCondition, type Step, type Trees } from "../../lowering/tree.ts";
import { runsAlong } from "./packing.ts";
import { WORTHWHILE_ROWS } from "./panels.ts";
import { type Loop, ownLoops, replaceReads, turnIndex, turnsOf, within } from "./reads.ts";
import { MOST_PER_ROWS, rowStride, VECTOR } from "./sizes.ts";
import { inExpression, inForm } from "./substitute.ts";
import { lanesOf, type Tile } from "./tiles.ts";

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
const WORTHWHILE_LANES = 4;

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
  const isRead = width / lanesOf(tile) >= WORTHWHILE_LANES &&
    height / tile.rows >= WORTHWHILE_ROWS;
  if (!tile.rowPanels || tile.inner !== "row" || !isRead) return { steps, panels: [] };
  const panels: RowPanel[] = [];
  let left = MOST_PER_ROWS;
  const replaced = replaceReads(steps, trees, (expression, loops) => {
    const own = ownLoops(expression, loops, ["row", "plane"]);
    const along = own && directionOf(expression, own.at(-1)!);
    if (own === undefined || along === undefined) return undefined;
    const stride = rowStride(turnsOf(own));
    const length = stride * height;
    if (length > left) return undefined;
    left -= length;
    const value = firstValue + panels.length;
    const at = plus(symbol("row", stride), turnIndex(own));
    const turns = turnsOf(own.slice(-1));
    const fill = fillOf({ do: "store", value, at, from: expression }, along, own, trees);
    const perPlane = expression.symbols.has("plane");
    panels.push({ value, length, stride, along, turns, fill, perPlane });
    return trees.make({ op: "load", value, at });
  }, { branches: false });
  return { steps: replaced, panels };
}

/** Along what vectors can fill a panel; `undefined` if it is read just as well where it lies. */
function directionOf(expression: Expression, inner: Loop): RowPanel["along"] | undefined {
  if (isCondition(expression)) return undefined;
  const { symbol } = inner;
  const isPlain = expression.op === "load" && coefficient(expression.at, symbol) === 1;
  if (isPlain) return undefined;
  const along = (name: string) => runsAlong(expression, name, (part) => !part.symbols.has(name));
  if (turnsOf([inner]) >= VECTOR && along(symbol)) return "turns";
  return along("row") ? "rows" : undefined;
}

/** What fills a panel: over lanes that stand for the turns of the innermost loop, or for rows. */
function fillOf(
  store: Step & { readonly do: "store" },
  along: RowPanel["along"],
  loops: readonly Loop[],
  trees: Trees,
): Step {
  const inner = loops.at(-1)!;
  const overTurns = along === "turns";
  const name = overTurns ? inner.symbol : "row";
  const by = plus(symbol("lane"), constant(overTurns ? inner.first : 0));
  const at = inForm(store.at, name, by);
  const from = inExpression(store.from, name, by, trees);
  return within(overTurns ? loops.slice(0, -1) : loops, { ...store, at, from });
}
