/**
 * Where a source can be changed in a small way that some test should notice.
 *
 * @module
 */
import { type Expression, Node, Project, SyntaxKind } from "ts-morph";

/** One small change of a source. */
export interface Mutation {
  /** Counted from 1. */
  readonly line: number;
  /** The part of the text that goes, and what takes its place. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** What it is, in words. */
  readonly what: string;
}

/** Operators, and what takes their place. */
const OPERATORS: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "<<": ">>",
  ">>": "<<",
  "&": "|",
  "|": "&",
};

/** Methods that can stand for each other. */
const METHODS: Readonly<Record<string, string>> = {
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  some: "every",
  every: "some",
};

/** Lists all mutations of a source, in the order of their places. */
export function mutationsOf(source: string): Mutation[] {
  const project = new Project({ useInMemoryFileSystem: true });
  const file = project.createSourceFile("source.ts", source);
  const found: Mutation[] = [];
  file.forEachDescendant((node, traversal) => {
    if (isIdle(node)) {
      traversal.skip();
      return;
    }
    for (const { at, replacement, what } of changesOf(node)) {
      const start = at.getStart();
      const line = at.getStartLineNumber();
      found.push({ line, start, end: at.getEnd(), replacement, what });
    }
  });
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** A source with a mutation in it. */
export function mutated(source: string, { start, end, replacement }: Mutation): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

interface Change {
  readonly at: Node;
  readonly replacement: string;
  readonly what: string;
}

/** What does nothing when it runs, or only words an error. */
function isIdle(node: Node): boolean {
  return Node.isTypeNode(node) || Node.isThrowStatement(node) || Node.isImportDeclaration(node) ||
    Node.isExportDeclaration(node) || Node.isInterfaceDeclaration(node) ||
    Node.isTypeAliasDeclaration(node) || Node.isJSDoc(node) ||
    Node.isVariableStatement(node) && node.hasDeclareKeyword();
}

function changesOf(node: Node): Change[] {
  if (Node.isBinaryExpression(node)) return operator(node.getOperatorToken(), node);
  if (Node.isNumericLiteral(node)) return isKey(node) ? [] : number(node);
  if (Node.isTrueLiteral(node)) return isOfKeys(node) ? [] : [swap(node, "false")];
  if (Node.isFalseLiteral(node)) return [swap(node, "true")];
  if (Node.isIfStatement(node)) return condition(node.getExpression());
  if (Node.isConditionalExpression(node)) {
    const test = node.getCondition();
    return [{
      at: test,
      replacement: `!(${test.getText()})`,
      what: "condition the other way round",
    }];
  }
  if (Node.isPrefixUnaryExpression(node)) return prefix(node);
  if (Node.isPostfixUnaryExpression(node)) return step(node, node.getOperand(), true);
  if (Node.isExpressionStatement(node)) return isCall(node.getExpression()) ? [dropped(node)] : [];
  if (Node.isPropertyAccessExpression(node)) return method(node.getNameNode());
  return [];
}

function operator(token: Node, whole: Node): Change[] {
  const text = token.getText();
  if (!Object.hasOwn(OPERATORS, text)) return [];
  // Strings that are put together are words.
  if (/^[+-]=?$/.test(text) && /["'`]/.test(whole.getText())) return [];
  return [swap(token, OPERATORS[text])];
}

/** The next whole number; twice a fraction, or a number so large that the next rounds to itself. */
function number(node: Node): Change[] {
  const value = Number(node.getText().replaceAll("_", ""));
  if (!Number.isFinite(value)) return [];
  return [swap(node, String(Number.isSafeInteger(value) ? value + 1 : 2 * value))];
}

function isKey(node: Node): boolean {
  const parent = node.getParent();
  return Node.isPropertyAssignment(parent) && parent.getNameNode() === node;
}

/** Whether a `true` only marks a name in a list of `Keys`, whose type allows nothing else. */
function isOfKeys(node: Node): boolean {
  const list = node.getParent()?.getParent();
  if (!Node.isObjectLiteralExpression(list)) return false;
  const owner = list.getParent();
  if (Node.isVariableDeclaration(owner)) return /^Keys</.test(owner.getTypeNode()?.getText() ?? "");
  if (!Node.isCallExpression(owner)) return false;
  return ["checkKeys", "initOptions"].includes(owner.getExpression().getText());
}

/** A branch that is never taken. */
function condition(test: Expression): Change[] {
  return [{ at: test, replacement: "false", what: `condition ${short(test)} never holds` }];
}

function prefix(node: Node): Change[] {
  if (!Node.isPrefixUnaryExpression(node)) return [];
  const operand = node.getOperand();
  switch (node.getOperatorToken()) {
    case SyntaxKind.ExclamationToken:
      return [{ at: node, replacement: operand.getText(), what: `${short(node)} without its !` }];
    case SyntaxKind.MinusToken: {
      // Of a number the number itself is changed.
      if (Node.isNumericLiteral(operand)) return [];
      return [{ at: node, replacement: operand.getText(), what: `${short(node)} without its -` }];
    }
    case SyntaxKind.PlusPlusToken:
    case SyntaxKind.MinusMinusToken:
      return step(node, operand, false);
    default:
      return [];
  }
}

/** A count in the other direction; not that of a loop, which would only never end. */
function step(node: Node, operand: Node, after: boolean): Change[] {
  const parent = node.getParent();
  if (Node.isForStatement(parent) && parent.getIncrementor() === node) return [];
  const name = operand.getText();
  const other = node.getText().includes("++") ? "--" : "++";
  return [swap(node, after ? `${name}${other}` : `${other}${name}`)];
}

/** Whether a statement is nothing but a call. */
function isCall(expression: Node): boolean {
  if (Node.isAwaitExpression(expression) || Node.isVoidExpression(expression)) {
    return isCall(expression.getExpression());
  }
  return Node.isCallExpression(expression) && !Node.isSuperExpression(expression.getExpression());
}

function dropped(node: Node): Change {
  return { at: node, replacement: ";", what: `call ${short(node)} dropped` };
}

function method(name: Node): Change[] {
  const text = name.getText();
  return Object.hasOwn(METHODS, text) ? [swap(name, METHODS[text])] : [];
}

function swap(at: Node, replacement: string): Change {
  return { at, replacement, what: `${short(at)} becomes ${replacement}` };
}

/** A piece of source on one line. */
function short(node: Node): string {
  const text = node.getText().replaceAll(/\s+/g, " ");
  return text.length > 50 ? `${text.slice(0, 47)}...` : text;
}
