/**
 * Expressions as WGSL: one text for a cell, or one for several cells side by side in a vector.
 *
 * @module
 */
import type { Affine } from "../../lowering/affine.ts";
import { type Expression, isCondition, operands } from "../../lowering/tree.ts";

/** How what is not computed is written at one place of a shader. */
export interface Names {
  /** Cells in a vector; 1 where every expression is a single number. */
  readonly size: number;
  /** Whether an expression differs from cell to cell of a vector. */
  isVector(expression: Expression): boolean;
  /** Whether a variable does. */
  isVectorVariable(name: string): boolean;
  /** An integer form, of 32-bit integers, which hold the index of any element that fits in a buffer. */
  integer(at: Affine): string;
  load(value: number, at: Affine): string;
  scalar(scalar: number): string;
  local(name: string): string;
  /** What is there already, if the expression is. */
  known?(expression: Expression): string | undefined;
}

/** The text of an expression of which some parts have names. */
export function textOf(
  expression: Expression,
  names: Names,
  named: ReadonlyMap<Expression, string>,
): string {
  const known = named.get(expression) ?? names.known?.(expression);
  if (known !== undefined) return known;
  const parts = operands(expression);
  const vector = parts.some((part) => names.isVector(part));
  const [a, b, c] = parts.map((part) => {
    const text = textOf(part, names, named);
    // Functions and comparisons take no vector beside a number.
    return vector && !MIXED.has(expression.op) ? spread(text, part, names) : text;
  });
  switch (expression.op) {
    case "number":
      return literal(expression.value);
    case "scalar":
      return names.scalar(expression.scalar);
    case "index": {
      const type = floats(names.isVector(expression) ? names.size : 1);
      return `${type}(${names.integer(expression.at)})`;
    }
    case "atLeast0": {
      const zero = names.isVector(expression) ? `vec${names.size}i(0)` : "0";
      return `(${names.integer(expression.at)} >= ${zero})`;
    }
    case "load":
      return names.load(expression.value, expression.at);
    case "local":
      return names.local(expression.name);
    case "neg":
      return `-(${a})`;
    case "not":
      return `!(${a})`;
    case "select":
      return `select(${c}, ${b}, ${a})`;
    case "abs":
    case "sqrt":
    case "floor":
    case "exp":
    case "log":
      return `${expression.op}(${a})`;
    case "min":
    case "max":
    case "pow":
      return `${expression.op}(${a}, ${b})`;
    case "and":
    case "or": {
      const sign = expression.op === "and" ? "&" : "|";
      return `(${a} ${vector ? sign : sign + sign} ${b})`;
    }
    default:
      return `(${a} ${OPERATORS[expression.op] ?? expression.op} ${b})`;
  }
}

const OPERATORS: Readonly<Record<string, string>> = { "===": "==", "!==": "!=" };

/** Operations between a vector and a number. */
const MIXED: ReadonlySet<string> = new Set(["+", "-", "*", "/"]);

/** The text of an expression as a vector, all of whose cells are the same if it is a number. */
export function spread(text: string, expression: Expression, names: Names): string {
  return names.isVector(expression) ? text : `${typeOf(expression, names.size)}(${text})`;
}

/** The type of an expression for so many cells. */
export function typeOf(expression: Expression, size: number): string {
  if (!isCondition(expression)) return floats(size);
  return size === 1 ? "bool" : `vec${size}<bool>`;
}

/** The type of so many numbers. */
export function floats(size: number): string {
  return size === 1 ? "f32" : `vec${size}f`;
}

/** An integer form, given the texts of its symbols. */
export function integerText(
  { constant, terms }: Affine,
  symbol: (name: string) => string = nameOf,
): string {
  const parts = [...terms].map(([name, factor]) =>
    factor === 1 ? symbol(name) : `${factor} * ${symbol(name)}`
  );
  if (constant !== 0 || parts.length === 0) parts.push(`${constant}`);
  return parts.join(" + ");
}

/** Names of counters and variables have dots, which WGSL's have not. */
export function nameOf(name: string): string {
  return name.replaceAll(/\W/g, "_");
}

/** A number as WGSL writes it: rounded to float32, as it would be on its way through memory. */
function literal(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) {
    throw new Error(`Cannot emit WGSL: a number must be finite, got ${value}`);
  }
  const text = Object.is(rounded, -0) ? "-0.0" : `${rounded}`;
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}
