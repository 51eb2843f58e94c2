/**
 * Activations as operators.
 *
 * @module
 */
import type { Activation } from "../norm/activations.ts";
import type { Graph, Value } from "./graph.ts";
import { binary, unary } from "./operators.ts";

/** The operator set from which on there is one for gelu. */
const GELU_SINCE = 20;

/** An activation of every element. */
export function activated(g: Graph, x: Value, activation: Activation): Value {
  switch (activation) {
    case "none":
      return x;
    case "relu":
      return unary(g, "Relu", x);
    case "relu6":
      return g.node("Clip", [x, g.number(0), g.number(6)], x.shape);
    case "leakyRelu":
      return unary(g, "LeakyRelu", x, { alpha: 0.2 });
    case "elu":
      return unary(g, "Elu", x);
    case "sigmoid":
      return unary(g, "Sigmoid", x);
    case "tanh":
      return unary(g, "Tanh", x);
    case "softplus":
      return unary(g, "Softplus", x);
    case "swish":
      return binary(g, "Mul", x, unary(g, "Sigmoid", x));
    case "gelu":
      return g.opset < GELU_SINCE ? geluOf(g, x) : unary(g, "Gelu", x);
  }
}

/** x (1 + erf(x / sqrt 2)) / 2. */
function geluOf(g: Graph, x: Value): Value {
  const erf = unary(g, "Erf", binary(g, "Mul", x, g.number(Math.SQRT1_2)));
  const share = binary(g, "Add", erf, g.number(1));
  return binary(g, "Mul", binary(g, "Mul", x, share), g.number(0.5));
}
