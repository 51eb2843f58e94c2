/**
 * Kernels as trees of operations: what lowering makes of syntax, and what code is emitted from.
 *
 * @module
 */
import { type Affine, keyOf } from "./affine.ts";

/** Operations on one number. `not` takes a condition. */
export type UnaryOperation = "neg" | "abs" | "sqrt" | "floor" | "exp" | "log" | "not";

/** Operations on two numbers; the second row gives conditions, the third combines them. */
export type BinaryOperation =
  | ("+" | "-" | "*" | "/" | "min" | "max" | "pow")
  | ("<" | "<=" | ">" | ">=" | "===" | "!==")
  | ("and" | "or");

/** What can be computed. Two equal expressions of one {@linkcode Trees} are one object. */
export type Expression =
  & (
    | { readonly op: "number"; readonly value: number }
    /** A number that the run is given. */
    | { readonly op: "scalar"; readonly scalar: number }
    /** An integer form as a number. */
    | { readonly op: "index"; readonly at: Affine }
    /** The condition that an integer form is not negative. */
    | { readonly op: "atLeast0"; readonly at: Affine }
    /** An element of a value of the program. */
    | { readonly op: "load"; readonly value: number; readonly at: Affine }
    /** A variable that is assigned more than once. */
    | { readonly op: "local"; readonly name: string }
    | { readonly op: UnaryOperation; readonly of: readonly [Expression] }
    | { readonly op: BinaryOperation; readonly of: readonly [Expression, Expression] }
    /** The second where the first holds, else the third. */
    | { readonly op: "select"; readonly of: readonly [Expression, Expression, Expression] }
  )
  & Known;

/** What is known of an expression without running it. */
interface Known {
  /** Its number among the expressions of its {@linkcode Trees}. */
  readonly id: number;
  /** Symbols that its value depends on, directly. */
  readonly symbols: ReadonlySet<string>;
  /** Variables that its value depends on. */
  readonly locals: ReadonlySet<string>;
  /** Whether it reads memory. */
  readonly reads: boolean;
}

/** What is done, in order. */
export type Step =
  | { readonly do: "set"; readonly name: string; readonly to: Expression }
  /** Writes an element of a value. */
  | {
    readonly do: "store";
    readonly value: number;
    readonly at: Affine;
    readonly from: Expression;
  }
  | { readonly do: "if"; readonly test: Expression; readonly then: readonly Step[] }
  | {
    readonly do: "loop";
    readonly symbol: string;
    /** The counter's first and last value; the loop runs at least once. */
    readonly first: number;
    readonly last: number;
    readonly body: readonly Step[];
  };

type Shape = Expression extends infer E ? E extends Known ? Omit<E, keyof Known> : never : never;

const NONE: ReadonlySet<string> = new Set();

/** Makes expressions, one object for each. */
export class Trees {
  readonly #made = new Map<string, Expression>();

  /** The expression of this shape. */
  make(shape: Shape): Expression {
    const key = keyOfShape(shape);
    let made = this.#made.get(key);
    if (made === undefined) {
      made = { ...shape, id: this.#made.size, ...knownOf(shape) } as Expression;
      this.#made.set(key, made);
    }
    return made;
  }

  /** An expression with other operands. */
  with(expression: Expression, of: readonly Expression[]): Expression {
    return this.make({ op: expression.op, of } as unknown as Shape);
  }

  number(value: number): Expression {
    return this.make({ op: "number", value });
  }

  local(name: string): Expression {
    return this.make({ op: "local", name });
  }

  unary(op: UnaryOperation, a: Expression): Expression {
    return this.make({ op, of: [a] });
  }

  binary(op: BinaryOperation, a: Expression, b: Expression): Expression {
    return this.make({ op, of: [a, b] });
  }

  select(test: Expression, a: Expression, b: Expression): Expression {
    return this.make({ op: "select", of: [test, a, b] });
  }
}

/** Operands of an expression. */
export function operands(expression: Expression): readonly Expression[] {
  return "of" in expression ? expression.of : [];
}

/** Whether the answer is a condition. */
export function isCondition({ op }: Expression): boolean {
  return ["<", "<=", ">", ">=", "===", "!==", "and", "or", "not", "atLeast0"].includes(op);
}

/** Whether it is the same number for every cell. */
export function isLeaf({ op }: Expression): boolean {
  return op === "number" || op === "scalar";
}

/** Calls `visit` with what each of the steps computes, and with the loops around it. */
export function forEachRoot(
  steps: readonly Step[],
  visit: (expression: Expression, loops: readonly string[]) => void,
  loops: readonly string[] = [],
): void {
  for (const step of steps) {
    if (step.do === "set") visit(step.to, loops);
    else if (step.do === "store") visit(step.from, loops);
    else if (step.do === "if") {
      visit(step.test, loops);
      forEachRoot(step.then, visit, loops);
    } else forEachRoot(step.body, visit, [...loops, step.symbol]);
  }
}

/**
 * Calls `visit` with every expression of the steps and all that they are made of: once for each step,
 * however often it is shared there, since chains of sums of a value with itself have few expressions
 * but endlessly many paths.
 */
export function forEachExpression(
  steps: readonly Step[],
  visit: (expression: Expression, loops: readonly string[]) => void,
): void {
  forEachRoot(steps, (root, loops) => {
    const seen = new Set<Expression>();
    const walk = (expression: Expression) => {
      if (seen.has(expression)) return;
      seen.add(expression);
      visit(expression, loops);
      operands(expression).forEach(walk);
    };
    walk(root);
  });
}

/** Turns of the loops in steps that are done once. */
export function turnsIn(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    if (step.do === "if") return sum + turnsIn(step.then);
    if (step.do !== "loop") return sum;
    return sum + (step.last - step.first + 1) * Math.max(1, turnsIn(step.body));
  }, 0);
}

/** How often each expression is used by the steps and by other expressions. */
export function usesIn(steps: readonly Step[]): ReadonlyMap<Expression, number> {
  const uses = new Map<Expression, number>();
  const use = (expression: Expression) => uses.set(expression, (uses.get(expression) ?? 0) + 1);
  forEachRoot(steps, use);
  forEachExpression(steps, (user) => operands(user).forEach(use));
  return uses;
}

function keyOfShape(shape: Shape): string {
  switch (shape.op) {
    case "number":
      return Object.is(shape.value, -0) ? "-0" : `${shape.value}`;
    case "scalar":
      return `scalar ${shape.scalar}`;
    case "local":
      return `local ${shape.name}`;
    case "load":
      return `load ${shape.value} ${keyOf(shape.at)}`;
    case "index":
    case "atLeast0":
      return `${shape.op} ${keyOf(shape.at)}`;
    default:
      return `${shape.op} ${shape.of.map(({ id }) => id).join(" ")}`;
  }
}

function knownOf(shape: Shape): Omit<Known, "id"> {
  let symbols = NONE;
  let locals = NONE;
  let reads = shape.op === "load";
  if ("at" in shape && shape.at.terms.size > 0) symbols = new Set(shape.at.terms.keys());
  if (shape.op === "local") locals = new Set([shape.name]);
  if ("of" in shape) {
    for (const part of shape.of) {
      symbols = union(symbols, part.symbols);
      locals = union(locals, part.locals);
      reads ||= part.reads;
    }
  }
  return { symbols, locals, reads };
}

/** The members of two sets: one of the two, where that has them all. */
function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.size === 0) return b;
  for (const name of b) {
    if (!a.has(name)) return new Set([...a, ...b]);
  }
  return a;
}
