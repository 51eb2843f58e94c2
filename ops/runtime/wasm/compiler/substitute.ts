/**
 * Integer forms put in the place of symbols.
 *
 * @module
 */
import { type Affine, coefficient, plus, without } from "../../lowering/affine.ts";
import { type Expression, operands, type Trees } from "../../lowering/tree.ts";

/** A form with another one in the place of a symbol. */
export function inForm(at: Affine, name: string, by: Affine): Affine {
  return plus(without(at, name), by, coefficient(at, name));
}

/** An expression with a form in the place of a symbol. */
export function inExpression(
  expression: Expression,
  name: string,
  by: Affine,
  trees: Trees,
): Expression {
  const known = new Map<Expression, Expression>();
  const replace = (expression: Expression): Expression => {
    if (!expression.symbols.has(name)) return expression;
    let found = known.get(expression);
    if (found === undefined) {
      found = "at" in expression
        ? trees.make({ ...expression, at: inForm(expression.at, name, by) })
        : trees.with(expression, operands(expression).map(replace));
      known.set(expression, found);
    }
    return found;
  };
  return replace(expression);
}
