/**
 * Integer forms put in the place of symbols.
 *
 * @module
 */
import { type Affine, coefficient, plus, without } from "../../lowering/affine.ts";
import { type Expression, operands, type Step, type Trees } from "../../lowering/tree.ts";

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

/** Steps with a form in the place of a symbol that none of their loops counts. */
export function inSteps(
  steps: readonly Step[],
  name: string,
  by: Affine,
  trees: Trees,
): Step[] {
  const replace = (expression: Expression) => inExpression(expression, name, by, trees);
  return steps.map((step): Step => {
    switch (step.do) {
      case "set":
        return { ...step, to: replace(step.to) };
      case "store":
        return { ...step, at: inForm(step.at, name, by), from: replace(step.from) };
      case "if":
        return { ...step, test: replace(step.test), then: inSteps(step.then, name, by, trees) };
      case "loop":
        return { ...step, body: inSteps(step.body, name, by, trees) };
    }
  });
}
