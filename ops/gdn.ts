/**
 * Generalized divisive normalization (GDN), its inverse (IGDN), and their parameters.
 *
 * @module
 */
import {
  checkArguments,
  checkKeys,
  extentsOf,
  fieldsOf,
  readable,
  tensorFrom,
  vectorFrom,
} from "./_checks.ts";
import { recordGdn, recordGdnOfVjp } from "./_gdn.ts";
import { invertGdn } from "./_gdn_inverse.ts";
import { recordGdnVjp } from "./_gdn_vjp.ts";
import { checkChannels } from "./_init.ts";
import type { DataFormat } from "./_layout.ts";
import {
  bounds,
  lowerBound,
  lowerBoundGradient,
  type ReparamBounds,
  type ReparamOptions,
} from "./_reparam.ts";
import { runOp } from "./_calls.ts";
import { formatShape } from "./_shape.ts";
import { shown } from "./_shown.ts";
import { vjpOf } from "./_vjp.ts";
import type { Runtime } from "./runtime.ts";
import { type Tensor, tensor, type TensorLike, type Vector } from "./tensor.ts";

export { type DataFormat, lowerBound, lowerBoundGradient };
export type { ReparamBounds, ReparamOptions };

const REPARAM_OPTIONS = ["betaMin", "reparamOffset"];

/** The effective parameters of GDN. */
export interface GdnParams<V = Vector | Tensor> {
  /** What is always in the pool, shape `(channels,)`; positive. */
  readonly beta: V;
  /** Weights, shape `(channels, channels)`: `gamma[j, i]` goes from input j to output i. */
  readonly gamma: V;
}

/** The stored parameters of GDN, which are what is trained. */
export interface GdnVariables<V = Vector | Tensor> {
  /** Stored beta, shape `(channels,)`. */
  readonly reparamBeta: V;
  /** Stored gamma, shape `(channels, channels)`. */
  readonly reparamGamma: V;
}

