/**
 * GDN of CompressAI.
 *
 * @module
 */
import { type GdnParams, type GdnVariables, pair } from "../gdn/params.ts";
import { checkArguments, checkFlag, checkKeys, checkNames, readable } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Tensor, Vector } from "../tensor/types.ts";
import type { ImportedGdn } from "./gdn_tensorflow.ts";
import { checkOneOf, scalarOf } from "./weights.ts";

/** The offset of the stored form, which CompressAI's layers do not let one choose. */
export const OFFSET = 2 ** -18;

/** What a state dict calls the constants of the stored form. */
export type Constant = `${"beta" | "gamma"}_reparam.${"pedestal" | "lower_bound.bound"}`;

/** Rounding a bound to float32 is off by 6e-8 of it, and beta_min may itself have been rounded. */
const BOUND_TOLERANCE = 2e-7;

/**
 * Effective parameters from weights in the layout of CompressAI, whose gamma is a convolution's
 * `[out, in]`, optionally with two axes of one behind it: gamma is transposed. Those of a state dict are
 * stored ones, which `gdnFromCompressAI` converts.
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
  const own = checkKeys(action, "weights", weights, { beta: true, gamma: true });
  const gamma = readable(action, "gamma", () => withoutKernel(own.gamma));
  return transposed(pair(action, { beta: own.beta, gamma }, "beta", "gamma"));
}

/** Weights of a convolution of one position as a matrix; others as they are. */
function withoutKernel(gamma: Vector | Tensor): Vector | Tensor {
  const { shape, data } = Object(gamma) as Partial<Tensor>;
  const isKernel = shape?.length === 4 && shape[2] === 1 && shape[3] === 1;
  return isKernel && data !== undefined ? { shape: shape.slice(0, 2), data } : gamma;
}

/** Parameters whose gamma has its axes swapped; beta is the same tensor, gamma a new one. */
export function transposed({ beta, gamma }: GdnParams<Tensor>): GdnParams<Tensor> {
  const channels = beta.data.length;
  const data = gamma.data.map((_, k) => {
    const input = Math.floor(k / channels);
    const output = k % channels;
    return gamma.data[output * channels + input];
  });
  return { beta, gamma: tensor(data, gamma.shape) };
}

/** Entries of the state dict of compressai.layers.GDN or GDN1, without its prefix. */
export interface CompressAIGdn {
  /** Stored beta, shape `(channels,)`. */
  readonly beta?: Vector;
  /** Stored gamma, shape `(channels, channels)`, `[out, in]`. */
  readonly gamma?: Tensor;
  /** `2 ** -36`, in every state dict. */
  readonly "beta_reparam.pedestal"?: Vector | number;
  /** `sqrt(beta_min + 2 ** -36)`, in every state dict. */
  readonly "beta_reparam.lower_bound.bound"?: Vector | number;
  /** `2 ** -36`, in every state dict. */
  readonly "gamma_reparam.pedestal"?: Vector | number;
  /** `2 ** -18`, in every state dict. */
  readonly "gamma_reparam.lower_bound.bound"?: Vector | number;
}

/** Arguments of compressai.layers.GDN and GDN1. */
export interface CompressAIGdnOptions {
  /** The class: GDN1 is `x / (beta + sum gamma |x|)`. @default {"GDN"} */
  readonly layer?: "GDN" | "GDN1";
  /** Multiply by the pool instead of dividing. @default {false} */
  readonly inverse?: boolean;
  /** Least effective beta; finite and `>= 0`. @default {1e-6} */
  readonly beta_min?: number;
}

/**
 * GDN of compressai.layers, from a state dict, whose beta and gamma are stored ones.
 *
 * gamma is a convolution's `[out, in]` and is transposed; the channels are on axis 1. The constants of
 * the stored form, if they are there, must be those of `beta_min`. `gdnParamsFromCompressAI`
 * converts effective parameters, as `beta_reparam(beta)` in Python gives them.
 *
 * Source: compressai.layers.GDN, GDN1 and compressai.ops.NonNegativeParametrizer.
 *
 * @param weights Entries of the state dict. Not modified.
 * @param options The class, and arguments that differ from the defaults.
 * @returns What `gdn` takes.
 * @throws {TypeError} If an entry is missing, unknown or of another shape, or an option is wrong.
 * @throws {RangeError} If a constant of the stored form is another one, or `beta_min` is negative.
 *
 * @example Usage
 * ```ts
 * import { gdn, gdnFromCompressAI, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const entries = { beta: [1, 2], gamma: tensor([[0.1, 0.5], [0, 0.1]]) };
 * const { params, options } = gdnFromCompressAI(entries);
 * const y = await gdn(tensor([[3, 4]]), params, options);
 * assertAlmostEquals(y.data[0], 3 / Math.sqrt(1 + 0.1 ** 2 * 9 + 0.5 ** 2 * 16), 1e-6);
 * ```
 */
export function gdnFromCompressAI(
  weights: CompressAIGdn,
  options: CompressAIGdnOptions = {},
): ImportedGdn<GdnVariables<Tensor>> {
  const action = "convert CompressAI weights";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, { layer: true, inverse: true, beta_min: true });
  const { layer = "GDN", inverse = false, beta_min = 1e-6 } = own;
  checkOneOf(action, "layer", layer, ["GDN", "GDN1"]);
  checkFlag(action, "inverse", inverse);
  checkNumber(action, "beta_min", beta_min, "notNegative");
  const constants = constantsOf(beta_min);
  const known = ["beta", "gamma", ...Object.keys(constants)];
  const entries = checkNames(action, "weights", weights, known);
  for (const [name, expected] of Object.entries(constants)) {
    const given = entries[name as Constant];
    if (given !== undefined) checkConstant(action, name, given, expected);
  }
  const { beta, gamma } = gdnParamsFromCompressAI({
    beta: entries.beta!,
    gamma: entries.gamma!,
  });
  const exponents = layer === "GDN"
    ? { alphaParameter: 2, epsilonParameter: 0.5 }
    : { alphaParameter: 1, epsilonParameter: 1 };
  return {
    params: { reparamBeta: beta, reparamGamma: gamma },
    options: {
      inverse,
      dataFormat: "channelsFirst",
      ...exponents,
      betaMin: beta_min,
      reparamOffset: OFFSET,
    },
  };
}

/** The constants of the stored form, by their names in a state dict. */
export function constantsOf(betaMin: number): Readonly<Record<Constant, number>> {
  return {
    "beta_reparam.pedestal": OFFSET ** 2,
    "beta_reparam.lower_bound.bound": Math.sqrt(betaMin + OFFSET ** 2),
    "gamma_reparam.pedestal": OFFSET ** 2,
    "gamma_reparam.lower_bound.bound": OFFSET,
  };
}

/** A constant of the stored form that differs means other arguments than were told. */
function checkConstant(action: string, name: string, given: Vector | number, expected: number) {
  const value = scalarOf(action, name, given);
  if (!(Math.abs(value - expected) <= BOUND_TOLERANCE * expected)) {
    throw new RangeError(
      `Cannot ${action}: ${name} must be ${expected}, as beta_min has it, got ${value}`,
    );
  }
}
