/**
 * Norms and GDN of dual numbers, by their formulas (docs/semantics.md).
 *
 * @module
 */
import {
  add,
  div,
  type Dual,
  exp,
  log,
  matmul,
  meanKept,
  mul,
  plus,
  reshape,
  sqrt,
  square,
  sub,
  sumKept,
} from "./dual.ts";

/** (x - mean) / sqrt(variance + epsilon) over axes, with the moments. */
function normalized(x: Dual, axes: readonly number[], epsilon: number): Dual {
  const centred = sub(x, meanKept(x, axes));
  return div(centred, sqrt(plus(meanKept(square(centred), axes), epsilon)));
}

function affine(x: Dual, gamma: Dual, beta: Dual): Dual {
  return add(mul(x, gamma), beta);
}

/** Group norm of [n, ..., c]. */
export function groupNorm(
  x: Dual,
  gamma: Dual,
  beta: Dual,
  groups: number,
  epsilon: number,
): Dual {
  const [n] = x.shape;
  const c = x.shape.at(-1)!;
  const split = reshape(x, [n, x.values.length / n / c, groups, c / groups]);
  return affine(reshape(normalized(split, [1, 3], epsilon), x.shape), gamma, beta);
}

/** Layer norm over the last axis. */
export function layerNorm(x: Dual, gamma: Dual, beta: Dual, epsilon: number): Dual {
  return affine(normalized(x, [x.shape.length - 1], epsilon), gamma, beta);
}

/** RMS norm over the last axis. */
export function rmsNorm(x: Dual, gamma: Dual, epsilon: number): Dual {
  const power = meanKept(square(x), [x.shape.length - 1]);
  return mul(div(x, sqrt(plus(power, epsilon))), gamma);
}

/** Batch norm in training of [..., c]. */
export function batchNorm(x: Dual, gamma: Dual, beta: Dual, epsilon: number): Dual {
  const c = x.shape.at(-1)!;
  const rows = reshape(x, [x.values.length / c, c]);
  return affine(reshape(normalized(rows, [0], epsilon), x.shape), gamma, beta);
}

/** GDN of [..., c] with exponents 2 and 1/2, or its inverse: u = beta + gamma x^2. */
export function gdn(x: Dual, gamma: Dual, beta: Dual, inverse: boolean): Dual {
  const u = add(matmul(square(x), gamma), beta);
  return inverse ? mul(x, sqrt(u)) : div(x, sqrt(u));
}

/** GDN with alpha 1 and epsilon 1, of x above 0: u = beta + gamma x. */
export function linearGdn(x: Dual, gamma: Dual, beta: Dual): Dual {
  return div(x, add(matmul(x, gamma), beta));
}

/** -sum(labels * log softmax) of each row, without the last axis. */
export function crossEntropy(logits: Dual, labels: Dual): Dual {
  const last = logits.shape.length - 1;
  const total = log(sumKept(exp(logits), [last]));
  const rows = sumKept(mul(labels, sub(total, logits)), [last]);
  return reshape(rows, logits.shape.slice(0, -1));
}
