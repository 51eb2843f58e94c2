/**
 * GDN of tf.contrib and tensorflow-compression.
 *
 * @module
 */
import type { GdnOptions } from "../gdn/options.ts";
import type { GdnParams, GdnVariables } from "../gdn/params.ts";
import { checkArguments, checkFlag, checkKeys, checkNames, fieldsOf } from "../tensor/arguments.ts";
import { tensorFrom, vectorFrom } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { Tensor, Vector } from "../tensor/types.ts";
import { checkOneOf, scalarOf } from "./weights.ts";

/** GDN of another framework, as the arguments of `gdn` behind `x`. */
export interface ImportedGdn<P = GdnParams<Tensor> | GdnVariables<Tensor>> {
  /** Effective or stored parameters, as they were given; new tensors. */
  readonly params: P;
  /** What the framework's conventions come to. */
  readonly options: GdnOptions;
}

/**
 * Variables of tf.contrib's or tensorflow-compression's GDN without their scope: stored ones, or
 * effective ones instead.
 */
export interface TensorFlowGdn {
  /** Stored beta, shape `(channels,)`. */
  readonly reparam_beta?: Vector;
  /** Stored gamma, shape `(channels, channels)`, `[in, out]`. */
  readonly reparam_gamma?: Tensor;
  /** Effective beta, shape `(channels,)`. */
  readonly beta?: Vector;
  /** Effective gamma, shape `(channels, channels)`, `[in, out]`. */
  readonly gamma?: Tensor;
  /** Stored alpha where it was trained. Version 2 only. */
  readonly reparam_alpha?: Vector | number;
  /** Stored epsilon where it was trained. Version 2 only. */
  readonly reparam_epsilon?: Vector | number;
}

/** Arguments of tf.contrib's or tensorflow-compression's GDN. */
export interface TensorFlowGdnOptions {
  /**
   * 1 for tf.contrib and tensorflow-compression 1, whose GDN is `x / sqrt(beta + sum gamma x^2)`; 2 for
   * tensorflow-compression 2, whose GDN by default is `x / (beta + sum gamma |x|)`.
   */
  readonly version: 1 | 2;
  /** Multiply by the pool instead of dividing. @default {false} */
  readonly inverse?: boolean;
  /** Take max(x, 0) for x first. @default {false} */
  readonly rectify?: boolean;
  /** Where the channels are. @default {"channels_last"} */
  readonly data_format?: "channels_last" | "channels_first";
  /** Exponent of the inputs where it was fixed; version 2 only. @default {1} */
  readonly alpha_parameter?: number;
  /** Exponent of the pool where it was fixed; version 2 only. @default {1} */
  readonly epsilon_parameter?: number;
  /** Least effective beta; finite and `>= 0`. @default {1e-6} */
  readonly beta_min?: number;
  /** Offset of the stored form; finite and `>= 0`. @default {2 ** -18} */
  readonly reparam_offset?: number;
}

/** The options of version 1. */
const COMMON = {
  version: true,
  inverse: true,
  rectify: true,
  data_format: true,
  beta_min: true,
  reparam_offset: true,
} as const;

/**
 * GDN of tf.contrib.layers, or of tensorflow-compression 1 or 2.
 *
 * gamma is `[in, out]`, as here. The versions differ in their formula, so there is no default. For an
 * alpha that was trained, or is neither 1 nor 2, tensorflow-compression raises x itself to it and this
 * library |x|: they differ for x below 0. Beta and gamma are either both stored or both effective; a gamma
 * whose minimum is not 0 has to be given as effective.
 *
 * Source: tf.contrib.layers.GDN of TensorFlow 1.15; GDN and GDNParameter of tensorflow-compression 1.3
 * and 2.
 *
 * @param weights The layer's variables. Not modified.
 * @param options The version, and arguments that differ from the defaults.
 * @returns What `gdn` takes.
 * @throws {TypeError} If a variable is missing, unknown or of another shape, or an option is wrong.
 * @throws {RangeError} If an exponent is not positive, or a bound is negative.
 *
 * @example Usage
 * ```ts
 * import { gdn, gdnFromTensorFlow, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const weights = { reparam_beta: [1], reparam_gamma: tensor([[0.5]]) };
 * const { params, options } = gdnFromTensorFlow(weights, { version: 2 });
 * const y = await gdn(tensor([[-2]]), params, options);
 * assertAlmostEquals(y.data[0], -2 / (1 + 0.5 ** 2 * 2), 1e-6);
 * ```
 */
