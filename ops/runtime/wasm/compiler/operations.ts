/**
 * The instructions of operations whose operands are on the stack already.
 *
 * @module
 */
import type { Code } from "./code.ts";
import type { ElementaryFunctions } from "./elementary.ts";
import type { Expression } from "../../lowering/tree.ts";

/** An expression with operands. */
export type Operation = Expression & { readonly of: readonly Expression[] };

/**
 * Emits an operation.
 *
 * @param value Emits an operand.
 */
export function emitOperation(
  code: Code,
  functions: ElementaryFunctions,
  expression: Operation,
  value: (part: Expression) => void,
): void {
  if (expression.op === "select") {
    const [test, a, b] = expression.of as [Expression, Expression, Expression];
    [a, b, test].forEach(value);
    code.do("v128.bitselect");
    return;
  }
  expression.of.forEach(value);
  const { op } = expression;
  if (op === "exp" || op === "log" || op === "pow") code.call(functions.index(op));
  else if (op === "min" && isPlainLimit(expression.of[1])) code.do("f32x4.pmin");
  else code.do(INSTRUCTION[op as keyof typeof INSTRUCTION]);
}

/**
 * Whether "the second where it is less, else the first" is the minimum with this number, which a
 * processor does in one instruction instead of seven: the number is not NaN and no zero with a sign.
 */
function isPlainLimit(limit: Expression): boolean {
  return limit.op === "number" && Math.abs(limit.value) > 0;
}

const INSTRUCTION = {
  neg: "f32x4.neg",
  abs: "f32x4.abs",
  sqrt: "f32x4.sqrt",
  floor: "f32x4.floor",
  not: "v128.not",
  "+": "f32x4.add",
  "-": "f32x4.sub",
  "*": "f32x4.mul",
  "/": "f32x4.div",
  min: "f32x4.min",
  max: "f32x4.max",
  "<": "f32x4.lt",
  "<=": "f32x4.le",
  ">": "f32x4.gt",
  ">=": "f32x4.ge",
  "===": "f32x4.eq",
  "!==": "f32x4.ne",
  and: "v128.and",
  or: "v128.or",
} as const;
