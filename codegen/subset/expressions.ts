/** What expressions a kernel may have. */
import {
  type BinaryExpression,
  type CallExpression,
  type ElementAccessExpression,
  type Expression,
  type Identifier,
  Node,
  type PropertyAccessExpression,
  SyntaxKind,
} from "ts-morph";
import { describe, type Report } from "../problem.ts";
import type { Meaning, Scope } from "./scope.ts";
import { references } from "../template.ts";

/**
 * The functions that webgpu and webasm both have, and how many arguments they take: WGSL's `max`
 * and `min` take two. Left out are those that webgpu computes with fewer digits than the name
 * promises (expm1, log1p, cbrt), integer ones, and random.
 */
const MATH: ReadonlyMap<string, number> = new Map([
  ..."abs acos acosh asin asinh atan atanh ceil cos cosh exp floor log log10 log2 round sign sin"
    .split(" ").map((name): [string, number] => [name, 1]),
  ..."sinh sqrt tan tanh trunc".split(" ").map((name): [string, number] => [name, 1]),
  ..."atan2 max min pow".split(" ").map((name): [string, number] => [name, 2]),
]);

const ARITHMETIC: ReadonlySet<string> = new Set(["+", "-", "*"]);

const OPERATORS: ReadonlySet<string> = new Set([
  ..."+ - * / < > <= >= === !== && ||".split(" "),
]);

/** How an array is indexed. */
const INDICES: Readonly<Partial<Record<Meaning, string>>> = {
  matrix: "[row][column]",
  vector: "[index]",
};

/** Reports what is no part of a kernel. */
export function checkExpression(node: Expression, scope: Scope, report: Report): void {
  const check = (part: Expression) => checkExpression(part, scope, report);
  if (Node.isParenthesizedExpression(node)) return check(node.getExpression());
  if (Node.isNumericLiteral(node)) {
    if (!Number.isFinite(Math.fround(node.getLiteralValue()))) {
      report(node, `number must be a finite float32, got ${node.getText()}`);
    }
  } else if (Node.isIdentifier(node)) {
    checkIdentifier(node, scope, report);
  } else if (Node.isPropertyAccessExpression(node)) {
    checkProperty(node, scope, report);
  } else if (Node.isElementAccessExpression(node)) {
    checkElement(node, scope, report);
  } else if (Node.isConditionalExpression(node)) {
    checkCondition(node.getCondition(), scope, report);
    [node.getWhenTrue(), node.getWhenFalse()].forEach(check);
  } else if (Node.isPrefixUnaryExpression(node)) {
    const token = node.getOperatorToken();
    if (token !== SyntaxKind.MinusToken && token !== SyntaxKind.ExclamationToken) {
      report(node, `operator must be - or ! before an operand, got ${node.getText()}`);
    }
    if (token === SyntaxKind.ExclamationToken) checkCondition(node.getOperand(), scope, report);
    else check(node.getOperand());
  } else if (Node.isBinaryExpression(node)) {
    checkOperation(node, scope, report);
  } else if (Node.isCallExpression(node)) {
    checkCall(node, scope, report);
  } else {
    report(node, `kernel must not contain ${describe(node)}`);
  }
}

/**
 * Reports what is no part of a kernel, and a number: shaders take none for a condition, and what `&&`
 * and `||` make of it is 1 on webasm.
 */
export function checkCondition(node: Expression, scope: Scope, report: Report): void {
  checkExpression(node, scope, report);
  if (isNumber(node, scope)) {
    report(node, `condition must be made of comparisons, got the number ${node.getText()}`);
  }
}

/** Whether an expression that may be in a kernel is a number, and not true or false. */
export function isNumber(node: Expression, scope: Scope): boolean {
  if (Node.isParenthesizedExpression(node)) return isNumber(node.getExpression(), scope);
  if (Node.isIdentifier(node)) return scope.isNumber(node.getText());
  if (Node.isPrefixUnaryExpression(node)) return node.getOperatorToken() === SyntaxKind.MinusToken;
  if (Node.isBinaryExpression(node)) {
    const operator = node.getOperatorToken().getText();
    return operator === "/" || ARITHMETIC.has(operator);
  }
  if (Node.isConditionalExpression(node)) return isNumber(node.getWhenTrue(), scope);
  return Node.isNumericLiteral(node) || Node.isPropertyAccessExpression(node) ||
    Node.isElementAccessExpression(node) || Node.isCallExpression(node);
}

/**
 * Whether an expression is integer arithmetic that survives inlining, so that gpu.js computes it in
 * integers where it stands in an index. Conditionals of holes fold to one side.
 */
