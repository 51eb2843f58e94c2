/**
 * Generalized divisive normalization in float64, its stored parameters and its gradient.
 *
 * @module
 */
import { type Array64, array64, type NumberArray, positiveAxis, strideOf } from "./array.ts";

/** Options of {@linkcode gdn}; by default the classic form: squares under a square root. */
export interface GdnOptions {
  /** Multiply by the root instead of dividing by it. @default {false} */
  inverse?: boolean;
  /** Power of `|x|` in the pool. @default {2} */
  alpha?: number;
  /** Power of the pool. @default {0.5} */
  epsilon?: number;
  /** Replace `x` by `max(x, 0)` first, also where it is normalised. @default {false} */
  rectify?: boolean;
  /** Which axis holds the channels; may be negative. @default {-1} */
  channelsAxis?: number;
}

/** What {@linkcode gdnVjp} returns: the gradient with respect to each argument. */
export interface GdnGradients {
  /** Shape of `x`. */
  dx: Array64;
  /** One per channel. */
  dBeta: Float64Array;
  /** Row-major, `dGamma[j * channels + i]` from input channel j to output channel i. */
  dGamma: Float64Array;
  /** For the one exponent that all locations share. */
  dAlpha: number;
  /** For the one exponent that all locations share. */
  dEpsilon: number;
}

/**
 * Divides each channel by a pool over all channels at the same place.
 *
 * `u[i] = beta[i] + sum_j gamma[j, i] |x[j]|^alpha`
 * `y[i] = x[i] / u[i]^epsilon`, or `x[i] * u[i]^epsilon` for the inverse
 *
 * Source: the layers GDN of tf.contrib 1.15 (alpha 2, epsilon 1/2) and of tensorflow_compression 2,
 * where the latter documents `|x|` and this takes it for every alpha (docs/semantics.md, sections 2.1
 * and 2.7).
 *
 * @param x Any rank with a channel axis. Not modified.
 * @param beta One per channel.
 * @param gamma Row-major `(channels, channels)`, input channel first.
 * @param options Form of the op.
 * @returns A new array with the shape of `x`.
 */
export function gdn(
  x: NumberArray,
  beta: ArrayLike<number>,
  gamma: ArrayLike<number>,
  options: GdnOptions = {},
): Array64 {
  const { inverse = false, epsilon = 0.5, rectify = false } = options;
  const v = rectified(x, rectify);
  const u = pools(v, beta, gamma, options);
  const y = array64(v.data, v.shape);
  for (let index = 0; index < y.data.length; index++) {
    const root = u[index] ** epsilon;
    y.data[index] = inverse ? v.data[index] * root : v.data[index] / root;
  }
  return y;
}

/**
 * Gradient of `sum(g * gdn(x))` with respect to every argument of {@linkcode gdn}.
 *
 * With s = -1, or +1 for the inverse, and sums over locations where a parameter is shared:
 * `q[i] = s epsilon g[i] x[i] u[i]^(s epsilon - 1)`
 * `dx[k] = g[k] u[k]^(s epsilon) + alpha sgn(x[k]) |x[k]|^(alpha - 1) sum_i gamma[k, i] q[i]`
 * `dBeta[i] = sum q[i]`, `dGamma[j, i] = sum |x[j]|^alpha q[i]`
 * `dAlpha = sum_i q[i] sum_j gamma[j, i] |x[j]|^alpha ln |x[j]|`
 * `dEpsilon = s sum_i g[i] x[i] u[i]^(s epsilon) ln u[i]`
 *
 * Terms with `x[k] = 0` count as 0. Source: docs/semantics.md, section 2.4.
 *
 * @param x As for {@linkcode gdn}.
 * @param beta As for {@linkcode gdn}.
 * @param gamma As for {@linkcode gdn}.
 * @param g Gradient with respect to the output, as many as `x` has elements.
 * @param options As for {@linkcode gdn}.
 * @returns New arrays.
 */
export function gdnVjp(
  x: NumberArray,
  beta: ArrayLike<number>,
  gamma: ArrayLike<number>,
  g: ArrayLike<number>,
  options: GdnOptions = {},
): GdnGradients {
  const { inverse = false, alpha = 2, epsilon = 0.5, rectify = false, channelsAxis = -1 } = options;
  const v = rectified(x, rectify);
  const u = pools(v, beta, gamma, options);
  const sign = inverse ? 1 : -1;
  const power = sign * epsilon;
  const axis = positiveAxis(channelsAxis, x.shape.length);
  const stride = strideOf(x.shape, axis);
  const channels = x.shape[axis];

  const q = new Float64Array(u.length);
  for (let index = 0; index < u.length; index++) {
    q[index] = power * g[index] * v.data[index] * u[index] ** (power - 1);
  }

  const dx = array64(v.data, v.shape);
  const dBeta = new Float64Array(channels);
  const dGamma = new Float64Array(channels * channels);
  let dAlpha = 0;
  let dEpsilon = 0;
  for (let index = 0; index < u.length; index++) {
    const k = Math.floor(index / stride) % channels;
    const value = v.data[index];
    const size = Math.abs(value);
    let pull = 0; // sum_i gamma[k, i] q[i] at this location
    for (let i = 0; i < channels; i++) {
      const other = q[index + (i - k) * stride];
      pull += gamma[k * channels + i] * other;
      dGamma[k * channels + i] += size ** alpha * other;
    }
    dBeta[k] += q[index];
    dEpsilon += sign * g[index] * value * u[index] ** power * Math.log(u[index]);
    dx.data[index] = g[index] * u[index] ** power;
    if (value !== 0) {
      dAlpha += size ** alpha * Math.log(size) * pull;
      dx.data[index] += alpha * Math.sign(value) * size ** (alpha - 1) * pull;
    }
    if (rectify && !(x.data[index] > 0)) {
      dx.data[index] = 0;
    }
  }
  return { dx, dBeta, dGamma, dAlpha, dEpsilon };
}

