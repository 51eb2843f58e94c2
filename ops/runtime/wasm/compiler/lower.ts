/**
 * From the syntax of one kernel to steps over trees. Names of constants and of variables that never
 * change disappear; integer arithmetic becomes affine forms of the cell's coordinates and the loops'
 * counters.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import { type Affine, boundsOf, constant, plus, product, symbol, times } from "./affine.ts";
import type { Declaration, Expression as Syntax, For, KernelSyntax, Statement } from "./syntax.ts";
import type { BinaryOperation, Expression, Step, Trees, UnaryOperation } from "./tree.ts";
import { Unsupported } from "./unsupported.ts";

/** What surrounds the kernel that is lowered. */
export interface Surroundings {
  readonly trees: Trees;
  /** Told apart from those of other kernels by this, names of counters and variables are unique. */
  readonly prefix: string;
  /** The form in which an index is kept, given that over the axes x, y and z of the grid. */
  readonly keep: (at: Affine) => Affine;
  /** A value that the same cell has computed already, if an element of it is asked for. */
  readonly known: (value: number, at: Affine) => Expression | undefined;
}

/** A kernel as steps, and what it returns after them. */
export interface Lowered {
  readonly steps: readonly Step[];
  readonly result: Expression;
}

/** Lowers one launch. */
export function lower(syntax: KernelSyntax, launch: Launch, around: Surroundings): Lowered {
  return new Lowering(syntax, launch, around).run();
}

const UNARY: Readonly<Record<string, UnaryOperation>> = {
  abs: "abs",
  sqrt: "sqrt",
  floor: "floor",
  exp: "exp",
  log: "log",
};
const BINARY: Readonly<Record<string, BinaryOperation>> = { min: "min", max: "max", pow: "pow" };
const ARITHMETIC = ["+", "-", "*", "/"];
const COMPARISONS = ["<", "<=", ">", ">=", "===", "!=="];

class Lowering {
  readonly #syntax: KernelSyntax;
  readonly #launch: Launch;
  readonly #around: Surroundings;
  readonly #trees: Trees;
  /** Coordinates of a cell; along an axis of extent 1 there is nothing to tell apart. */
  readonly #cell: Readonly<Record<string, Affine>>;
  /** What each name in sight stands for. */
  #names = new Map<string, Affine | Expression>();
  /** The values of every coordinate and counter so far. */
  readonly #ranges: Map<string, { readonly first: number; readonly last: number }>;
  #count = 0;