export function isIndex(node: Expression, scope: Scope): boolean {
  if (Node.isParenthesizedExpression(node)) return isIndex(node.getExpression(), scope);
  if (Node.isNumericLiteral(node)) return Number.isInteger(node.getLiteralValue());
  if (Node.isIdentifier(node)) {
    return ["counter", "integer"].includes(scope.meaningOf(node.getText()) ?? "");
  }
  if (Node.isPropertyAccessExpression(node)) {
    return ["this.cell", "this.constants"].includes(node.getExpression().getText());
  }
  if (Node.isConditionalExpression(node)) {
    return isDecided(node.getCondition(), scope) && isIndex(node.getWhenTrue(), scope) &&
      isIndex(node.getWhenFalse(), scope);
  }
  return Node.isBinaryExpression(node) && ARITHMETIC.has(node.getOperatorToken().getText()) &&
    isIndex(node.getLeft(), scope) && isIndex(node.getRight(), scope);
}

/** Whether a condition is made of holes alone: a coordinate or a constant is no name. */
function isDecided(node: Expression, scope: Scope): boolean {
  const names = Node.isIdentifier(node) ? [node] : references(node);
  return names.length > 0 && node.getDescendantsOfKind(SyntaxKind.ThisKeyword).length === 0 &&
    names.every((name) => scope.meaningOf(name.getText()) === "hole");
}

function checkIndex(node: Expression, scope: Scope, report: Report): void {
  checkExpression(node, scope, report);
  if (!isIndex(node, scope)) {
    report(node, "index must be integer arithmetic on coordinates, counters and constants");
  }
}

function checkIdentifier(node: Identifier, scope: Scope, report: Report): void {
  const name = node.getText();
  const meaning = scope.meaningOf(name);
  if (meaning === undefined) {
    report(node, `${name} must be an argument, a local or a hole`);
  } else if (meaning === "field") {
    report(node, `field ${name} must be read by at(${name}, n, c, s)`);
  } else if (INDICES[meaning] !== undefined) {
    report(node, `${meaning} ${name} must be read as ${name}${INDICES[meaning]}`);
  }
}

function checkProperty(node: PropertyAccessExpression, scope: Scope, report: Report): void {
  const owner = node.getExpression().getText();
  const name = node.getName();
  if (owner === "this.cell" && /^[ncs]$/.test(name) && !node.hasQuestionDotToken()) return;
  if (owner !== "this.constants" || node.hasQuestionDotToken()) {
    report(node, `${node.getText()} must be this.cell.n, .c, .s or a member of this.constants`);
  } else if (!scope.constants.has(name)) {
    report(node, `constant ${name} must be named by the type of this`);
  }
}

function checkElement(node: ElementAccessExpression, scope: Scope, report: Report): void {
  const indices: Expression[] = [];
  let array: Expression = node;
  while (Node.isElementAccessExpression(array)) {
    const index = array.getArgumentExpression();
    if (index !== undefined) indices.unshift(index);
    if (array.hasQuestionDotToken()) report(array, "index must follow the array without ?.");
    array = array.getExpression();
  }
  const meaning = Node.isIdentifier(array) ? scope.meaningOf(array.getText()) : undefined;
  const fits = (meaning === "matrix" && indices.length === 2) ||
    (meaning === "vector" && indices.length === 1);
  if (!fits && meaning !== undefined && !INDICES[meaning] && meaning !== "field") {
    report(array, `${array.getText()} must be an array to be indexed`);
  } else if (!fits) checkExpression(array, scope, report);
  for (const index of indices) checkIndex(index, scope, report);
}

function checkOperation(node: BinaryExpression, scope: Scope, report: Report): void {
  const operator = node.getOperatorToken().getText();
  if (!OPERATORS.has(operator)) {
    report(node, `operator must be one of ${[...OPERATORS].join(" ")}, got ${operator}`);
  }
  const sides = [node.getLeft(), node.getRight()];
  // A string is the value of a hole and stands beside it.
  const hole = sides.some((side) => scope.meaningOf(side.getText()) === "hole");
  const check = operator === "&&" || operator === "||" ? checkCondition : checkExpression;
  for (const side of sides) {
    if (!(hole && Node.isStringLiteral(side))) check(side, scope, report);
  }
}

function checkCall(node: CallExpression, scope: Scope, report: Report): void {
  const callee = node.getExpression().getText();
  const args = node.getArguments() as Expression[];
  if (callee === "at") return checkRead(node, args, scope, report);
  const [, name] = callee.match(/^Math\.(\w+)$/) ?? [];
  const count = MATH.get(name);
  if (count === undefined) {
    report(
      node,
      `call must be of at or one of Math.{${[...MATH.keys()].sort().join()}}, got ${callee}`,
    );
  } else if (args.length !== count) {
    report(node, `${callee} must have ${count} arguments, got ${args.length}`);
  }
  for (const argument of args) checkExpression(argument, scope, report);
}

function checkRead(node: CallExpression, args: Expression[], scope: Scope, report: Report): void {
  if (args.length !== 4) return report(node, `at must have 4 arguments, got ${args.length}`);
  const [field, ...indices] = args;
  if (!Node.isIdentifier(field) || scope.meaningOf(field.getText()) !== "field") {
    report(field, `at must read an argument of type Field, got ${field.getText()}`);
  }
  for (const index of indices) checkIndex(index, scope, report);
}
