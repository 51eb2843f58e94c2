/**
 * Activations that norms apply to their result in the same kernel.
 *
 * @module
 */
import type { Keys } from "../tensor/arguments.ts";

/**
 * The name of an activation f:
 *
 * - `"relu"`: max(x, 0)
 * - `"relu6"`: min(max(x, 0), 6)
 * - `"leakyRelu"`: x where x > 0, else 0.2 x
 * - `"elu"`: x where x > 0, else exp(x) - 1
 * - `"sigmoid"`: 1 / (1 + exp(-x))
 * - `"tanh"`: the hyperbolic tangent
 * - `"softplus"`: log(1 + exp(x))
 * - `"swish"`: x sigmoid(x)
 * - `"gelu"`: x (1 + erf(x / sqrt 2)) / 2, with erf to 1.5e-7
 * - `"none"`: x
 */
export type Activation =
  | "none"
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "elu"
  | "sigmoid"
  | "tanh"
  | "softplus"
  | "swish"
  | "gelu";

/** An activation that is missing here, or is none, does not compile. */
const NAMES: Keys<Record<Activation, unknown>> = {
  none: true,
  relu: true,
  relu6: true,
  leakyRelu: true,
  elu: true,
  sigmoid: true,
  tanh: true,
  softplus: true,
  swish: true,
  gelu: true,
};

/** The names of all activations. */
export const activations: readonly Activation[] = Object.keys(NAMES) as Activation[];