export function gdnFromTensorFlow(
  weights: TensorFlowGdn,
  options: TensorFlowGdnOptions,
): ImportedGdn {
  const action = "convert TensorFlow gdn";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, {
    ...COMMON,
    alpha_parameter: true,
    epsilon_parameter: true,
  });
  const { version, inverse = false, rectify = false, data_format = "channels_last" } = own;
  const { beta_min = 1e-6, reparam_offset = 2 ** -18 } = own;
  checkOneOf(action, "version", version, [1, 2]);
  if (version === 1) checkNames(action, "options", own, Object.keys(COMMON));
  checkFlag(action, "inverse", inverse);
  checkFlag(action, "rectify", rectify);
  checkOneOf(action, "data_format", data_format, ["channels_last", "channels_first"]);
  checkNumber(action, "beta_min", beta_min, "notNegative");
  checkNumber(action, "reparam_offset", reparam_offset, "notNegative");
  const trained = version === 2 ? ["reparam_alpha", "reparam_epsilon"] : [];
  const variables = fieldsOf(action, "weights", weights);
  const { beta, gamma, stored } = square(action, variables, trained);
  return {
    params: stored ? { reparamBeta: beta, reparamGamma: gamma } : { beta, gamma },
    options: {
      inverse,
      rectify,
      dataFormat: data_format === "channels_last" ? "channelsLast" : "channelsFirst",
      ...(version === 1 ? { alphaParameter: 2, epsilonParameter: 0.5 } : {
        alphaParameter: exponent(action, "alpha", variables, own, 1, reparam_offset),
        epsilonParameter: exponent(action, "epsilon", variables, own, 1e-6, reparam_offset),
      }),
      ...(stored && { betaMin: beta_min, reparamOffset: reparam_offset }),
    },
  };
}

/** Beta and gamma, stored if one of them has the name of a stored one. */
function square(
  action: string,
  weights: TensorFlowGdn,
  others: readonly string[],
): { beta: Tensor; gamma: Tensor; stored: boolean } {
  const { reparam_beta, reparam_gamma } = weights;
  const stored = reparam_beta !== undefined || reparam_gamma !== undefined;
  const [betaName, gammaName] = stored
    ? ["reparam_beta", "reparam_gamma"] as const
    : ["beta", "gamma"] as const;
  checkNames(action, "weights", weights, [betaName, gammaName, ...others]);
  const { shape: [channels = 1] } = tensorFrom(action, gammaName, weights[gammaName]);
  const gamma = vectorFrom(action, gammaName, weights[gammaName], [channels, channels]);
  return { beta: vectorFrom(action, betaName, weights[betaName], [channels]), gamma, stored };
}

/** An exponent that was fixed, or the effective value of one that was trained. */
function exponent(
  action: string,
  name: "alpha" | "epsilon",
  weights: TensorFlowGdn,
  options: TensorFlowGdnOptions,
  minimum: number,
  offset: number,
): number {
  const { [`reparam_${name}` as const]: raw } = weights;
  const { [`${name}_parameter` as const]: fixed } = options;
  if (raw !== undefined && fixed !== undefined) {
    throw new TypeError(
      `Cannot ${action}: ${name}_parameter must not be combined with reparam_${name}, got both`,
    );
  }
  const value = raw === undefined
    ? fixed ?? 1
    : Math.fround(effective(scalarOf(action, `reparam_${name}`, raw), minimum, offset));
  checkNumber(action, name, value, "positive");
  return value;
}

/** max(raw, sqrt(minimum + offset^2))^2 - offset^2. */
function effective(raw: number, minimum: number, offset: number): number {
  return Math.max(raw, Math.sqrt(minimum + offset ** 2)) ** 2 - offset ** 2;
}
