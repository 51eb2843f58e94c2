import { type Expression, Node, type VariableDeclaration, type VariableStatement } from "ts-morph";
import { type HoleValues, simplified } from "./fold.ts";

/**
 * Whether an expression is integer arithmetic on coordinates, sizes, counters and constants named in
 * `integers`. gpu.js computes such an expression in integers as long as it stands in the index
 * itself; kept in a local it would become a float, wrong beyond 2^24.
 */
export function isInteger(
  expression: Expression,
  integers: ReadonlySet<string>,
  holes: HoleValues,
): boolean {
  const node = simplified(expression, holes);
  if (Node.isParenthesizedExpression(node)) {
    return isInteger(node.getExpression(), integers, holes);
  }
  if (Node.isNumericLiteral(node)) return Number.isInteger(node.getLiteralValue());
  if (Node.isIdentifier(node)) return integers.has(node.getText());
  if (Node.isPropertyAccessExpression(node)) {
    return /^this\.(cell|constants)$/.test(node.getExpression().getText());
  }
  return Node.isBinaryExpression(node) &&
    ["+", "-", "*"].includes(node.getOperatorToken().getText()) &&
    isInteger(node.getLeft(), integers, holes) && isInteger(node.getRight(), integers, holes);
}

/** The one variable that a statement declares. */
export function declarationOf(statement: VariableStatement): VariableDeclaration {
  return statement.getDeclarations()[0];
}