function rectified(x: NumberArray, rectify: boolean): Array64 {
  const v = array64(x.data, x.shape);
  for (let index = 0; rectify && index < v.data.length; index++) {
    v.data[index] = Math.max(v.data[index], 0);
  }
  return v;
}

/** u of each element: channel i of the pool at the place of that element. */
function pools(
  v: Array64,
  beta: ArrayLike<number>,
  gamma: ArrayLike<number>,
  { alpha = 2, channelsAxis = -1 }: GdnOptions,
): Float64Array {
  const axis = positiveAxis(channelsAxis, v.shape.length);
  const stride = strideOf(v.shape, axis);
  const channels = v.shape[axis];
  const u = new Float64Array(v.data.length);
  for (let index = 0; index < u.length; index++) {
    const i = Math.floor(index / stride) % channels;
    u[index] = beta[i];
    for (let j = 0; j < channels; j++) {
      u[index] += gamma[j * channels + i] * Math.abs(v.data[index + (j - i) * stride]) ** alpha;
    }
  }
  return u;
}

/**
 * The stored parameter whose effective value is `value`: `sqrt(max(value + offset^2, offset^2))`.
 *
 * Source: docs/semantics.md, section 2.2.
 *
 * @param value Effective values, `>= 0`. Not modified.
 * @param offset The reparametrisation offset.
 * @returns As many stored values.
 */
export function stored(value: ArrayLike<number>, offset: number): Float64Array {
  const pedestal = offset ** 2;
  return Float64Array.from(value, (v) => Math.sqrt(Math.max(v + pedestal, pedestal)));
}

/**
 * The effective parameter of a stored one: `max(raw, bound)^2 - offset^2` over
 * {@linkcode parameterBound}.
 *
 * Source: docs/semantics.md, section 2.2.
 *
 * @param raw Stored values. Not modified.
 * @param minimum Smallest effective value: betaMin, or 0 for gamma.
 * @param offset The reparametrisation offset.
 * @returns As many effective values.
 */
export function effective(
  raw: ArrayLike<number>,
  minimum: number,
  offset: number,
): Float64Array {
  const clamped = lowerBound(raw, parameterBound(minimum, offset));
  return clamped.map((v) => v ** 2 - offset ** 2);
}

/**
 * Gradient with respect to the stored parameter, given the one with respect to the effective: the
 * chain through the square first, then the rule of {@linkcode lowerBoundGradient}.
 *
 * Source: docs/semantics.md, section 2.3.
 *
 * @param raw Stored values. Not modified.
 * @param minimum As for {@linkcode effective}.
 * @param offset As for {@linkcode effective}.
 * @param g Gradient with respect to the effective values.
 * @returns As many values.
 */
export function effectiveGradient(
  raw: ArrayLike<number>,
  minimum: number,
  offset: number,
  g: ArrayLike<number>,
): Float64Array {
  const bound = parameterBound(minimum, offset);
  const clamped = lowerBound(raw, bound);
  return lowerBoundGradient(raw, bound, clamped.map((v, index) => 2 * v * g[index]));
}

/**
 * Smallest stored value: `sqrt(minimum + offset^2)`.
 *
 * @param minimum Smallest effective value.
 * @param offset The reparametrisation offset.
 * @returns The bound.
 */
export function parameterBound(minimum: number, offset: number): number {
  return Math.sqrt(minimum + offset ** 2);
}

/**
 * `max(z, bound)`.
 *
 * @param z Values. Not modified.
 * @param bound Smallest value of the result.
 * @returns As many values.
 */
export function lowerBound(z: ArrayLike<number>, bound: number): Float64Array {
  return Float64Array.from(z, (v) => Math.max(v, bound));
}

/**
 * Gradient of {@linkcode lowerBound} that is the identity where descent leads back to the feasible
 * side: `g` where `z >= bound` or `g < 0`, else 0.
 *
 * Source: docs/semantics.md, section 2.3.
 *
 * @param z Values before the bound. Not modified.
 * @param bound The bound.
 * @param g Gradient with respect to the bounded values.
 * @returns As many values.
 */
export function lowerBoundGradient(
  z: ArrayLike<number>,
  bound: number,
  g: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(z, (v, index) => v >= bound || g[index] < 0 ? g[index] : 0);
}
