/**
 * Reports what gpu.js would not take, or would silently get wrong, at its place in the template.
 *
 * @module
 */
import { type Expression, type FunctionDeclaration, Node, type Statement, SyntaxKind } from "ts-morph";
import { locate } from "./problem.ts";
import type { Template } from "./template.ts";

/** WebGPU promises eight storage buffers, and one is the result. */
const MAX_ARRAYS = 7;

/** The functions that every backend computes, each to within float32 rounding or nearly so. */
const MATH: ReadonlySet<string> = new Set([
  "abs",
  "ceil",
  "cos",
  "exp",
  "floor",
  "log",
  "max",
  "min",
  "pow",
  "sin",
  "sqrt",
]);

const OPERATORS: ReadonlySet<string> = new Set([
  ..."+ - * / < > <= >= === !== && ||".split(" "),
]);

const ASSIGNMENTS: ReadonlySet<string> = new Set("= += -= *= /=".split(" "));

/** The largest finite float32. */
const MAX_FLOAT = 3.4028234663852886e38;

/** All problems of a template, in the order of the text. */
export function subsetProblems(template: Template): string[] {
  return new Checker(template).run();
}

class Checker {
  readonly #problems: string[] = [];
  readonly #fn: FunctionDeclaration;
  readonly #scalars: ReadonlySet<string>;
  readonly #arguments: ReadonlySet<string>;
  readonly #known: Set<string>;

