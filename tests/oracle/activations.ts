/**
 * Activations in float64, and the error function that gelu needs.
 *
 * @module
 */

/** Activations by name. */
export type ActivationName =
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "elu"
  | "sigmoid"
  | "tanh"
  | "softplus"
  | "swish"
  | "gelu";

/** Every activation: `leakyRelu` has slope 0.2, `elu` has alpha 1, `gelu` is the exact one. */
export const activations: Readonly<Record<ActivationName, (x: number) => number>> = {
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leakyRelu: (x) => x >= 0 ? x : 0.2 * x,
  elu: (x) => x >= 0 ? x : Math.expm1(x),
  sigmoid,
  tanh: (x) => Math.tanh(x),
  // log(1 + e^x) with the exponential kept at or below 1, so that it does not overflow
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  swish: (x) => x * sigmoid(x),
  // 1 + erf(z) is erfc(-z), which keeps its digits where erf(z) is close to -1
  gelu: (x) => x / 2 * erfc(-x / Math.SQRT2),
};

/**
 * Applies an activation, or none.
 *
 * @param x The argument.
 * @param name Which one; the identity when absent.
 * @returns The value.
 */
export function activate(x: number, name?: ActivationName): number {
  return name === undefined ? x : activations[name](x);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Where the series of erf gives way to the continued fraction of erfc. */
const SWITCH = 1.5;

/**
 * The error function, right to about 1e-15.
 *
 * `erf(x) = 2/sqrt(pi) * integral_0^x exp(-t^2) dt`
 *
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 7.1.6 and 7.1.14.
 *
 * @param x Any number.
 * @returns In `-1 .. 1`.
 */
export function erf(x: number): number {
  if (Math.abs(x) < SWITCH) {
    return series(x);
  }
  return x > 0 ? 1 - fraction(x) : fraction(-x) - 1;
}

/**
 * The complement `1 - erf(x)`, right to about 2e-14 of its own size.
 *
 * @param x Any number.
 * @returns In `0 .. 2`.
 */
export function erfc(x: number): number {
  if (Math.abs(x) < SWITCH) {
    return 1 - series(x);
  }
  return x > 0 ? fraction(x) : 2 - fraction(-x);
}

/** erf near 0: 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 ... (2n+1)), terms of one sign. */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n <= 60; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/** erfc(x) for x >= 1.5: exp(-x^2)/sqrt(pi) * 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))). */
function fraction(x: number): number {
  let tail = x;
  for (let n = 120; n >= 1; n--) {
    tail = x + (n / 2) / tail;
  }
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}
