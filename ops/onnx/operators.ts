/**
 * Nodes of the operators that most ops are made of. What is made of constants alone is computed here,
 * and steps that undo each other are left out.
 *
 * @module
 */
import { broadcastShape } from "../arithmetic/broadcast.ts";
import { sameShape, sizeOf } from "../tensor/shape.ts";
import type { Graph, Value } from "./graph.ts";
import type { Attributes } from "./model.ts";

/** The largest float32 number: what a sum or a power counts as that overflows. */
export const LARGEST = 3.4028234663852886e38;

/** Operators of two values that broadcast. */
const BINARY = {
  Add: (a: number, b: number) => a + b,
  Sub: (a: number, b: number) => a - b,
  Mul: (a: number, b: number) => a * b,
  Div: (a: number, b: number) => a / b,
  Max: (a: number, b: number) => Math.max(a, b),
  Min: (a: number, b: number) => Math.min(a, b),
};

/** An operator of one value, of the same shape. */
export function unary(g: Graph, type: string, x: Value, attributes?: Attributes): Value {
  const data = numbersOf(x);
  if (type === "Sqrt" && data !== undefined) {
    return g.constant(data.map(Math.sqrt), x.shape, "sqrt");
  }
  return g.node(type, [x], x.shape, attributes);
}

/** An operator of two values, which broadcast. */
export function binary(g: Graph, type: keyof typeof BINARY, a: Value, b: Value): Value {
  const shape = broadcastShape("write an ONNX model", a.shape, b.shape);
  const left = numbersOf(a);
  const right = numbersOf(b);
  if (left !== undefined && right !== undefined) {
    const compute = BINARY[type];
    const length = sizeOf(shape);
    const alike = [left, right].every((data) => data.length === length || data.length === 1);
    if (alike) {
      const of = (data: Float64Array, i: number) => data[data.length === 1 ? 0 : i];
      const data = Float64Array.from({ length }, (_, i) => compute(of(left, i), of(right, i)));
      return g.constant(data, shape, type.toLowerCase());
    }
  }
  return g.node(type, [a, b], shape);
}

/** The square of a value. */
export function square(g: Graph, x: Value): Value {
  return binary(g, "Mul", x, x);
}

/** A power of a value. */
export function power(g: Graph, x: Value, exponent: number): Value {
  return g.node("Pow", [x, g.number(exponent)], x.shape);
}

/** The operator set in which the axes of a reduction became an input. */
const AXES_ARE_AN_INPUT = { ReduceSum: 13, ReduceMean: 18, ReduceMax: 18 };

/** Reduces axes, which stay with an extent of 1, or are left out. Over no axis the value stays. */
export function reduce(
  g: Graph,
  type: keyof typeof AXES_ARE_AN_INPUT,
  x: Value,
  axes: readonly number[],
  keep = true,
): Value {
  if (axes.length === 0) return x;
  const shape = keep
    ? x.shape.map((extent, axis) => axes.includes(axis) ? 1 : extent)
    : x.shape.filter((_, axis) => !axes.includes(axis));
  const keepdims = keep ? 1n : 0n;
  return g.opset < AXES_ARE_AN_INPUT[type]
    ? g.node(type, [x], shape, { axes, keepdims })
    : g.node(type, [x, g.axes(axes)], shape, { keepdims });
}

/** The same elements under another shape. */
export function reshape(g: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.data !== undefined) return { ...x, shape };
  const before = g.producerOf(x);
  // Of two in a row the second alone counts.
  if (before?.type === "Reshape") return reshape(g, before.inputs[0], shape);
  return g.node("Reshape", [x, g.extents(shape)], shape);
}

/** The axes in another order: axis i is the one that was `order[i]`. */
export function transpose(g: Graph, x: Value, order: readonly number[]): Value {
  if (order.every((axis, i) => axis === i)) return x;
  const shape = order.map((axis) => x.shape[axis]);
  const data = numbersOf(x);
  if (data !== undefined && order.length === 2) return transposedMatrix(g, x, data, shape);
  const before = g.producerOf(x);
  if (before?.type === "Transpose") {
    const first = before.attributes.perm as readonly number[];
    return transpose(g, before.inputs[0], order.map((axis) => first[axis]));
  }
  return g.node("Transpose", [x], shape, { perm: order });
}

function transposedMatrix(
  g: Graph,
  x: Value,
  data: Float64Array,
  [rows, columns]: readonly number[],
): Value {
  const moved = data.map((_, i) => data[i % columns * rows + Math.floor(i / columns)]);
  return { ...g.constant(moved, [rows, columns]), label: x.label };
}

/** A product of matrices, and what is added to each of its rows. */
export function product(
  g: Graph,
  a: Value,
  b: Value,
  bias?: Value,
  { transA = false, transB = false }: { readonly transA?: boolean; readonly transB?: boolean } = {},
): Value {
  const shape = [a.shape[transA ? 1 : 0], b.shape[transB ? 0 : 1]];
  return g.node("Gemm", bias === undefined ? [a, b] : [a, b, bias], shape, {
    ...(transA && { transA: 1n }),
    ...(transB && { transB: 1n }),
  });
}

/** A value whose last axis is the columns of a matrix, and all others its rows. */
export function matrixOf(g: Graph, x: Value): Value {
  const columns = x.shape[x.shape.length - 1];
  return reshape(g, x, [sizeOf(x.shape.slice(0, -1)), columns]);
}

/** The numbers of a constant that is not a list of integers. */
function numbersOf({ data }: Value): Float64Array | undefined {
  if (data === undefined || data instanceof BigInt64Array) return undefined;
  return data instanceof Float64Array ? data : Float64Array.from(data);
}
