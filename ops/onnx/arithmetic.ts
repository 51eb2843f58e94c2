/**
 * Arithmetic of elements, and what is made of it.
 *
 * @module
 */
import { resolveAxes } from "../plan/view.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { type Limits, type MinMaxNormOptions, TINY } from "../training/limits.ts";
import { LIMITS } from "../training/projections.ts";
import type { Graph, Value } from "./graph.ts";
import { binary, LARGEST, power, reduce, square, unary } from "./operators.ts";
import type { Writing } from "./writing.ts";

/** A writer of an operator of one tensor. */
export function ofOne(type: string): (w: Writing, x: AnyTensor) => Value {
  return (w, x) => unary(w.graph, type, w.valueOf("x", x));
}

/** A writer of an operator of two tensors. */
export function ofTwo(
  type: "Add" | "Sub" | "Mul" | "Div",
): (w: Writing, a: AnyTensor, b: AnyTensor) => Value {
  return (w, a, b) => binary(w.graph, type, w.valueOf("a", a), w.valueOf("b", b));
}

/** A writer of an operator of a tensor and a number. */
export function ofNumber(
  type: "Mul" | "Max" | "Min",
): (w: Writing, x: AnyTensor, number: number) => Value {
  return (w, x, number) => binary(w.graph, type, w.valueOf("x", x), w.graph.number(number));
}

/** x times x. */
export function writeSquare(w: Writing, x: AnyTensor): Value {
  return square(w.graph, w.valueOf("x", x));
}

/** x to the power of a number. */
export function writePow(w: Writing, x: AnyTensor, exponent: number): Value {
  const value = w.valueOf("x", x);
  if (exponent === 1) return value;
  return exponent === 2 ? square(w.graph, value) : power(w.graph, value, Math.fround(exponent));
}

/** `factor sum |x|`, or `factor sum x^2`. */
export function ofPenalty(
  name: "l1" | "l2",
): (w: Writing, x: AnyTensor, factor?: number) => Value {
  return (w, x, factor = 0.01) => {
    const g = w.graph;
    const value = w.valueOf("x", x);
    const sizes = name === "l1" ? unary(g, "Abs", value) : square(g, value);
    const sum = reduce(g, "ReduceSum", sizes, x.shape.map((_, axis) => axis), false);
    return binary(g, "Mul", sum, g.number(factor));
  };
}

/** Vectors of x with a norm between limits. */
export function ofProjection(
  name: keyof typeof LIMITS,
): (w: Writing, x: AnyTensor, options?: MinMaxNormOptions) => Value {
  return (w, x, options = {}) => {
    const g = w.graph;
    const limits = LIMITS[name](`apply ${name}`, options);
    const axes = resolveAxes(`apply ${name}`, "axis", limits.axes, x.shape.length);
    const value = w.valueOf("x", x);
    const squares = reduce(g, "ReduceSum", square(g, value), axes);
    const norm = unary(g, "Sqrt", squares);
    const length = w.style.precise ? binary(g, "Min", norm, g.number(LARGEST)) : norm;
    return binary(g, "Mul", value, factorOf(g, length, limits));
  };
}

/** `(rate clip(length, least, most) + (1 - rate) length) / (1e-7 + length)`. */
function factorOf(g: Graph, length: Value, { least, most, rate }: Limits): Value {
  const above = binary(g, "Max", length, g.number(least));
  const wanted = binary(g, "Min", above, g.number(most));
  const share = (x: Value, weight: number) => binary(g, "Mul", x, g.number(weight));
  const mixed = rate === 1
    ? wanted
    : binary(g, "Add", share(wanted, rate), share(length, 1 - rate));
  return binary(g, "Div", mixed, binary(g, "Add", length, g.number(TINY)));
}
