/**
 * What loops a kernel may have. gpu.js runs a loop to its end only if it sees that the loop is
 * bounded; any other it stops silently after 1000 turns. What it takes for bounded is narrow: the
 * counter starts at a bare literal, and the bound adds, subtracts and multiplies constants, with no
 * literal as a factor.
 */
import { type Expression, type ForStatement, Node, type NumericLiteral } from "ts-morph";
import type { Report } from "../problem.ts";
import { checkName, type Scope } from "./scope.ts";

/** Reports a loop that gpu.js could stop early, and declares its counter. */
export function checkLoopHeader(node: ForStatement, scope: Scope, report: Report): void {
  const list = node.getInitializer();
  const counters = Node.isVariableDeclarationList(list) ? list.getDeclarations() : [];
  if (counters.length !== 1 || !Node.isIdentifier(counters[0].getNameNode())) {
    return report(node, "loop must declare one counter");
  }
  const [counter] = counters;
  const name = counter.getName();
  checkName(counter.getNameNode(), scope, report);
  scope.declare(name, "counter");
  const start = counter.getInitializer();
  if (start === undefined || !isIntegerLiteral(start)) {
    report(
      counter,
      `loop must start ${name} at an integer literal, or gpu.js stops it at 1000 turns`,
    );
  }
  checkBound(node.getCondition() ?? node, name, scope, report);
  const step = node.getIncrementor();
  if (step === undefined || !isStep(step, name)) {
    report(step ?? node, `loop must step by ${name}++ or ${name} += an integer literal`);
  }
}

function checkBound(test: Node, name: string, scope: Scope, report: Report): void {
  const fits = Node.isBinaryExpression(test) && test.getLeft().getText() === name &&
    ["<", "<="].includes(test.getOperatorToken().getText());
  if (!fits) return report(test, `loop must run while ${name} < or <= a bound`);
  const bound = test.getRight();
  if (!isFixed(bound, scope)) {
    report(bound, "loop bound must be made of literals and this.constants by + - *");
  } else if (hasLiteralFactor(bound)) {
    report(bound, "loop bound must have no literal factor, or gpu.js stops at 1000 turns");
  }
}

function isStep(step: Expression, name: string): boolean {
  if (Node.isPostfixUnaryExpression(step)) return step.getText() === `${name}++`;
  if (!Node.isBinaryExpression(step) || step.getLeft().getText() !== name) return false;
  const by = step.getRight();
  return step.getOperatorToken().getText() === "+=" && isIntegerLiteral(by) &&
    by.getLiteralValue() !== 0;
}

function isIntegerLiteral(node: Expression): node is NumericLiteral {
  return Node.isNumericLiteral(node) && Number.isInteger(node.getLiteralValue());
}

function isFixed(node: Expression, scope: Scope): boolean {
  if (Node.isParenthesizedExpression(node)) return isFixed(node.getExpression(), scope);
  if (Node.isNumericLiteral(node)) return isIntegerLiteral(node);
  if (Node.isPropertyAccessExpression(node)) {
    return node.getExpression().getText() === "this.constants" &&
      scope.constants.has(node.getName());
  }
  return Node.isBinaryExpression(node) &&
    ["+", "-", "*"].includes(node.getOperatorToken().getText()) &&
    isFixed(node.getLeft(), scope) && isFixed(node.getRight(), scope);
}

function hasLiteralFactor(node: Expression): boolean {
  if (Node.isParenthesizedExpression(node)) return hasLiteralFactor(node.getExpression());
  if (!Node.isBinaryExpression(node)) return false;
  const sides = [node.getLeft(), node.getRight()];
  const product = node.getOperatorToken().getText() === "*";
  return sides.some((side) => (product && Node.isNumericLiteral(side)) || hasLiteralFactor(side));
}
