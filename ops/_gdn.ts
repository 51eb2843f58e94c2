/**
 * Records GDN and IGDN.
 *
 * @module
 */
import { checkFlag, checkKeys } from "./_checks.ts";
import { checkTensor, checkVector, read, SymbolicTensor } from "./_graph.ts";
import { emptyLike } from "./_group_norm.ts";
import { viewOf } from "./_layout.ts";
import { field, type Plan, rows, type Value } from "./_plan.ts";
import { sizeOf } from "./_shape.ts";
import type { GdnOptions, GdnParams, GdnVariables } from "./gdn.ts";
import { bounds, checkReparam } from "./_reparam.ts";
import type { Tensor } from "./tensor.ts";

const ACTION = "apply gdn";
const OPTIONS = [
  "inverse",
  "dataFormat",
  "alpha",
  "epsilon",
  "rectify",
  "betaMin",
  "reparamOffset",
  "runtime",
];

/** Records {@linkcode gdn}: x is read once and y written once, but for the powers of odd exponents. */
export function recordGdn(
  plan: Plan,
  x: Tensor,
  params: GdnParams | GdnVariables,
  options: GdnOptions,
): Tensor {
  checkKeys(ACTION, "options", options, OPTIONS);
  const { inverse = false, dataFormat = "NHWC", alpha = 2, epsilon = 0.5, rectify = false } =
    options;
  checkFlag(ACTION, "inverse", inverse);
  checkFlag(ACTION, "rectify", rectify);
  checkExponent("alpha", alpha);
  checkExponent("epsilon", epsilon);
  checkTensor(ACTION, "x", x);
  const { format, samples: n, channels: c, positions: s } = viewOf(ACTION, x, dataFormat);
  const readParams = checkParams(params, c, options);
  if (sizeOf(x.shape) === 0) return emptyLike(x);
  const { beta, gamma } = readParams(plan);
  const given = read(plan, "x", x);
  const value = rectify ? plan.each("rectify", { x: given }) : given;
  const [pool, pooled] = poolOf(plan, value, alpha);
  const size = { n, c, s };
  const args = {
    x: field(value, size),
    pool: field(pooled, size),
    beta,
    gamma: rows(gamma, c),
    epsilon,
  };
  const y = plan.launch(
    "gdn",
    format,
    size,
    args,
    { INVERSE: inverse, POOL: pool, ROOT: rootOf(epsilon) },
    { channels: c },
  );
  return new SymbolicTensor(y, [...x.shape]);
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

function checkExponent(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new RangeError(`Cannot ${ACTION}: ${name} must be a finite number > 0, got ${value}`);
  }
}

/** Checks either form of parameters; the answer reads the effective ones into a plan. */
function checkParams(
  params: GdnParams | GdnVariables,
  channels: number,
  options: GdnOptions,
): (plan: Plan) => { beta: Value; gamma: Value } {
  checkKeys(ACTION, "params", params, ["beta", "gamma", "reparamBeta", "reparamGamma"]);
  const given = Object.keys(params).sort().join(", ");
  const square = [channels, channels];
  if (given === "beta, gamma") {
    const { beta, gamma } = params as GdnParams;
    checkVector(ACTION, "beta", beta, [channels]);
    checkVector(ACTION, "gamma", gamma, square);
    checkReparam(ACTION, options);
    return (plan) => ({ beta: read(plan, "beta", beta), gamma: read(plan, "gamma", gamma) });
  }
  if (given !== "reparamBeta, reparamGamma") {
    throw new TypeError(
      `Cannot ${ACTION}: params must be beta and gamma or reparamBeta and reparamGamma, got ${
        given === "" ? "neither" : given
      }`,
    );
  }
  const { reparamBeta, reparamGamma } = params as GdnVariables;
  checkVector(ACTION, "reparamBeta", reparamBeta, [channels]);
  checkVector(ACTION, "reparamGamma", reparamGamma, square);
  const { betaBound, gammaBound, pedestal } = bounds(ACTION, options);
  return (plan) => ({
    beta: plan.each("effective", {
      stored: read(plan, "reparamBeta", reparamBeta),
      bound: betaBound,
      pedestal,
    }),
    gamma: plan.each("effective", {
      stored: read(plan, "reparamGamma", reparamGamma),
      bound: gammaBound,
      pedestal,
    }),
  });
}
