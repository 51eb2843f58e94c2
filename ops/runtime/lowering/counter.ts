/**
 * Loops that count: the only ones that are tiled.
 *
 * @module
 */
import type { Declaration, Expression, For } from "./syntax.ts";

/** The parts of `for (let name = first; name < end; name++)`. */
export interface Counter {
  readonly name: string;
  readonly first: Expression;
  readonly end: Expression;
  /** Whether it is `<=` in place of `<`. */
  readonly inclusive: boolean;
}

/** The parts of a loop, if it counts. */
export function counterOf({ init, test, update }: For): Counter | undefined {
  if (init?.type !== "VariableDeclaration" || init.declarations.length !== 1) return undefined;
  const { id: { name }, init: first } = (init as Declaration).declarations[0];
  const counts = (syntax: Expression) => syntax.type === "Identifier" && syntax.name === name;
  if (
    first === null || test?.type !== "BinaryExpression" || !counts(test.left) ||
    !["<", "<="].includes(test.operator) || update?.type !== "UpdateExpression" ||
    update.operator !== "++" || !counts(update.argument)
  ) return undefined;
  return { name, first, end: test.right, inclusive: test.operator === "<=" };
}
