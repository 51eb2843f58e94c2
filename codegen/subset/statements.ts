/** What statements a kernel may have. */
import {
  type BinaryExpression,
  type Expression,
  type FunctionDeclaration,
  Node,
  type Statement,
  type VariableDeclaration,
  type VariableStatement,
} from "ts-morph";
import { describe, type Report } from "../problem.ts";
import { checkCondition, checkExpression, isIndex, isNumber } from "./expressions.ts";
import { checkLoopHeader } from "./loops.ts";
import { checkName, type Meaning, type Scope } from "./scope.ts";

const ASSIGNMENTS: ReadonlySet<string> = new Set("= += -= *= /=".split(" "));

/** Reports what a kernel's body must not contain. */
export function checkBody(declaration: FunctionDeclaration, scope: Scope, report: Report): void {
  const statements = declaration.getStatements() as Statement[];
  const last = statements.at(-1);
  for (const statement of statements) {
    if (Node.isReturnStatement(statement) && statement === last) {
      const value = statement.getExpression();
      if (value === undefined) report(statement, "return must have a value");
      else checkExpression(value, scope, report);
    } else {
      checkStatement(statement, scope, report);
    }
  }
  if (!Node.isReturnStatement(last)) report(last ?? declaration, "kernel must end in a return");
}

function checkStatement(node: Statement, scope: Scope, report: Report): void {
  if (Node.isBlock(node)) {
    const inner = scope.inner();
    for (const statement of node.getStatements()) checkStatement(statement, inner, report);
  } else if (Node.isIfStatement(node)) {
    checkCondition(node.getExpression(), scope, report);
    checkStatement(node.getThenStatement(), scope.inner(), report);
    const otherwise = node.getElseStatement();
    if (otherwise !== undefined) checkStatement(otherwise, scope.inner(), report);
  } else if (Node.isForStatement(node)) {
    const inner = scope.inner();
    checkLoopHeader(node, inner, report);
    checkStatement(node.getStatement(), inner, report);
  } else if (Node.isVariableStatement(node)) {
    checkDeclarations(node, scope, report);
  } else if (Node.isExpressionStatement(node)) {
    checkAssignment(node.getExpression(), scope, report);
  } else if (Node.isReturnStatement(node)) {
    // gpu.js compiles an early return on some backends and gets it silently wrong on others.
    report(node, "return must be the last statement of the kernel");
  } else {
    report(node, `kernel must not contain ${describe(node)}`);
  }
}

function checkDeclarations(node: VariableStatement, scope: Scope, report: Report): void {
  const kind = node.getDeclarationKind();
  if (kind !== "const" && kind !== "let") {
    report(node, `local must be declared by const or let, got ${kind}`);
  }
  const declarations = node.getDeclarations();
  if (declarations.length > 1) {
    report(node, `statement must declare one local, got ${declarations.length}`);
  }
  for (const declaration of declarations) checkDeclaration(declaration, kind, scope, report);
}

function checkDeclaration(
  declaration: VariableDeclaration,
  kind: string,
  scope: Scope,
  report: Report,
): void {
  const name = declaration.getNameNode();
  const value = declaration.getInitializer();
  const type = declaration.getTypeNode();
  if (value !== undefined) checkExpression(value, scope, report);
  if (!Node.isIdentifier(name)) {
    return report(name, `local must be a single name, got ${describe(name)}`);
  }
  const text = name.getText();
  checkName(name, scope, report);
  if (type !== undefined) report(type, `local ${text} must have no type annotation`);
  if (value === undefined) report(declaration, `local ${text} must have an initial value`);
  const integer = kind === "const" && value !== undefined && isIndex(value, scope);
  const isCondition = value !== undefined && !isNumber(value, scope);
  scope.declare(text, integer ? "integer" : kind === "const" ? "const" : "let", isCondition);
}

const TARGETS: Readonly<Partial<Record<Meaning, string>>> = {
  field: "argument",
  matrix: "argument",
  vector: "argument",
  scalar: "argument",
  hole: "hole",
  counter: "loop counter",
  integer: "const",
  const: "const",
};

function checkAssignment(node: Expression, scope: Scope, report: Report): void {
  if (!isAssignment(node)) {
    return report(node, `statement must assign to a local, got ${describe(node)}`);
  }
  const operator = node.getOperatorToken().getText();
  if (!ASSIGNMENTS.has(operator)) {
    report(node, `assignment must be one of ${[...ASSIGNMENTS].join(" ")}, got ${operator}`);
  }
  const target = node.getLeft();
  const meaning = scope.meaningOf(target.getText());
  if (!Node.isIdentifier(target)) {
    report(target, `assignment must be to a local, got ${describe(target)}`);
  } else if (meaning === undefined) {
    checkExpression(target, scope, report);
  } else if (meaning !== "let") {
    report(target, `${TARGETS[meaning]} ${target.getText()} must not be assigned to`);
  }
  checkExpression(node.getRight(), scope, report);
}

function isAssignment(node: Node): node is BinaryExpression {
  return Node.isBinaryExpression(node) &&
    /^(?:[^=!<>]*|<<|>>|>>>)=$/.test(node.getOperatorToken().getText());
}
