/**
 * A call of GDN: its arguments, checked and read into a plan.
 *
 * @module
 */
import type { Plan, Size, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import { viewOf } from "../plan/view.ts";
import type { AnyRuntime } from "../runtime/runtime.ts";
import { checkFlag, checkKeys, fieldsOf, type Keys } from "../tensor/arguments.ts";
import { checkTensor, checkVector } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { GDN_OPTIONS, type GdnOptions } from "./options.ts";
import type { GdnParams, GdnVariables } from "./params.ts";
import { bounds, checkReparam, type ReparamBounds } from "./reparam.ts";

export const ACTION = "apply gdn";

/** What {@linkcode gdnVjp} does before it pulls back, for messages. */
export const VJP_ACTION = "apply gdnVjp";

/** What a user of other ops or papers may call the exponents, and how they are called here. */
const RENAMED = { alpha: "alphaParameter", epsilon: "epsilonParameter" };

/** A call of GDN whose arguments have been checked and read into a plan. */
export interface GdnCall {
  readonly format: "channelsLast" | "channelsFirst";
  readonly size: Size;
  /** x, rectified if that was asked for. */
  readonly x: Value;
  /** x itself, or |x|^alpha where the kernels do not raise it. */
  readonly pooled: Value;
  readonly params: GdnValues;
  readonly alpha: number;
  readonly epsilon: number;
  readonly rectify: boolean;
  readonly holes: { readonly INVERSE: boolean; readonly POOL: string; readonly ROOT: string };
}

/** Effective parameters in a plan, and the stored ones that they came from. */
export interface GdnValues {
  readonly beta: Value;
  readonly gamma: Value;
  readonly stored?: {
    readonly beta: Value;
    readonly gamma: Value;
    readonly betaBound: number;
    readonly gammaBound: number;
  };
}

/** Arguments of GDN that have been checked. */
export interface CheckedGdn {
  readonly x: AnyTensor;
  /** What x is called in messages. */
  readonly name: string;
  readonly params: CheckedParams;
  readonly format: "channelsLast" | "channelsFirst";
  readonly size: Size;
  readonly inverse: boolean;
  readonly rectify: boolean;
  readonly alpha: number;
  readonly epsilon: number;
}

/**
 * Checks the arguments of GDN.
 *
 * @param action What is being done, for messages.
 * @param name What x is called there.
 */
export function checkGdn(
  x: AnyTensor,
  params: GdnParams | GdnVariables,
  options: GdnOptions<AnyRuntime>,
  action: string,
  name = "x",
): CheckedGdn {
  const own = checkOptions(action, options, GDN_OPTIONS);
  const { inverse = false, dataFormat = "NHWC", rectify = false } = own;
  const { alphaParameter: alpha = 2, epsilonParameter: epsilon = 0.5 } = own;
  checkFlag(action, "inverse", inverse);
  checkFlag(action, "rectify", rectify);
  checkNumber(action, "alphaParameter", alpha, "positive");
  checkNumber(action, "epsilonParameter", epsilon, "positive");
  checkTensor(action, name, x);
  const { format, size } = viewOf(action, x, dataFormat);
  const checked = checkParams(action, params, size.c, own);
  return { x, name, params: checked, format, size, inverse, rectify, alpha, epsilon };
}

/** Reads a call of GDN into a plan. */
export function readGdn(plan: Plan, checked: CheckedGdn): GdnCall {
  const { x, name, params, format, size, inverse, rectify, alpha, epsilon } = checked;
  const given = read(plan, name, x);
  const value = rectify ? plan.each("rectify", { x: given }) : given;
  const [pool, pooled] = poolOf(plan, value, alpha);
  return {
    format,
    size,
    x: value,
    pooled,
    params: readParams(plan, params),
    alpha,
    epsilon,
    rectify,
    holes: { INVERSE: inverse, POOL: pool, ROOT: rootOf(epsilon) },
  };
}

/**
 * The options of GDN and its inverse. Names that other ops have for a stabiliser are refused with the
 * reason: as an exponent of 1e-6 it would make x of every y.
 */
export function checkOptions<O extends object>(
  action: string,
  options: O,
  known: Keys<NoInfer<O>>,
): O {
  const own = fieldsOf(action, "options", options);
  for (const [name, instead] of Object.entries(RENAMED)) {
    if (!Object.hasOwn(own, name)) continue;
    throw new TypeError(
      `Cannot ${action}: options must name the exponent ${instead}, got ${name}; GDN has no stabiliser but beta`,
    );
  }
  return checkKeys(action, "options", own, known);
}

/** The form of |x|^alpha: the two common ones inside the kernel, others raised once beforehand. */
function poolOf(plan: Plan, x: Value, alpha: number): [string, Value] {
  if (alpha === 2) return ["square", x];
  if (alpha === 1) return ["absolute", x];
  return ["power", plan.each("power", { x, alpha })];
}

function rootOf(epsilon: number): string {
  return epsilon === 0.5 ? "square" : epsilon === 1 ? "one" : "power";
}

/** Parameters in the form in which they were given, and the bounds of stored ones. */
type CheckedParams =
  | { readonly params: GdnParams }
  | { readonly variables: GdnVariables; readonly bounds: ReparamBounds };

function checkParams(
  action: string,
  params: GdnParams | GdnVariables,
  channels: number,
  options: GdnOptions<AnyRuntime>,
): CheckedParams {
  const own = checkKeys(action, "params", params, {
    beta: true,
    gamma: true,
    reparamBeta: true,
    reparamGamma: true,
  });
  const given = Object.keys(own).sort().join(", ");
  const square = [channels, channels];
  if (given === "beta, gamma") {
    const { beta, gamma } = own as GdnParams;
    checkVector(action, "beta", beta, [channels]);
    checkVector(action, "gamma", gamma, square);
    checkReparam(action, options);
    return { params: { beta, gamma } };
  }
  if (given !== "reparamBeta, reparamGamma") {
    throw new TypeError(
      `Cannot ${action}: params must be beta and gamma or reparamBeta and reparamGamma, got ${
        given === "" ? "neither" : given
      }`,
    );
  }
  const { reparamBeta, reparamGamma } = own as GdnVariables;
  checkVector(action, "reparamBeta", reparamBeta, [channels]);
  checkVector(action, "reparamGamma", reparamGamma, square);
  return { variables: { reparamBeta, reparamGamma }, bounds: bounds(action, options) };
}

/** Reads parameters into a plan: the effective ones, and those that they came from. */
function readParams(plan: Plan, checked: CheckedParams): GdnValues {
  if ("params" in checked) {
    const { beta, gamma } = checked.params;
    return { beta: read(plan, "beta", beta), gamma: read(plan, "gamma", gamma) };
  }
  const { variables, bounds: { betaBound, gammaBound, pedestal } } = checked;
  const beta = read(plan, "reparamBeta", variables.reparamBeta);
  const gamma = read(plan, "reparamGamma", variables.reparamGamma);
  return {
    beta: plan.each("effective", { stored: beta, bound: betaBound, pedestal }),
    gamma: plan.each("effective", { stored: gamma, bound: gammaBound, pedestal }),
    stored: { beta, gamma, betaBound, gammaBound },
  };
}
