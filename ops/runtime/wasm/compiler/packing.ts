/**
 * Packing: what all lanes share is read four at a time where the four lie side by side, and each is
 * then spread from its lane.
 *
 * @module
 */
import { coefficient } from "../../lowering/affine.ts";
import { type Expression, isCondition, operands } from "../../lowering/tree.ts";

/** Over what a value can be packed at the place where it is needed. */
export interface Packable {
  /** The counter of a loop of which four turns are written out. */
  readonly turns: string | undefined;
  /** Whether a tile has several rows, and not more than a vector has lanes. */
  readonly rows: boolean;
  /** Whether a part of the value has been computed further out; it is then the same in all lanes. */
  readonly isHeld: (part: Expression) => boolean;
}

/** Whether a value that all lanes share can be computed for four turns, or for four rows, at once. */
export function packingOf(
  expression: Expression,
  { turns, rows, isHeld }: Packable,
): "turns" | "rows" | undefined {
  if (expression.symbols.has("lane") || expression.locals.size > 0) return undefined;
  if (isCondition(expression)) return undefined;
  if (turns !== undefined && runsAlong(expression, turns, isHeld)) return "turns";
  if (rows && runsAlong(expression, "row", isHeld)) return "rows";
  return undefined;
}

/** Whether every array that an expression reads is read side by side as a symbol counts up. */
export function runsAlong(
  expression: Expression,
  symbol: string,
  isHeld: (part: Expression) => boolean,
): boolean {
  const seen = new Set<Expression>();
  const fits = (part: Expression): boolean => {
    if (seen.has(part)) return true;
    seen.add(part);
    if (isHeld(part)) return !part.symbols.has(symbol);
    if (part.op === "load") return coefficient(part.at, symbol) === 1;
    return part.op === "number" || part.op === "scalar" ||
      (operands(part).length > 0 && operands(part).every(fits));
  };
  return expression.symbols.has(symbol) && fits(expression);
}
