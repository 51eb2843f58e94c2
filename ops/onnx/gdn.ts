/**
 * GDN as operators: a product of matrices where channels are last, else a convolution of one position.
 *
 * @module
 */
import { ACTION, type CheckedGdn, checkGdn } from "../gdn/call.ts";
import type { GdnOptions } from "../gdn/options.ts";
import type { GdnParams, GdnVariables } from "../gdn/params.ts";
import type { AnyTensor } from "../tensor/types.ts";
import type { Graph, Value } from "./graph.ts";
import {
  binary,
  LARGEST,
  matrixOf,
  power,
  product,
  reshape,
  square,
  transpose,
  unary,
} from "./operators.ts";
import type { Writing } from "./writing.ts";

/** `x / (beta + sum gamma |x|^alpha)^epsilon`, or `*` in place of `/`. */
export function writeGdn(
  w: Writing,
  x: AnyTensor,
  params: GdnParams | GdnVariables,
  options: GdnOptions = {},
): Value {
  const g = w.graph;
  const checked = checkGdn(x, params, options, ACTION);
  const { inverse, rectify, alpha, epsilon } = checked;
  const given = w.valueOf("x", x);
  const value = rectify ? unary(g, "Relu", given) : given;
  const { beta, gamma } = effective(w, checked.params);
  const raised = poolOf(g, value, alpha);
  const bounded = w.style.precise ? binary(g, "Min", raised, g.number(LARGEST)) : raised;
  const pool = mixed(g, bounded, beta, gamma, checked.format);
  return binary(g, inverse ? "Mul" : "Div", value, rootOf(g, pool, epsilon));
}

function poolOf(g: Graph, x: Value, alpha: number): Value {
  if (alpha === 2) return square(g, x);
  const size = unary(g, "Abs", x);
  return alpha === 1 ? size : power(g, size, alpha);
}

function rootOf(g: Graph, pool: Value, epsilon: number): Value {
  if (epsilon === 1) return pool;
  return epsilon === 0.5 ? unary(g, "Sqrt", pool) : power(g, pool, epsilon);
}

/** `beta[i] + sum_j gamma[j, i] x[j]` at every position. */
function mixed(
  g: Graph,
  x: Value,
  beta: Value,
  gamma: Value,
  format: CheckedGdn["format"],
): Value {
  const { shape } = x;
  if (format === "channelsLast" || shape.length === 2) {
    return reshape(g, product(g, matrixOf(g, x), gamma, beta), shape);
  }
  // The kernel of a convolution has its outputs first.
  const kernel = [...gamma.shape, ...shape.slice(2).map(() => 1)];
  return g.node("Conv", [x, reshape(g, transpose(g, gamma, [1, 0]), kernel), beta], shape);
}

/** The effective parameters; stored ones of the graph's inputs are computed by the graph. */
function effective(w: Writing, checked: CheckedGdn["params"]): { beta: Value; gamma: Value } {
  if ("params" in checked) {
    const { beta, gamma } = checked.params;
    return { beta: w.valueOf("beta", beta), gamma: w.valueOf("gamma", gamma) };
  }
  const { variables, bounds } = checked;
  const g = w.graph;
  const of = (stored: Value, bound: number) => {
    const bounded = binary(g, "Max", stored, g.number(bound));
    return binary(g, "Sub", square(g, bounded), g.number(bounds.pedestal));
  };
  return {
    beta: of(w.valueOf("beta", variables.reparamBeta), bounds.betaBound),
    gamma: of(w.valueOf("gamma", variables.reparamGamma), bounds.gammaBound),
  };
}
