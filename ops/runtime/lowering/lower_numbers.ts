/**
 * Numbers and conditions of a kernel as trees.
 *
 * @module
 */
import type { Launch, LaunchArgument } from "../../plan/program.ts";
import { type Affine, boundsOf, constant, plus } from "./affine.ts";
import { integerOf } from "./lower_integers.ts";
import type { Meanings } from "./meanings.ts";
import { type Expression as Syntax, type KernelSyntax, ownerOf } from "./syntax.ts";
import type { BinaryOperation, Expression, Trees, UnaryOperation } from "./tree.ts";
import { Unsupported, unsupported } from "./unsupported.ts";

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

const UNARY: Readonly<Record<string, UnaryOperation>> = {
  abs: "abs",
  sqrt: "sqrt",
  floor: "floor",
  exp: "exp",
  log: "log",
};
const BINARY: Readonly<Record<string, BinaryOperation>> = { min: "min", max: "max", pow: "pow" };
/** Operators between numbers. */
export const ARITHMETIC = ["+", "-", "*", "/"];
const COMPARISONS = ["<", "<=", ">", ">=", "===", "!=="];

/** Lowers the expressions of one kernel. */
export class Numbers {
  readonly #params: KernelSyntax["params"];
  readonly #arguments: readonly LaunchArgument[];
  readonly #around: Surroundings;
  readonly #trees: Trees;
  readonly #meanings: Meanings;

  constructor(
    { params }: KernelSyntax,
    { arguments: args }: Launch,
    around: Surroundings,
    meanings: Meanings,
  ) {
    this.#params = params;
    this.#arguments = args;
    this.#around = around;
    this.#trees = around.trees;
    this.#meanings = meanings;
    params.forEach(({ name }, i) => {
      const argument = args[i];
      if ("scalar" in argument) {
        meanings.set(name, this.#trees.make({ op: "scalar", scalar: argument.scalar }));
      }
    });
  }

  /** A number as a tree. */
  number(syntax: Syntax): Expression {
    if (syntax.type === "UnaryExpression" && syntax.operator === "-") {
      const of = this.number(syntax.argument);
      return of.op === "number" ? this.#trees.number(-of.value) : this.#trees.unary("neg", of);
    }
    const integer = integerOf(syntax, this.#meanings);
    if (integer !== undefined && this.#fits(integer)) return this.#indexNumber(integer);
    switch (syntax.type) {
      case "Literal":
        if (typeof syntax.value === "number") return this.#trees.number(syntax.value);
        break;
      case "Identifier": {
        const meaning = this.#meanings.get(syntax.name);
        if (meaning !== undefined && "op" in meaning) return meaning;
        break;
      }
      case "BinaryExpression":
        if (ARITHMETIC.includes(syntax.operator)) {
          return this.#trees.binary(
            syntax.operator as BinaryOperation,
            this.number(syntax.left),
            this.number(syntax.right),
          );
        }
        break;
      case "ConditionalExpression":
        return this.#trees.select(
          this.condition(syntax.test),
          this.number(syntax.consequent),
          this.number(syntax.alternate),
        );
      case "CallExpression":
        return this.#call(syntax.callee, syntax.arguments);
      case "MemberExpression":
        if (syntax.computed) return this.#load(syntax);
        return this.#constant(syntax);
    }
    throw unsupported(syntax);
  }

  /** A condition as a tree. */
  condition(syntax: Syntax): Expression {
    const { type } = syntax;
    if (type !== "BinaryExpression" && type !== "LogicalExpression") throw unsupported(syntax);
    const { operator, left, right } = syntax;
    if (operator === "&&" || operator === "||") {
      const op = operator === "&&" ? "and" : "or";
      return this.#trees.binary(op, this.condition(left), this.condition(right));
    }
    if (!COMPARISONS.includes(operator)) throw unsupported(syntax);
    const a = integerOf(left, this.#meanings);
    const b = integerOf(right, this.#meanings);
    const exact = a !== undefined && b !== undefined && this.#fits(plus(a, b, -1));
    if (!exact || operator.endsWith("==")) {
      return this.#trees.binary(
        operator as BinaryOperation,
        this.number(left),
        this.number(right),
      );
    }
    const [great, small] = operator.startsWith("<") ? [b, a] : [a, b];
    const margin = plus(great, small, -1);
    const at = operator.endsWith("=") ? margin : plus(margin, constant(-1));
    return this.#trees.make({ op: "atLeast0", at: this.#around.keep(at) });
  }

  #indexNumber(at: Affine): Expression {
    const kept = this.#around.keep(at);
    return kept.terms.size === 0
      ? this.#trees.number(kept.constant)
      : this.#trees.make({ op: "index", at: kept });
  }

  /** Whether a number never changes, or 32 bits hold it and the number before it. */
  #fits(at: Affine): boolean {
    const { least, greatest } = boundsOf(at, this.#meanings.ranges);
    return at.terms.size === 0 || (least > -(2 ** 31) && greatest < 2 ** 31);
  }

  #constant(syntax: Syntax): Expression {
    const [owner, name] = ownerOf(syntax);
    const value = owner === "constants" ? this.#meanings.constants[name] : undefined;
    if (value === undefined) throw unsupported(syntax);
    return this.#trees.number(value);
  }

  #call(callee: Syntax, args: readonly Syntax[]): Expression {
    if (
      callee.type === "MemberExpression" && callee.object.type === "Identifier" &&
      callee.object.name === "Math" && callee.property.type === "Identifier"
    ) {
      const { name } = callee.property;
      const numbers = args.map((argument) => this.number(argument));
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
      const index = integerOf(array.property, this.#meanings);
      if (index === undefined) throw new Unsupported("an index is not affine");
      indices.push(index);
      array = array.object;
    }
    const position = array.type === "Identifier"
      ? this.#params.findIndex(({ name }) => name === array.name)
      : -1;
    const argument = this.#arguments[position];
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
