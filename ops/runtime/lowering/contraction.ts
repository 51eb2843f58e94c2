/**
 * Contractions: sums over products, as of a matrix product, each term of which may be rounded once.
 *
 * @module
 */
import type { Axes } from "./axes.ts";
import type { Expression } from "./tree.ts";

/** A sum, and the product that is added to it. */
export interface Contraction {
  readonly sum: Expression;
  readonly product: Expression;
  readonly left: Expression;
  readonly right: Expression;
}

/**
 * The next term of a contraction: a product of what differs from lane to lane and what differs from
 * row to row, added to the variable `name` in an assignment to it. All other products are rounded
 * before they are added, as on other backends: what is left where terms cancel, and what overflows,
 * is then the same.
 *
 * @param axesOf The axes along which an expression varies.
 */
export function contractionOf(
  name: string,
  to: Expression,
  axesOf: (expression: Expression) => Axes,
): Contraction | undefined {
  if (to.op !== "+") return undefined;
  const [sum, product] = to.of;
  if (sum.op !== "local" || sum.name !== name || product.op !== "*") return undefined;
  const [left, right] = product.of;
  const across = axesOf(left);
  const down = axesOf(right);
  const contracts = across.lane !== across.row && down.lane !== down.row &&
    across.lane !== down.lane;
  return contracts ? { sum, product, left, right } : undefined;
}