  constructor(syntax: KernelSyntax, launch: Launch, around: Surroundings) {
    this.#syntax = syntax;
    this.#launch = launch;
    this.#around = around;
    this.#trees = around.trees;
    this.#cell = Object.fromEntries(
      ["x", "y", "z"].map((name, i) => [name, symbol(name, launch.grid[i] === 1 ? 0 : 1)]),
    );
    this.#ranges = new Map(
      ["x", "y", "z"].map((name, i) => [name, { first: 0, last: launch.grid[i] - 1 }]),
    );
    syntax.params.forEach(({ name }, i) => {
      const argument = launch.arguments[i];
      if ("scalar" in argument) {
        this.#names.set(name, this.#trees.make({ op: "scalar", scalar: argument.scalar }));
      }
    });
  }

  run(): Lowered {
    const body = this.#syntax.body.body;
    const last = body.at(-1);
    if (last?.type !== "ReturnStatement" || last.argument === null) throw unsupported(last);
    const steps = this.#statements(body.slice(0, -1));
    const result = this.#number(last.argument);
    return { steps, result };
  }

  /** Statements after whose end the names mean what they meant before. */
  #block(statements: readonly Statement[]): Step[] {
    const outside = this.#names;
    this.#names = new Map(outside);
    const steps = this.#statements(statements);
    this.#names = outside;
    return steps;
  }

  #statements(statements: readonly Statement[]): Step[] {
    return statements.flatMap((statement) => this.#statement(statement));
  }

  #statement(statement: Statement): Step[] {
    switch (statement.type) {
      case "EmptyStatement":
        return [];
      case "BlockStatement":
        return this.#block(statement.body);
      case "VariableDeclaration":
        return statement.declarations.flatMap(({ id, init }) => this.#declare(id.name, init));
      case "ExpressionStatement":
        return [this.#assign(statement.expression)];
      case "ForStatement":
        return this.#loop(statement);
      case "IfStatement":
        return this.#branch(statement.test, statement.consequent, statement.alternate);
      default:
        throw unsupported(statement);
    }
  }

  #declare(name: string, init: Syntax | null): Step[] {
    if (init === null) throw new Unsupported(`${name} has no initial value`);
    if (!this.#syntax.assigned.has(name)) {
      const meaning = this.#integer(init) ?? this.#number(init);
      // The name of something that may change later would change with it: it gets a place instead.
      if ("terms" in meaning || meaning.locals.size === 0) {
        this.#names.set(name, meaning);
        return [];
      }
    }
    const to = this.#number(init);
    const local = this.#newName(name);
    this.#names.set(name, this.#trees.local(local));
    return [{ do: "set", name: local, to }];
  }

  #assign(expression: Syntax): Step {
    if (expression.type !== "AssignmentExpression" || expression.left.type !== "Identifier") {
      throw unsupported(expression);
    }
    const target = this.#names.get(expression.left.name);
    if (target === undefined || !("op" in target)) throw unsupported(expression.left);
    const right = this.#number(expression.right);
    const operator = expression.operator.slice(0, -1);
    if (operator !== "" && !ARITHMETIC.includes(operator)) throw unsupported(expression);
    const to = operator === ""
      ? right
      : this.#trees.binary(operator as BinaryOperation, target, right);
    return { do: "set", name: nameOf(target), to };
  }

  #loop({ init, test, update, body }: For): Step[] {
    const counter = counterOf(init, test, update);
    if (counter === undefined) throw new Unsupported("a loop is not a plain count");
    const [first, end] = [this.#integer(counter.first), this.#integer(counter.end)];
    if (first?.terms.size !== 0 || end?.terms.size !== 0) {
      throw new Unsupported("a loop has bounds that vary");
    }
    const last = end.constant - (counter.inclusive ? 0 : 1);
    if (last < first.constant) return [];
    const name = this.#newName(counter.name);
    this.#ranges.set(name, { first: first.constant, last });
    const outside = this.#names;
    this.#names = new Map(outside).set(counter.name, symbol(name));
    const inner = this.#block([body]);
    this.#names = outside;
    return [{ do: "loop", symbol: name, first: first.constant, last, body: inner }];
  }

  #branch(test: Syntax, consequent: Statement, alternate: Statement | null): Step[] {
    if (test.type === "LogicalExpression" && test.operator === "&&" && alternate === null) {
      const { condition, steps } = this.#keptCondition(test.left);
      const inner = this.#branch(test.right, consequent, null);
      return [...steps, { do: "if", test: condition, then: inner }];
    }
    const { condition, steps } = this.#keptCondition(test);
    steps.push({ do: "if", test: condition, then: this.#block([consequent]) });
    if (alternate !== null) {
      const otherwise = condition.op === "atLeast0"
        ? this.#trees.make({ op: "atLeast0", at: plus(constant(-1), condition.at, -1) })
        : this.#trees.unary("not", condition);
      steps.push({ do: "if", test: otherwise, then: this.#block([alternate]) });
    }
    return steps;
  }

  /** A condition, in a place of its own if the branches may change what it was made of. */
  #keptCondition(syntax: Syntax): { readonly condition: Expression; readonly steps: Step[] } {
    const condition = this.#condition(syntax);
    if (condition.locals.size === 0) return { condition, steps: [] };
    const kept = this.#newName("test");
    return {
      condition: this.#trees.local(kept),
      steps: [{ do: "set", name: kept, to: condition }],
    };
  }

  #condition(syntax: Syntax): Expression {
    const { type } = syntax;
    if (type !== "BinaryExpression" && type !== "LogicalExpression") throw unsupported(syntax);
    const { operator, left, right } = syntax;
    if (operator === "&&" || operator === "||") {
      const op = operator === "&&" ? "and" : "or";
      return this.#trees.binary(op, this.#condition(left), this.#condition(right));
    }
    if (!COMPARISONS.includes(operator)) throw unsupported(syntax);
    const [a, b] = [this.#integer(left), this.#integer(right)];
    const exact = a !== undefined && b !== undefined && this.#fits(plus(a, b, -1));
    if (!exact || operator.endsWith("==")) {
      return this.#trees.binary(
        operator as BinaryOperation,
        this.#number(left),
        this.#number(right),
      );
    }
    const [great, small] = operator.startsWith("<") ? [b, a] : [a, b];
    const margin = plus(great, small, -1);
    const at = operator.endsWith("=") ? margin : plus(margin, constant(-1));
    return this.#trees.make({ op: "atLeast0", at: this.#around.keep(at) });
  }

  /** An expression as an affine form, if it is one; sums of plain numbers are not taken for one. */
  #integer(syntax: Syntax): Affine | undefined {
    switch (syntax.type) {
      case "Literal":
        return Number.isInteger(syntax.value) ? constant(syntax.value as number) : undefined;
      case "Identifier": {
        const meaning = this.#names.get(syntax.name);
        return meaning !== undefined && "terms" in meaning ? meaning : undefined;
      }
      case "UnaryExpression": {
        const a = syntax.operator === "-" ? this.#integer(syntax.argument) : undefined;
        const isZero = a?.constant === 0 && a.terms.size === 0;
        // No integer is the zero with a sign.
        return a && !isZero ? times(a, -1) : undefined;
      }
      case "BinaryExpression": {
        const a = this.#integer(syntax.left);
        const b = a && this.#integer(syntax.right);
        if (a === undefined || b === undefined) return undefined;
        if (syntax.operator === "+") return plus(a, b);
        if (syntax.operator === "-") return plus(a, b, -1);
        return syntax.operator === "*" ? product(a, b) : undefined;
      }
      case "MemberExpression": {
        const [owner, name] = ownerOf(syntax);
        if (owner === "thread") return this.#cell[name];
        const value = owner === "constants" ? this.#launch.constants[name] : undefined;
        return Number.isInteger(value) ? constant(value!) : undefined;
      }
      default:
        return undefined;
    }
  }

  #number(syntax: Syntax): Expression {
    if (syntax.type === "UnaryExpression" && syntax.operator === "-") {
      const of = this.#number(syntax.argument);
      return of.op === "number" ? this.#trees.number(-of.value) : this.#trees.unary("neg", of);
    }
    const integer = this.#integer(syntax);
    if (integer !== undefined && this.#fits(integer)) return this.#indexNumber(integer);
    switch (syntax.type) {
      case "Literal":
        if (typeof syntax.value === "number") return this.#trees.number(syntax.value);
        break;
      case "Identifier": {
        const meaning = this.#names.get(syntax.name);
        if (meaning !== undefined && "op" in meaning) return meaning;
        break;
      }
      case "BinaryExpression":
        if (ARITHMETIC.includes(syntax.operator)) {
          return this.#trees.binary(
            syntax.operator as BinaryOperation,
            this.#number(syntax.left),
            this.#number(syntax.right),
          );
        }
        break;
      case "ConditionalExpression":
        return this.#trees.select(
          this.#condition(syntax.test),
          this.#number(syntax.consequent),
          this.#number(syntax.alternate),
        );
      case "CallExpression":
        return this.#call(syntax.callee, syntax.arguments);
      case "MemberExpression":
        if (syntax.computed) return this.#load(syntax);
        return this.#constant(syntax);
    }
    throw unsupported(syntax);
  }

  /** A name that nothing else has: identifiers have no dot. */
  #newName(name: string): string {
    return `${this.#around.prefix}${name}.${this.#count++}`;
  }

  #indexNumber(at: Affine): Expression {
    const kept = this.#around.keep(at);
    return kept.terms.size === 0
      ? this.#trees.number(kept.constant)
      : this.#trees.make({ op: "index", at: kept });
  }

  /** Whether a number never changes, or 32 bits hold it and the number before it. */
  #fits(at: Affine): boolean {
    const { least, greatest } = boundsOf(at, this.#ranges);
    return at.terms.size === 0 || (least > -(2 ** 31) && greatest < 2 ** 31);
  }

  #constant(syntax: Syntax): Expression {
    const [owner, name] = ownerOf(syntax);
    const value = owner === "constants" ? this.#launch.constants[name] : undefined;
    if (value === undefined) throw unsupported(syntax);
    return this.#trees.number(value);
  }

  #call(callee: Syntax, args: readonly Syntax[]): Expression {
    if (
      callee.type === "MemberExpression" && callee.object.type === "Identifier" &&
      callee.object.name === "Math" && callee.property.type === "Identifier"
    ) {
      const { name } = callee.property;
      const numbers = args.map((argument) => this.#number(argument));
      if (Object.hasOwn(UNARY, name) && numbers.length === 1) {
        return this.#trees.unary(UNARY[name], numbers[0]);
      }
      if (Object.hasOwn(BINARY, name) && numbers.length === 2) {
        return this.#trees.binary(BINARY[name], numbers[0], numbers[1]);
      }
    }
    throw unsupported(callee);
  }

  /** `a[i]`, `a[i][j]` or `a[i][j][k]`: the last index runs along memory. */
  #load(syntax: Syntax): Expression {
    const indices: Affine[] = [];
    let array = syntax;
    while (array.type === "MemberExpression" && array.computed) {
      const index = this.#integer(array.property);
      if (index === undefined) throw new Unsupported("an index is not affine");
      indices.push(index);
      array = array.object;
    }
    const position = array.type === "Identifier"
      ? this.#syntax.params.findIndex(({ name }) => name === array.name)
      : -1;
    const argument = this.#launch.arguments[position];
    if (argument === undefined || "scalar" in argument || indices.length > 3) {
      throw unsupported(syntax);
    }
    const [width, height] = argument.extents;
    const strides = [1, width, width * height];
    const at = indices.reduce((sum, index, i) => plus(sum, index, strides[i]), constant(0));
    return this.#around.known(argument.value, at) ??
      this.#trees.make({ op: "load", value: argument.value, at: this.#around.keep(at) });
  }
}

