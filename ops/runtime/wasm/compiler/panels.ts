/**
 * Panels: what a contraction reads per lane, copied side by side before the rows are gone through. A
 * tile of lanes meets the same numbers for every row of a block; where they lie apart in memory, they
 * would each time be fetched from as many cache lines.
 *
 * @module
 */
import { type Affine, constant, plus, symbol } from "../../lowering/affine.ts";
import type { Tile } from "./tiles.ts";
import { type Expression, operands, type Step, type Trees } from "../../lowering/tree.ts";

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

/** Numbers of a panel at most: it should stay in a second-level cache. */
const MOST = 65536;
/** How often a panel must be read for its filling not to count. */
const WORTHWHILE = 8;
const VECTOR = 4;

/**
 * Moves what nests of loops read per lane into panels.
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

  const panelFor = (expression: Expression, loops: readonly Loop[]): Expression => {
    const value = firstValue + panels.length;
    // The innermost loop runs along the panel.
    let length = stride;
    let at: Affine = symbol("lane");
    for (const { symbol: counter, first, last } of loops.toReversed()) {
      at = plus(at, plus(symbol(counter), constant(-first)), length);
      length *= last - first + 1;
    }
    panels.push({ value, length });
    const fill: Step = { do: "store", value, at, from: expression };
    before.push(loops.reduceRight<Step>((body, loop) => ({ ...loop, body: [body] }), fill));
    return trees.make({ op: "load", value, at });
  };

  const visit = (steps: readonly Step[], around: readonly Loop[]): Step[] =>
    steps.map((step): Step => {
      if (step.do === "if") return { ...step, then: visit(step.then, around) };
      if (step.do !== "loop") return step;
      const loops = [...around, step];
      if (!step.body.every((inner) => inner.do === "set")) {
        return { ...step, body: visit(step.body, loops) };
      }
      const known = new Map<Expression, Expression>();
      const body = step.body.map((inner): Step =>
        inner.do === "set" ? { ...inner, to: replace(inner.to, loops, known) } : inner
      );
      return { ...step, body };
    });

  const replace = (
    expression: Expression,
    loops: readonly Loop[],
    known: Map<Expression, Expression>,
  ): Expression => {
    let replaced = known.get(expression);
    if (replaced === undefined) {
      const own = panelLoops(expression, loops);
      replaced = own !== undefined && turnsOf(own) * stride <= MOST
        ? panelFor(expression, own)
        : "of" in expression
        ? trees.with(expression, operands(expression).map((part) => replace(part, loops, known)))
        : expression;
      known.set(expression, replaced);
    }
    return replaced;
  };

  const paneled = visit(steps, []);
  return { before, steps: paneled, panels };
}

type Loop = Step & { readonly do: "loop" };

/**
 * The loops whose turns, with the lane, decide a number that is read from memory; `undefined` if
 * anything else does, or if the innermost loop does not.
 */
function panelLoops(expression: Expression, loops: readonly Loop[]): Loop[] | undefined {
  const { symbols, locals, reads } = expression;
  const own = loops.filter(({ symbol }) => symbols.has(symbol));
  const known = ["lane", "plane", ...own.map(({ symbol }) => symbol)];
  const isOwn = locals.size === 0 && symbols.has("lane") && own.at(-1) === loops.at(-1) &&
    [...symbols].every((name) => known.includes(name));
  return isOwn && reads ? own : undefined;
}

function turnsOf(loops: readonly Loop[]): number {
  return loops.reduce((product, { first, last }) => product * (last - first + 1), 1);
}
