/**
 * Shapes, products of matrices, and what classifiers end with.
 *
 * @module
 */
import type { DenseParams } from "../arithmetic/dense.ts";
import type { MatmulOptions } from "../arithmetic/matmul.ts";
import type { AnyTensor } from "../tensor/types.ts";
import type { Value } from "./graph.ts";
import { binary, matrixOf, product, reduce, reshape, transpose, unary } from "./operators.ts";
import type { Writing } from "./writing.ts";

/** The same elements under another shape. */
export function writeReshape(w: Writing, x: AnyTensor, shape: readonly number[]): Value {
  return reshape(w.graph, w.valueOf("x", x), [...shape]);
}

/** The last two axes swapped. */
export function writeTranspose(w: Writing, x: AnyTensor): Value {
  const axes = x.shape.map((_, axis) => axis);
  const [rows, columns] = axes.splice(-2);
  return transpose(w.graph, w.valueOf("x", x), [...axes, columns, rows]);
}

/** A product of matrices; all axes of one but its last are its rows. */
export function writeMatmul(
  w: Writing,
  a: AnyTensor,
  b: AnyTensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Value {
  const g = w.graph;
  const left = matrixOf(g, w.valueOf("a", a));
  const right = matrixOf(g, w.valueOf("b", b));
  const flags = { transA: transposeA, transB: transposeB };
  const y = product(g, left, right, undefined, flags);
  return transposeA ? y : reshape(g, y, [...a.shape.slice(0, -1), y.shape[1]]);
}

/** A dense layer. */
export function writeDense(w: Writing, x: AnyTensor, { kernel, bias }: DenseParams): Value {
  const g = w.graph;
  const y = product(
    g,
    matrixOf(g, w.valueOf("x", x)),
    w.valueOf("kernel", kernel),
    bias === undefined ? undefined : w.valueOf("bias", bias),
  );
  return reshape(g, y, [...x.shape.slice(0, -1), y.shape[1]]);
}

/** `sum(labels (log sum exp(logits) - logits))` over the last axis; a label of 0 adds nothing. */
export function writeCrossEntropy(w: Writing, logits: AnyTensor, labels: AnyTensor): Value {
  const g = w.graph;
  const last = [logits.shape.length - 1];
  const z = w.valueOf("logits", logits);
  const p = w.valueOf("labels", labels);
  const below = binary(g, "Sub", z, reduce(g, "ReduceMax", z, last));
  const total = reduce(g, "ReduceSum", unary(g, "Exp", below), last);
  const terms = binary(g, "Mul", p, binary(g, "Sub", unary(g, "Log", total), below));
  const isNone = g.node("Equal", [p, g.number(0)], p.shape);
  const counted = g.node("Where", [isNone, g.number(0), terms], p.shape);
  return reduce(g, "ReduceSum", counted, last, false);
}
