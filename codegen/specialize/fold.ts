import { type Expression, Node, SyntaxKind } from "ts-morph";

/** Values of a template's holes, FORMAT among them. */
export type HoleValues = Readonly<Record<string, boolean | string>>;

/** The value that an expression has once the holes are filled, or `undefined` if that leaves it open. */
export function foldedValue(node: Expression, holes: HoleValues): boolean | string | undefined {
  if (Node.isParenthesizedExpression(node)) return foldedValue(node.getExpression(), holes);
  if (Node.isIdentifier(node)) {
    return Object.hasOwn(holes, node.getText()) ? holes[node.getText()] : undefined;
  }
  if (Node.isStringLiteral(node)) return node.getLiteralValue();
  if (
    Node.isPrefixUnaryExpression(node) && node.getOperatorToken() === SyntaxKind.ExclamationToken
  ) {
    const value = foldedValue(node.getOperand(), holes);
    return value === undefined ? undefined : !value;
  }
  if (Node.isConditionalExpression(node)) {
    const test = foldedValue(node.getCondition(), holes);
    if (test === undefined) return undefined;
    return foldedValue(test ? node.getWhenTrue() : node.getWhenFalse(), holes);
  }
  if (!Node.isBinaryExpression(node)) return undefined;
  const left = foldedValue(node.getLeft(), holes);
  const right = foldedValue(node.getRight(), holes);
  switch (node.getOperatorToken().getText()) {
    case "===":
      return left === undefined || right === undefined ? undefined : left === right;
    case "!==":
      return left === undefined || right === undefined ? undefined : left !== right;
    case "&&":
      if (left === false || right === false) return false;
      return left === undefined || right === undefined ? undefined : right;
    case "||":
      if (left === true || right === true) return true;
      return left === undefined || right === undefined ? undefined : right;
  }
  return undefined;
}

/**
 * An expression without what the holes decide: the taken branch of a conditional, the open side of
 * `&&` and `||`.
 */
export function simplified(node: Expression, holes: HoleValues): Expression {
  if (Node.isParenthesizedExpression(node)) {
    const inner = simplified(node.getExpression(), holes);
    return inner === node.getExpression() ? node : inner;
  }
  if (Node.isConditionalExpression(node)) {
    const test = foldedValue(node.getCondition(), holes);
    if (test === undefined) return node;
    return simplified(test ? node.getWhenTrue() : node.getWhenFalse(), holes);
  }
  if (Node.isBinaryExpression(node)) {
    const operator = node.getOperatorToken().getText();
    if (operator !== "&&" && operator !== "||") return node;
    // Decided as a whole: only a condition can be, and nothing is left of it to print.
    if (foldedValue(node, holes) !== undefined) return node;
    if (foldedValue(node.getLeft(), holes) !== undefined) return simplified(node.getRight(), holes);
    if (foldedValue(node.getRight(), holes) !== undefined) return simplified(node.getLeft(), holes);
  }
  return node;
}
