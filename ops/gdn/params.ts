/**
 * The parameters of GDN, effective and stored, and their conversion.
 *
 * @module
 */
import {
  checkArguments,
  checkKeys,
  checkNames,
  extentsOf,
  type Keys,
} from "../tensor/arguments.ts";
import { checkChannels, tensorFrom, vectorFrom } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { formatShape } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Tensor, Vector } from "../tensor/types.ts";
import { bounds, type ReparamOptions } from "./reparam.ts";

const REPARAM_OPTIONS: Keys<ReparamOptions> = { betaMin: true, reparamOffset: true };

/** The effective parameters of GDN. */
export interface GdnParams<V = Vector> {
  /** What is always in the pool, shape `(channels,)`; positive. */
  readonly beta: V;
  /** Weights, shape `(channels, channels)`: `gamma[j, i]` goes from input j to output i. */
  readonly gamma: V;
}

/** The stored parameters of GDN, which are what is trained. */
export interface GdnVariables<V = Vector> {
  /** Stored beta, shape `(channels,)`. */
  readonly reparamBeta: V;
  /** Stored gamma, shape `(channels, channels)`. */
  readonly reparamGamma: V;
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
  const own = checkKeys(action, "options", options, {
    gammaInit: true,
    betaMin: true,
    reparamOffset: true,
  });
  const { gammaInit = 0.1 } = own;
  checkChannels(action, channels);
  extentsOf(action, "gamma", [channels, channels]);
  checkNumber(action, "gammaInit", gammaInit, "notNegative");
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

/** A vector and a square matrix over the same channels, under their names; the vector is a copy. */
export function pair<B extends string, G extends string>(
  action: string,
  given: Readonly<Record<B | G, Vector>>,
  betaName: B,
  gammaName: G,
): GdnParams<Tensor> {
  const own = checkNames(action, betaName === "beta" ? "params" : "variables", given, [
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
