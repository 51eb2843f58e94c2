/**
 * The vector-Jacobian product of GDN and IGDN: what a cotangent dy of y is to x, beta, gamma and both
 * exponents. With sign = -1, or +1 for the inverse, and u as in gdn.ts:
 *
 * pull[i] = dL/du[i] = sign epsilon dy[i] x[i] u[i]^(sign epsilon - 1), and everything else follows from
 * it by the chain rule through u[i] = beta[i] + sum_j gamma[j, i] |x[j]|^alpha.
 */
import { at, type Cell, type Field, type Matrix, type Vector } from "./_coordinates.ts";

declare const FORMAT: "channelsLast" | "channelsFirst" | "flat";
declare const INVERSE: boolean;
declare const RECTIFY: boolean;
declare const POOL: "square" | "absolute" | "power";
declare const ROOT: "square" | "one" | "power";

/** u[n, c, s] = beta[c] + sum_j gamma[j, c] pool_j. */
export function gdnSum(
  this: Cell<"channels">,
  pool: Field,
  beta: Vector,
  gamma: Matrix,
): number {
  let u = beta[this.cell.c];
  for (let j = 0; j < this.constants.channels; j++) {
    const v = at(pool, this.cell.n, j, this.cell.s);
    if (POOL === "square") {
      u += Math.min(v * v, 3.4028234663852886e38) * gamma[j][this.cell.c];
    } else if (POOL === "absolute") {
      u += Math.abs(v) * gamma[j][this.cell.c];
    } else {
      u += v * gamma[j][this.cell.c];
    }
  }
  return u;
}

/** y where u is there already: x / u^epsilon, or x u^epsilon for the inverse. */
export function gdnOutput(this: Cell<never>, x: Vector, u: Vector, epsilon: number): number {
  let root = u[this.cell.c];
  if (ROOT === "square") {
    root = Math.sqrt(root);
  } else if (ROOT === "power") {
    root = Math.pow(root, epsilon);
  }
  return INVERSE ? x[this.cell.c] * root : x[this.cell.c] / root;
}

/** The cotangent of u, element by element; 0 for the inverse of 0. */
export function gdnPull(
  this: Cell<never>,
  x: Vector,
  u: Vector,
  dy: Vector,
  epsilon: number,
): number {
  const sum = u[this.cell.c];
  const v = x[this.cell.c];
  let pull = 0;
  // dy meets x / root, which overflows only where y does.
  if (ROOT === "square") {
    pull = dy[this.cell.c] * (v / Math.sqrt(sum)) * 0.5;
  } else if (ROOT === "one") {
    pull = INVERSE ? dy[this.cell.c] * v : dy[this.cell.c] * (v / sum);
  } else {
    pull = INVERSE
      ? dy[this.cell.c] * v * (epsilon * Math.pow(sum, epsilon - 1))
      : dy[this.cell.c] * (v / Math.pow(sum, epsilon)) * epsilon;
  }
  // The inverse of 0 is 0 whatever u is, and if that is 0, too.
  return INVERSE ? (v === 0 ? 0 : pull) : -pull / sum;
}

/** What the cotangents of all u bring back to |x[c]|^alpha: sum_i gamma[c, i] pull_i. */
export function gdnBack(this: Cell<"channels">, pull: Field, gamma: Matrix): number {
  let sum = 0;
  for (let i = 0; i < this.constants.channels; i++) {
    sum += at(pull, this.cell.n, i, this.cell.s) * gamma[this.cell.c][i];
  }
  return sum;
}

/**
 * The cotangent of x: through the numerator, and through the pool with the derivative of |x|^alpha. That
 * is 0 at 0, and where |x|^alpha is beyond float32 and counts as its largest number.
 */