/** Options for {@linkcode gdn}. */
export interface GdnOptions extends ReparamOptions {
  /** Multiply by the pool instead of dividing: IGDN. @default {false} */
  readonly inverse?: boolean;
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Exponent of the inputs in the pool; finite and `> 0`. @default {2} */
  readonly alpha?: number;
  /** Exponent of the pool; finite and `> 0`. @default {0.5} */
  readonly epsilon?: number;
  /** Take max(x, 0) for x first. @default {false} */
  readonly rectify?: boolean;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/**
 * Divides every channel by a pool of all channels at the same position, or multiplies it (IGDN).
 *
 * `u[i] = beta[i] + sum_j gamma[j, i] * |x[j]|^alpha`, and `y[i] = x[i] / u[i]^epsilon`, or
 * `y[i] = x[i] * u[i]^epsilon` with `inverse: true`. The defaults are the classic GDN of the paper,
 * `x / sqrt(beta + sum gamma x^2)`; `{ alpha: 1, epsilon: 1 }` is the simplified GDN1. IGDN has
 * parameters of its own and is one step towards the inverse, not the inverse itself.
 *
 * `|x[j]|^alpha` counts as at most 3.4e38, the largest float32, so that a gamma of 0 keeps it out of
 * the pool. Where x and u are 0, GDN is 0 / 0 = NaN and IGDN 0.
 *
 * Source: Balle, Laparra and Simoncelli, "Density Modeling of Images using a Generalized
 * Normalization Transformation", 2016, eq. 3 with shared exponents; arguments and defaults as in
 * tf.contrib.layers.gdn and tensorflow_compression. Where the latter raises x itself to alpha, this
 * raises |x|, as its documentation says.
 *
 * @param x Input, rank 2 to 5. Not modified.
 * @param params Effective `beta` and `gamma`, or stored `reparamBeta` and `reparamGamma`. Not
 * modified. Effective parameters are used as they are, without bounds.
 * @param options Direction, data format, exponents, bounds and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If a shape, the data format or the pair of parameters is wrong.
 * @throws {RangeError} If an exponent is not positive, or a bound is negative.
 *
 * @example Usage
 * ```ts
 * import { gdn, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const params = { beta: [1, 2], gamma: tensor([[0.1, 0.2], [0.3, 0.4]]) };
 * const y = await gdn(tensor([[1, 2]]), params);
 * assertAlmostEquals(y.data[0], 1 / Math.sqrt(1 + 0.1 * 1 + 0.3 * 4), 1e-6);
 * ```
 */
export async function gdn(
  x: TensorLike,
  params: GdnParams | GdnVariables,
  options: GdnOptions = {},
): Promise<Tensor> {
  const action = "apply gdn";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  return await runOp(action, own.runtime, recordGdn, x, fieldsOf(action, "params", params), own);
}

/** Options for {@linkcode gdnInverse}. */
export interface GdnInverseOptions extends ReparamOptions {
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Exponent of the inputs in the pool; finite and `> 0`. @default {2} */
  readonly alpha?: number;
  /** Exponent of the pool; finite and `> 0`. @default {0.5} */
  readonly epsilon?: number;
  /** Steps after which the search is given up; an integer from 1. @default {1000} */
  readonly maxSteps?: number;
  /** Largest relative change of the pool in a step at which it is found; finite and `> 0`. @default {1e-6} */
  readonly tolerance?: number;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/** What {@linkcode gdnInverse} has found. */
export interface GdnInverse {
  /** The input; the last approximation if it was not found. */
  readonly x: Tensor;
  /** Whether it was found. If not, more steps are needed, or `y` is no output of this GDN. */
  readonly converged: boolean;
  /** Steps that were taken. */
  readonly steps: number;
  /** Largest relative change of the pool in the last of them. */
  readonly change: number;
}

/**
 * The exact inverse of {@linkcode gdn}: finds x with `gdn(x) = y`. IGDN (`inverse: true`) is a layer of
 * its own and only one step towards it.
 *
 * With `x[j] = y[j] u[j]^epsilon` the pool solves `u[i] = beta[i] + sum_j gamma[j, i] |y[j]|^alpha
 * u[j]^(alpha epsilon)`, which is iterated from `u = beta`. Where `alpha epsilon` is 1, as in the classic
 * GDN and in GDN1, this is linear, and converges for every y that is an output of GDN with these
 * parameters; the more of u comes from the sum, the slower.
 *
 * Source: Balle, Laparra and Simoncelli, "Density Modeling of Images using a Generalized Normalization
 * Transformation", 2016, section 3.
 *
 * @param y Output of GDN, rank 2 to 5. Not modified.
 * @param params As for {@linkcode gdn}. Not modified.
 * @param options Data format, exponents, bounds, when to stop, and runtime.
 * @returns The input, and how the search went. It does not throw where there is no answer.
 * @throws {TypeError} As {@linkcode gdn}.
 * @throws {RangeError} As {@linkcode gdn}, and if `maxSteps` or `tolerance` is out of its range.
 *
 * @example Usage
 * ```ts
 * import { gdn, gdnInverse, initGdn, tensor } from "@kernorm/kernorm";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const variables = initGdn(2);
 * const y = await gdn(tensor([[1, -2]]), variables);
 * const { x, converged } = await gdnInverse(y, variables);
 * assert(converged);
 * assertAlmostEquals(x.data[1], -2, 1e-5);
 * ```
 */
export async function gdnInverse(
  y: TensorLike,
  params: GdnParams | GdnVariables,
  options: GdnInverseOptions = {},
): Promise<GdnInverse> {
  checkArguments("invert gdn", arguments, 3);
  return await invertGdn(y, params, options);
}

/** The cotangents of {@linkcode gdn}, each under the name of what it belongs to. */
export interface GdnCotangents<
  P extends GdnParams | GdnVariables = GdnParams | GdnVariables,
> {
  /** Shape of `x`. */
  readonly x: Tensor;
  /** Of the parameters in the form in which they were given. */
  readonly params: P extends GdnVariables ? GdnVariables<Tensor> : GdnParams<Tensor>;
  /** Of the exponent of the inputs, shape (). */
  readonly alpha: Tensor;
  /** Of the exponent of the pool, shape (). */
  readonly epsilon: Tensor;
}

/** A result of {@linkcode gdn} with the way back to its arguments. */
export interface GdnVjp<P extends GdnParams | GdnVariables = GdnParams | GdnVariables> {
  /** What {@linkcode gdn} answers. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<GdnCotangents<P>>;
}

/**
 * {@linkcode gdn} and its vector-Jacobian product: `vjp(dy)` is the gradient of `sum(dy * y)` with
 * respect to every argument, which is what reverse-mode differentiation needs.
 *
 * With `s = -1`, or `+1` for the inverse, `u` as in {@linkcode gdn} and sums over all positions where
 * a parameter is shared:
 *
 * - `q[i] = s epsilon dy[i] x[i] u[i]^(s epsilon - 1)`
 * - `x[k]: dy[k] u[k]^(s epsilon) + alpha sgn(x[k]) |x[k]|^(alpha - 1) sum_i gamma[k, i] q[i]`
 * - `beta[i]: sum q[i]`, `gamma[j, i]: sum |x[j]|^alpha q[i]`
 * - `alpha: sum_j |x[j]|^alpha ln|x[j]| sum_i gamma[j, i] q[i]`, with 0 where x is 0
 * - `epsilon: sum s dy y ln u`, with 0 where u is 0
 *
 * At `x[k] = 0` the derivative of `|x[k]|^alpha` counts as 0, its value at the middle for alpha 1 as in
 * TensorFlow, also where it has none because alpha is below 1; so does it where `|x[k]|^alpha` exceeds
 * 3.4e38. `q[i]` of IGDN is 0 where `x[i]` is, also if u is 0 and epsilon below 1. Where x and u are 0,
 * the cotangents of GDN are NaN like y.
 *
 * Inside a {@linkcode pipeline} both ways share u.
 *
 * Stored parameters get their own cotangents: twice the stored value times that of the effective one,
 * and 0 below the bound unless a step against the gradient leads back (the rule of TensorFlow's GDN).
 *
 * @param x As for {@linkcode gdn}; a copy is kept for `vjp`.
 * @param params As for {@linkcode gdn}; a copy is kept for `vjp`.
 * @param options As for {@linkcode gdn}.
 * @returns `y` and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode gdn}; `vjp` rejects if `dy` is not a tensor of the shape of `x`.
 * @throws {RangeError} As {@linkcode gdn}.
 *
 * @example Usage
 * ```ts
 * import { gdnVjp, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const params = { beta: [1, 2], gamma: tensor([[0.1, 0.2], [0.3, 0.4]]) };
 * const { vjp } = await gdnVjp(tensor([[1, 2]]), params);
 * const { x } = await vjp(tensor([[1, 1]]));
 * assertAlmostEquals(x.data[0], 0.5767129, 1e-6);
 * ```
 */
export async function gdnVjp<P extends GdnParams | GdnVariables>(
  x: TensorLike,
  params: P,
  options: GdnOptions = {},
): Promise<GdnVjp<P>> {
  const action = "apply gdnVjp";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const vjp = vjpOf("pull back gdn", own.runtime, recordGdnVjp<P>, x, given, own);
  return { y: await runOp(action, own.runtime, recordGdnOfVjp, x, given, own), vjp };
}

/** Options for {@linkcode initGdn}. */
export interface InitGdnOptions extends ReparamOptions {
  /** Effective gamma of a channel to itself; finite and `>= 0`. @default {0.1} */
  readonly gammaInit?: number;
}

/**
 * The references' initial parameters, in their stored form: effective beta is 1 and effective gamma
 * is `gammaInit` on the diagonal and 0 elsewhere.
 *
 * `reparamBeta = sqrt(1 + p)` and `reparamGamma = sqrt(gammaInit * I + p)` with
 * `p = reparamOffset^2`.
 *
 * Source: tf.contrib.layers.GDN of TensorFlow 1.15.
 *
 * @param channels How many channels; an integer from 1.
 * @param options Gain of the diagonal and bounds.
 * @returns Stored parameters.
 * @throws {RangeError} If `channels` or an option is out of range.
 *
 * @example Usage
 * ```ts
 * import { gdn, initGdn, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const y = await gdn(tensor([[3, 4]]), initGdn(2));
 * assertAlmostEquals(y.data[1], 4 / Math.sqrt(1 + 0.1 * 16), 1e-6);
 * ```
 */
export function initGdn(channels: number, options: InitGdnOptions = {}): GdnVariables<Tensor> {
  const action = "initialize gdn";
  checkArguments(action, arguments, 2);
  const known = ["gammaInit", "betaMin", "reparamOffset"];
  const own = checkKeys(action, "options", options, known);
  const { gammaInit = 0.1 } = own;
  checkChannels(action, channels);
  extentsOf(action, "gamma", [channels, channels]);
  if (!(Number.isFinite(gammaInit) && gammaInit >= 0)) {
    throw new RangeError(
      `Cannot ${action}: gammaInit must be a finite number >= 0, got ${shown(gammaInit)}`,
    );
  }
  const { pedestal } = bounds(action, own);
  const gamma = new Float32Array(channels * channels).fill(Math.sqrt(pedestal));
  for (let i = 0; i < channels; i++) gamma[i * channels + i] = Math.sqrt(gammaInit + pedestal);
  return {
    reparamBeta: tensor(new Float32Array(channels).fill(Math.sqrt(1 + pedestal))),
    reparamGamma: tensor(gamma, [channels, channels]),
  };
}

/**
 * Effective parameters of stored ones.
 *
 * `beta = max(reparamBeta, sqrt(betaMin + p))^2 - p` and `gamma = max(reparamGamma, o)^2 - p` with
 * `o = reparamOffset` and `p = o^2`.
 *
 * @param variables Stored parameters. Not modified.
 * @param options Bounds.
 * @returns Effective parameters.
 * @throws {TypeError} If `reparamBeta` and `reparamGamma` do not fit together.
 * @throws {RangeError} If a bound is negative.
 *
 * @example Usage
 * ```ts
 * import { gdnParams, initGdn } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(gdnParams(initGdn(2)).gamma.data[1], 0);
 * ```
 */
export function gdnParams(
  variables: GdnVariables,
  options: ReparamOptions = {},
): GdnParams<Tensor> {
  const action = "convert gdn variables";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, REPARAM_OPTIONS);
  const { betaBound, gammaBound, pedestal } = bounds(action, own);
  const { beta, gamma } = pair(action, variables, "reparamBeta", "reparamGamma");
  // In double precision, rounded once: the square of a float32 is exact there.
  const effective = (stored: Float32Array, bound: number) =>
    stored.map((z) => Math.max(z, bound) ** 2 - pedestal);
  return {
    beta: tensor(effective(beta.data, betaBound)),
    gamma: tensor(effective(gamma.data, gammaBound), gamma.shape),
  };
}

/**
 * Stored parameters of effective ones, which are raised to their bounds first.
 *
 * `reparamBeta = sqrt(max(beta, betaMin) + p)` and `reparamGamma = sqrt(max(gamma, 0) + p)` with
 * `p = reparamOffset^2`.
 *
 * @param params Effective parameters. Not modified.
 * @param options Bounds.
 * @returns Stored parameters.
 * @throws {TypeError} If `beta` and `gamma` do not fit together.
 * @throws {RangeError} If a bound is negative.
 *
 * @example Usage
 * ```ts
 * import { gdnParams, gdnVariables, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const params = { beta: [1, 2], gamma: tensor([[0.1, 0.2], [0.3, 0.4]]) };
 * const again = gdnParams(gdnVariables(params));
 * assertAlmostEquals(again.gamma.data[2], 0.3, 1e-6);
 * ```
 */
export function gdnVariables(
  params: GdnParams,
  options: ReparamOptions = {},
): GdnVariables<Tensor> {
  const action = "convert gdn parameters";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, REPARAM_OPTIONS);
  const { pedestal } = bounds(action, own);
  const { betaMin = 1e-6 } = own;
  const { beta, gamma } = pair(action, params, "beta", "gamma");
  const stored = (values: Float32Array, least: number) =>
    values.map((z) => Math.sqrt(Math.max(z, least) + pedestal));
  return {
    reparamBeta: tensor(stored(beta.data, betaMin)),
    reparamGamma: tensor(stored(gamma.data, 0), gamma.shape),
  };
}

/**
 * Effective parameters from weights in the layout of CompressAI, whose gamma is a convolution's
 * `[out, in]`, optionally with two axes of one behind it: gamma is transposed. Those of a state dict are
 * stored ones, which come in by `gdnFromCompressAI`.
 *
 * @param weights `beta`, shape `(channels,)`, and `gamma`, shape `(channels, channels)` or
 * `(channels, channels, 1, 1)`. Not modified.
 * @returns Effective parameters with `gamma[in, out]`.
 * @throws {TypeError} If `beta` and `gamma` do not fit together.
 *
 * @example Usage
 * ```ts
 * import { gdn, gdnParamsFromCompressAI, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const params = gdnParamsFromCompressAI({
 *   beta: [1, 2],
 *   gamma: tensor([[0.1, 0.2], [0.3, 0.4]]),
 * });
 * const y = await gdn(tensor([[1, 2]]), params);
 * assertAlmostEquals(y.data[0], 0.72547625, 1e-6);
 * ```
 */
export function gdnParamsFromCompressAI(weights: GdnParams): GdnParams<Tensor> {
  const action = "convert CompressAI weights";
  checkArguments(action, arguments, 1);
  const own = checkKeys(action, "weights", weights, ["beta", "gamma"]);
  const gamma = readable(action, "gamma", () => withoutKernel(own.gamma));
  return transposed(pair(action, { beta: own.beta, gamma }, "beta", "gamma"));
}

/** Weights of a convolution of one position as a matrix; others as they are. */
function withoutKernel(gamma: Vector | Tensor): Vector | Tensor {
  const { shape, data } = Object(gamma) as Partial<Tensor>;
  const isKernel = shape?.length === 4 && shape[2] === 1 && shape[3] === 1;
  return isKernel && data !== undefined ? { shape: shape.slice(0, 2), data } : gamma;
}

function transposed({ beta, gamma }: GdnParams<Tensor>): GdnParams<Tensor> {
  const channels = beta.data.length;
  const data = gamma.data.map((_, k) => {
    const input = Math.floor(k / channels);
    const output = k % channels;
    return gamma.data[output * channels + input];
  });
  return { beta, gamma: tensor(data, gamma.shape) };
}

/** A vector and a square matrix over the same channels, under their names; the vector is a copy. */
function pair<B extends string, G extends string>(
  action: string,
  given: Readonly<Record<B | G, Vector>>,
  betaName: B,
  gammaName: G,
): GdnParams<Tensor> {
  const own = checkKeys(action, betaName === "beta" ? "params" : "variables", given, [
    betaName,
    gammaName,
  ]);
  const gamma = tensorFrom(action, gammaName, own[gammaName]);
  const [channels = 1] = gamma.shape;
  if (gamma.shape.length !== 2 || gamma.shape[1] !== channels) {
    throw new TypeError(
      `Cannot ${action}: ${gammaName} must have shape ${formatShape([channels, channels])}, got ${
        formatShape(gamma.shape)
      }`,
    );
  }
  return { beta: vectorFrom(action, betaName, own[betaName], [channels]), gamma };
}