function nameOf(local: Expression): string {
  if (local.op !== "local") throw new Unsupported("only variables can be assigned");
  return local.name;
}

/** For `this.thread.x` `["thread", "x"]`; for anything else two empty names. */
function ownerOf(syntax: Syntax): [owner: string, name: string] {
  if (
    syntax.type === "MemberExpression" && !syntax.computed &&
    syntax.property.type === "Identifier" && syntax.object.type === "MemberExpression" &&
    syntax.object.object.type === "ThisExpression" && syntax.object.property.type === "Identifier"
  ) return [syntax.object.property.name, syntax.property.name];
  return ["", ""];
}

/** The parts of `for (let name = first; name < end; name++)`. */
function counterOf(init: For["init"], test: For["test"], update: For["update"]): {
  readonly name: string;
  readonly first: Syntax;
  readonly end: Syntax;
  readonly inclusive: boolean;
} | undefined {
  if (init?.type !== "VariableDeclaration" || init.declarations.length !== 1) return undefined;
  const { id: { name }, init: first } = (init as Declaration).declarations[0];
  const counts = (syntax: Syntax) => syntax.type === "Identifier" && syntax.name === name;
  if (
    first === null || test?.type !== "BinaryExpression" || !counts(test.left) ||
    !["<", "<="].includes(test.operator) || update?.type !== "UpdateExpression" ||
    update.operator !== "++" || !counts(update.argument)
  ) return undefined;
  return { name, first, end: test.right, inclusive: test.operator === "<=" };
}

function unsupported(node: { readonly type: string } | undefined): Unsupported {
  return new Unsupported(`${node?.type ?? "an empty body"} is not tiled`);
}