export function gdnInput(
  this: Cell<never>,
  x: Vector,
  u: Vector,
  dy: Vector,
  back: Vector,
  alpha: number,
  epsilon: number,
): number {
  const v = x[this.cell.c];
  let root = u[this.cell.c];
  if (ROOT === "square") {
    root = Math.sqrt(root);
  } else if (ROOT === "power") {
    root = Math.pow(root, epsilon);
  }
  const sign = v > 0 ? 1 : (v < 0 ? -1 : 0);
  let slope = sign;
  if (POOL === "square") {
    slope = v * v <= 3.4028234663852886e38 ? 2 * v : 0;
  } else if (POOL === "power") {
    // At 0 and alpha < 1 this is infinite, which shaders do not promise to tell from a number.
    const raised = Math.pow(Math.abs(v), alpha - 1);
    slope = v !== 0 && raised * Math.abs(v) <= 3.4028234663852886e38 ? alpha * sign * raised : 0;
  }
  const direct = INVERSE ? dy[this.cell.c] * root : dy[this.cell.c] / root;
  const cotangent = direct + slope * back[this.cell.c];
  return RECTIFY ? (v > 0 ? cotangent : 0) : cotangent;
}

/** The share of one element in the cotangent of alpha: |x|^alpha ln|x| back, and 0 where x is. */
export function gdnAlpha(this: Cell<never>, x: Vector, back: Vector, alpha: number): number {
  const size = Math.abs(x[this.cell.c]);
  const safe = size > 0 ? size : 1;
  let pool = safe;
  if (POOL === "square") {
    pool = Math.min(safe * safe, 3.4028234663852886e38);
  } else if (POOL === "power") {
    pool = Math.min(Math.pow(safe, alpha), 3.4028234663852886e38);
  }
  return pool * Math.log(safe) * back[this.cell.c];
}

/** The share of one element in the cotangent of epsilon: sign dy x u^(sign epsilon) ln u; 0 where u is. */
export function gdnEpsilon(
  this: Cell<never>,
  x: Vector,
  u: Vector,
  dy: Vector,
  epsilon: number,
): number {
  const sum = u[this.cell.c];
  let root = sum;
  if (ROOT === "square") {
    root = Math.sqrt(root);
  } else if (ROOT === "power") {
    root = Math.pow(root, epsilon);
  }
  const log = Math.log(sum === 0 ? 1 : sum);
  return INVERSE
    ? dy[this.cell.c] * (x[this.cell.c] * root) * log
    : -dy[this.cell.c] * (x[this.cell.c] / root) * log;
}

/**
 * sum over positions of pool_j pull_i: gamma's cotangent. In channelsLast a cell is (chunk of positions,
 * j at its position, i at its channel), in channelsFirst (sample, j at its channel, i at its position).
 */
export function gdnOuter(
  this: Cell<"positions" | "length" | "blocks" | "block">,
  pool: Field,
  pull: Field,
): number {
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let k = 0; k < this.constants.block; k++) {
      const step = b * this.constants.block + k;
      const s = FORMAT === "channelsLast" ? this.cell.n * this.constants.length + step : step;
      if (step < this.constants.length && s < this.constants.positions) {
        const v = FORMAT === "channelsLast"
          ? at(pool, 0, this.cell.s, s)
          : at(pool, this.cell.n, this.cell.c, s);
        const back = FORMAT === "channelsLast"
          ? at(pull, 0, this.cell.c, s)
          : at(pull, this.cell.n, this.cell.s, s);
        if (POOL === "square") {
          part += Math.min(v * v, 3.4028234663852886e38) * back;
        } else if (POOL === "absolute") {
          part += Math.abs(v) * back;
        } else {
          part += v * back;
        }
      }
    }
    sum += part;
  }
  return sum;
}

/**
 * The cotangent of a stored parameter. It passes the bound where the parameter is not below it, or
 * where a step against it leads back.
 */
export function effectiveVjp(
  this: Cell<never>,
  stored: Vector,
  cotangent: Vector,
  bound: number,
): number {
  const pushed = 2 * Math.max(stored[this.cell.c], bound) * cotangent[this.cell.c];
  return stored[this.cell.c] >= bound || pushed < 0 ? pushed : 0;
}
