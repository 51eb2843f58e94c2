/**
 * Panels: what a contraction reads per lane, copied side by side before the rows are gone through. A
 * tile of lanes meets the same numbers for every row of a block; where they lie apart in memory, they
 * would each time be fetched from as many cache lines.
 *
 * @module
 */
import { type Affine, constant, plus, symbol } from "./affine.ts";
import type { Tile } from "./tiles.ts";
import { type Expression, operands, type Step, type Trees } from "./tree.ts";

/** A panel: a value of the body, in memory that the run lends. */
export interface Panel {
  /** The number under which the body reads it. */
  readonly value: number;
  /** Numbers in it. */
  readonly length: number;
}

/** A body with panels. */
export interface Paneled {
  /** What fills the panels, once for each tile of lanes and block of rows. */
  readonly before: readonly Step[];
  readonly steps: readonly Step[];
  readonly panels: readonly Panel[];
}

/** How often a panel must be read for its filling not to count. */
const WORTHWHILE = 8;
const VECTOR = 4;

/**
 * Moves what innermost loops read per lane into panels.
 *
 * @param firstValue The number of the first panel.
 */
export function panelsOf(
  steps: readonly Step[],
  tile: Tile,
  height: number,
  trees: Trees,
  firstValue: number,
): Paneled {
  const reads = Math.min(tile.block.row, height) / tile.rows;
  if (tile.inner !== "row" || reads < WORTHWHILE) return { before: [], steps, panels: [] };
  const before: Step[] = [];
  const panels: Panel[] = [];
  const stride = VECTOR * tile.quads;

  const panelFor = (expression: Expression, loop: Loop): Expression => {
    const value = firstValue + panels.length;
    const turns = loop.last - loop.first + 1;
    panels.push({ value, length: turns * stride });
    const at: Affine = plus(
      plus(symbol(loop.symbol, stride), symbol("lane")),
      constant(-loop.first * stride),
    );
    before.push({ ...loop, body: [{ do: "store", value, at, from: expression }] });
    return trees.make({ op: "load", value, at });
  };

  const visit = (steps: readonly Step[]): Step[] =>
    steps.map((step): Step => {
      if (step.do === "if") return { ...step, then: visit(step.then) };
      if (step.do !== "loop") return step;
      if (!step.body.every((inner) => inner.do === "set")) {
        return { ...step, body: visit(step.body) };
      }
      const known = new Map<Expression, Expression>();
      const body = step.body.map((inner): Step =>
        inner.do === "set" ? { ...inner, to: replace(inner.to, step, known) } : inner
      );
      return { ...step, body };
    });

  const replace = (
    expression: Expression,
    loop: Loop,
    known: Map<Expression, Expression>,
  ): Expression => {
    let replaced = known.get(expression);
    if (replaced === undefined) {
      replaced = isPanel(expression, loop)
        ? panelFor(expression, loop)
        : "of" in expression
        ? trees.with(expression, operands(expression).map((part) => replace(part, loop, known)))
        : expression;
      known.set(expression, replaced);
    }
    return replaced;
  };

  const paneled = visit(steps);
  return { before, steps: paneled, panels };
}

type Loop = Step & { readonly do: "loop" };

/** Whether only the lane and the turn of this loop decide a number that is read from memory. */
function isPanel(expression: Expression, loop: Loop): boolean {
  const { symbols, locals } = expression;
  if (locals.size > 0 || !symbols.has("lane") || !symbols.has(loop.symbol)) return false;
  const others = [...symbols].filter((name) => !["lane", "plane", loop.symbol].includes(name));
  return others.length === 0 && reads(expression);
}

function reads(expression: Expression): boolean {
  return expression.op === "load" || operands(expression).some(reads);
}