  constructor(template: Template) {
    this.#fn = template.declaration;
    this.#arguments = new Set(template.arguments.map(({ name }) => name));
    this.#scalars = new Set(
      template.arguments.filter(({ kind }) => kind === "scalar").map(({ name }) => name),
    );
    this.#known = new Set([...this.#arguments, ...template.holes, "FORMAT"]);
  }

  run(): string[] {
    const arrays = this.#arguments.size - this.#scalars.size;
    if (arrays > MAX_ARRAYS) {
      this.#report(this.#fn, `kernel must take at most ${MAX_ARRAYS} arrays, got ${arrays}`);
    }
    const body = this.#fn.getStatements() as Statement[];
    const last = body.at(-1);
    if (last === undefined || !Node.isReturnStatement(last)) {
      this.#report(last ?? this.#fn, "kernel must end in a return");
    }
    for (const statement of body) this.#statement(statement, statement === last);
    return this.#problems;
  }

  #report(node: Node, message: string): void {
    this.#problems.push(locate(node, message));
  }

  #statement(node: Statement, last: boolean): void {
    if (Node.isBlock(node)) return node.getStatements().forEach((s) => this.#statement(s, false));
    if (Node.isReturnStatement(node)) {
      if (!last) this.#report(node, "return must be the last statement");
      const value = node.getExpression();
      return value === undefined
        ? this.#report(node, "return must have a value")
        : this.#expression(value);
    }
    if (Node.isIfStatement(node)) {
      this.#expression(node.getExpression());
      this.#statement(node.getThenStatement(), false);
      const otherwise = node.getElseStatement();
      return otherwise && this.#statement(otherwise, false);
    }
    if (Node.isForStatement(node)) return this.#loop(node);
    if (Node.isVariableStatement(node)) {
      const declarations = node.getDeclarations();
      if (declarations.length !== 1) this.#report(node, "statement must declare one variable");
      return declarations.forEach((declaration) => this.#declaration(declaration));
    }
    if (Node.isExpressionStatement(node)) return this.#assignment(node.getExpression());
    this.#report(node, `${describe(node)} must not be used in a kernel`);
  }

  #declaration(node: import("ts-morph").VariableDeclaration): void {
    const value = node.getInitializer();
    const name = node.getNameNode();
    if (!Node.isIdentifier(name)) return this.#report(node, "variable must be a single name");
    if (node.getTypeNode() !== undefined) this.#report(node, "variable must have no type annotation");
    if (value === undefined) this.#report(node, "variable must have an initial value");
    else this.#expression(value);
    this.#known.add(name.getText());
  }

  #assignment(node: Expression): void {
    const operator = Node.isBinaryExpression(node) ? node.getOperatorToken().getText() : "";
    if (!Node.isBinaryExpression(node) || !ASSIGNMENTS.has(operator)) {
      return this.#report(node, "statement must assign to a local");
    }
    const target = node.getLeft();
    if (!Node.isIdentifier(target) || this.#arguments.has(target.getText())) {
      this.#report(target, `${target.getText()} must not be assigned to`);
    } else this.#expression(target);
    this.#expression(node.getRight());
  }

  /** gpu.js ends a loop silently after 1000 turns unless its bound is fixed at compile time. */
  #loop(node: import("ts-morph").ForStatement): void {
    const list = node.getInitializer();
    const counter = Node.isVariableDeclarationList(list) ? list.getDeclarations() : [];
    if (counter.length !== 1) return this.#report(node, "loop must declare one counter");
    const [{ name, start }] = counter.map((declaration) => ({
      name: declaration.getName(),
      start: declaration.getInitializer(),
    }));
    this.#known.add(name);
    if (start === undefined || !isFixed(start)) {
      this.#report(counter[0], "loop must start at an integer fixed at compile time");
    }
    const test = node.getCondition();
    if (
      !Node.isBinaryExpression(test) || test.getLeft().getText() !== name ||
      !["<", "<="].includes(test.getOperatorToken().getText()) || !isFixed(test.getRight())
    ) this.#report(test ?? node, "loop must end at a bound fixed at compile time");
    const step = node.getIncrementor()?.getText().replaceAll(" ", "") ?? "";
    if (step !== `${name}++` && !new RegExp(`^${name}\\+=\\d+$`).test(step)) {
      this.#report(node.getIncrementor() ?? node, "loop must step by ++ or += an integer");
    }
    this.#statement(node.getStatement(), false);
  }

  #expression(node: Expression): void {
    if (Node.isParenthesizedExpression(node)) return this.#expression(node.getExpression());
    if (Node.isTrueLiteral(node) || Node.isFalseLiteral(node)) return;
    if (Node.isNumericLiteral(node)) {
      if (!(node.getLiteralValue() <= MAX_FLOAT)) {
        this.#report(node, "number must be a finite float32");
      }
      return;
    }
    if (Node.isIdentifier(node)) {
      if (!this.#known.has(node.getText())) {
        this.#report(node, `${node.getText()} must be an argument, a local or a hole`);
      }
      return;
    }
    if (Node.isPropertyAccessExpression(node)) {
      if (!/^this\.(cell\.[ncs]|constants\.\w+)$/.test(node.getText())) {
        this.#report(node, `${node.getText()} must be a coordinate of the cell or a constant`);
      }
      return;
    }
    if (Node.isElementAccessExpression(node)) {
      this.#expression(node.getExpression());
      return this.#expression(node.getArgumentExpressionOrThrow());
    }
    if (Node.isConditionalExpression(node)) {
      return [node.getCondition(), node.getWhenTrue(), node.getWhenFalse()]
        .forEach((part) => this.#expression(part));
    }
    if (Node.isPrefixUnaryExpression(node)) {
      const token = node.getOperatorToken();
      if (token !== SyntaxKind.MinusToken && token !== SyntaxKind.ExclamationToken) {
        this.#report(node, "unary operator must be - or !");
      }
      return this.#expression(node.getOperand());
    }
    if (Node.isBinaryExpression(node)) return this.#binary(node);
    if (Node.isCallExpression(node)) return this.#call(node);
    this.#report(node, `${describe(node)} must not be used in a kernel`);
  }

  #binary(node: import("ts-morph").BinaryExpression): void {
    const operator = node.getOperatorToken().getText();
    if (!OPERATORS.has(operator)) {
      this.#report(node, `operator must be one of ${[...OPERATORS].join(" ")}, got ${operator}`);
    }
    const sides = [node.getLeft(), node.getRight()];
    // A string is the value of a hole and stands beside it.
    const hole = sides.some((side) => Node.isIdentifier(side) && /^[A-Z_]+$/.test(side.getText()));
    for (const side of sides) if (!(hole && Node.isStringLiteral(side))) this.#expression(side);
  }

  #call(node: import("ts-morph").CallExpression): void {
    const callee = node.getExpression().getText();
    const math = callee.match(/^Math\.(\w+)$/)?.[1];
    if (math !== undefined ? !MATH.has(math) : callee !== "at") {
      this.#report(
        node,
        `call must be to at or Math.{${[...MATH].join(",")}}, got ${callee}`,
      );
    }
    for (const argument of node.getArguments()) this.#expression(argument as Expression);
  }
}

/** Integer literals and sizes, added, subtracted and multiplied. */
function isFixed(node: Expression): boolean {
  if (Node.isParenthesizedExpression(node)) return isFixed(node.getExpression());
  if (Node.isNumericLiteral(node)) return Number.isInteger(node.getLiteralValue());
  if (Node.isPropertyAccessExpression(node)) return /^this\.constants\.\w+$/.test(node.getText());
  return Node.isBinaryExpression(node) &&
    ["+", "-", "*"].includes(node.getOperatorToken().getText()) &&
    isFixed(node.getLeft()) && isFixed(node.getRight());
}

/** A construct's name in words: "ArrowFunction" becomes "arrow function". */
function describe(node: Node): string {
  return node.getKindName().replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}
