/**
 * GDN for CompressAI.
 *
 * @module
 */
import { GDN_OPTIONS, type GdnOptions } from "../gdn/options.ts";
import { type GdnParams, type GdnVariables, gdnVariables, pair } from "../gdn/params.ts";
import { checkArguments, checkFlag, checkKeys, fieldsOf } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Tensor } from "../tensor/types.ts";
import {
  type CompressAIGdnOptions,
  type Constant,
  constantsOf,
  OFFSET,
  transposed,
} from "./gdn_compressai.ts";
import { checkOneOf } from "./weights.ts";

/** GDN as CompressAI has it. */
export interface ExportedCompressAIGdn {
  /** The whole state dict of the layer, without its prefix; new tensors. */
  readonly weights: {
    /** Stored beta, shape `(channels,)`. */
    readonly beta: Tensor;
    /** Stored gamma, shape `(channels, channels)`, `[out, in]`. */
    readonly gamma: Tensor;
    /** `2 ** -36`, shape `(1,)`. */
    readonly "beta_reparam.pedestal": Tensor;
    /** `sqrt(beta_min + 2 ** -36)`, shape `(1,)`. */
    readonly "beta_reparam.lower_bound.bound": Tensor;
    /** `2 ** -36`, shape `(1,)`. */
    readonly "gamma_reparam.pedestal": Tensor;
    /** `2 ** -18`, shape `(1,)`. */
    readonly "gamma_reparam.lower_bound.bound": Tensor;
  };
  /** The class, and its arguments. */
  readonly options: Required<CompressAIGdnOptions>;
}

/** The exponents of each class. */
const LAYERS = [
  { layer: "GDN", alpha: 2, epsilon: 0.5 },
  { layer: "GDN1", alpha: 1, epsilon: 1 },
] as const;

/**
 * GDN for compressai.layers.GDN and GDN1: the inverse of `gdnFromCompressAI`.
 *
 * Stored parameters go over bit for bit: `beta = reparamBeta` and `gamma[i, j] = reparamGamma[j, i]`,
 * also where they are below their bounds. Effective ones are stored first, as `gdnVariables` does:
 * `sqrt(max(beta, betaMin) + 2^-36)` and `sqrt(max(gamma, 0) + 2^-36)` in float32, by which values
 * below their bounds are lost and others rounded. The constants of the stored form are those of
 * `betaMin`, in float32 as in CompressAI's state dicts.
 *
 * What is lost: `dataFormat`, as CompressAI's channels are always on axis 1. What its layers cannot do
 * is refused: other exponents, `rectify`, and stored parameters with another `reparamOffset` than
 * 2^-18, of which `gdnParams` makes effective ones.
 *
 * Source: compressai.layers.GDN, GDN1 and compressai.ops.NonNegativeParametrizer.
 *
 * @param params Stored or effective parameters, as `gdn` takes them. Not modified.
 * @param options Options of `gdn`; its defaults hold for those that are absent.
 * @returns A state dict, and the class with its arguments.
 * @throws {TypeError} If the parameters do not fit together, a key is unknown, or an option is wrong.
 * @throws {RangeError} If the exponents are of neither class, or `betaMin` or `reparamOffset` is out
 * of its domain.
 *
 * @example Usage
 * ```ts
 * import { gdnToCompressAI, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const stored = { reparamBeta: [1, 2], reparamGamma: tensor([[0.1, 0.5], [0, 0.1]]) };
 * const { weights, options } = gdnToCompressAI(stored, { inverse: true });
 * assertEquals(weights.gamma, tensor([[0.1, 0], [0.5, 0.1]]));
 * assertEquals(options, { layer: "GDN", inverse: true, beta_min: 1e-6 });
 * ```
 */
export function gdnToCompressAI(
  params: GdnParams | GdnVariables,
  options: GdnOptions = {},
): ExportedCompressAIGdn {
  const action = "convert gdn to CompressAI";
  checkArguments(action, arguments, 2);
  const own = checkKeys(action, "options", options, GDN_OPTIONS);
  const { inverse = false, rectify = false, betaMin = 1e-6, reparamOffset = OFFSET } = own;
  checkFlag(action, "inverse", inverse);
  checkOneOf(action, "rectify", rectify, [false]);
  checkNumber(action, "betaMin", betaMin, "notNegative");
  checkNumber(action, "reparamOffset", reparamOffset, "notNegative");
  const layer = layerOf(action, own);
  const { beta, gamma } = storedOf(action, params, betaMin, reparamOffset);
  const entries = Object.entries(constantsOf(betaMin)).map(([name, value]) => [
    name,
    tensor([value]),
  ]);
  return {
    weights: {
      ...transposed({ beta, gamma }),
      ...Object.fromEntries(entries) as Record<Constant, Tensor>,
    },
    options: { layer, inverse, beta_min: betaMin },
  };
}

/** The class that has these exponents. */
function layerOf(action: string, options: GdnOptions): "GDN" | "GDN1" {
  const { alphaParameter = 2, epsilonParameter = 0.5 } = options;
  const found = LAYERS.find(({ alpha, epsilon }) =>
    alpha === alphaParameter && epsilon === epsilonParameter
  );
  if (found !== undefined) return found.layer;
  throw new RangeError(
    `Cannot ${action}: alphaParameter and epsilonParameter must be 2 and 0.5 (GDN) or 1 and 1 (GDN1), got ${
      shown(alphaParameter)
    } and ${shown(epsilonParameter)}`,
  );
}

/** Stored parameters with CompressAI's offset, in tensors of their own except gamma. */
function storedOf(
  action: string,
  params: GdnParams | GdnVariables,
  betaMin: number,
  reparamOffset: number,
): GdnParams<Tensor> {
  const own = fieldsOf(action, "params", params);
  const isEffective = "beta" in own || "gamma" in own;
  if (isEffective) {
    const effective = pair(action, own as GdnParams, "beta", "gamma");
    const stored = gdnVariables(effective, { betaMin });
    return { beta: stored.reparamBeta, gamma: stored.reparamGamma };
  }
  if (reparamOffset !== OFFSET) {
    throw new RangeError(
      `Cannot ${action}: reparamOffset must be 2 ** -18, which CompressAI's layers have, got ${
        shown(reparamOffset)
      }`,
    );
  }
  return pair(action, own as GdnVariables, "reparamBeta", "reparamGamma");
}
