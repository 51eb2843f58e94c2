/**
 * What batch norm demands of its arguments, all of it before anything is recorded.
 *
 * @module
 */
import { checkActivation, checkEpsilon, checkFlag, checkKeys } from "./_checks.ts";
import { checkTensor, checkVector, describe } from "./_graph.ts";
import { viewOf } from "./_layout.ts";
import type { BatchNormOptions, BatchNormState, RenormClipping } from "./batch_norm.ts";
import type { Moments } from "./moments.ts";
import type { Tensor, Vector } from "./tensor.ts";

/** Options with the defaults filled in. */
export interface Checked extends
  Required<
    Pick<
      BatchNormOptions,
      | "training"
      | "decay"
      | "epsilon"
      | "dataFormat"
      | "activation"
      | "unbiasedMovingVariance"
      | "zeroDebiasMovingMean"
      | "renorm"
      | "renormDecay"
    >
  > {
  readonly renormClipping: RenormClipping;
  readonly batchWeights: Vector | undefined;
  readonly adjustment: BatchNormOptions["adjustment"];
  readonly moments: Moments | undefined;
}

const OPTIONS = [
  "training",
  "decay",
  "center",
  "scale",
  "epsilon",
  "dataFormat",
  "activation",
  "batchWeights",
  "fused",
  "unbiasedMovingVariance",
  "zeroDebiasMovingMean",
  "renorm",
  "renormClipping",
  "renormDecay",
  "adjustment",
  "moments",
  "runtime",
];

/**
 * Checks everything but beta and gamma.
 *
 * @throws {TypeError} If a type, shape, length or combination is wrong.
 * @throws {RangeError} If a number is out of its domain.
 */
export function checkBatchNorm(
  action: string,
  x: Tensor,
  state: BatchNormState,
  options: BatchNormOptions,
): Checked {
  checkKeys(action, "options", options, OPTIONS);
  const { training = true, renorm = false, zeroDebiasMovingMean = false, fused = true } = options;
  const { decay = 0.999, renormDecay = 0.99, epsilon = 1e-3, activation = "none" } = options;
  const { dataFormat = "NHWC", renormClipping = {}, batchWeights, adjustment, moments } = options;
  for (const [name, flag] of Object.entries({ training, renorm, zeroDebiasMovingMean, fused })) {
    checkFlag(action, name, flag);
  }
  checkRate(action, "decay", decay);
  checkRate(action, "renormDecay", renormDecay);
  checkEpsilon(action, epsilon);
  checkActivation(action, activation);
  checkClipping(action, renormClipping);
  checkTensor(action, "x", x);
  const view = viewOf(action, x, dataFormat);
  const rank = x.shape.length;
  checkCombinations(action, options);
  if (zeroDebiasMovingMean && decay === 1) {
    throw new RangeError(`Cannot ${action}: decay must be < 1 with zeroDebiasMovingMean, got 1`);
  }
  if (batchWeights !== undefined) checkVector(action, "batchWeights", batchWeights, [x.shape[0]]);
  if (moments !== undefined) checkMoments(action, moments, view.channels);
  checkState(action, state, view.channels, { zeroDebiasMovingMean, renorm });
  const fusedKernel = fused && !renorm && batchWeights === undefined && adjustment === undefined &&
    (rank === 2 || rank === 4);
  const { unbiasedMovingVariance = fusedKernel } = options;
  checkFlag(action, "unbiasedMovingVariance", unbiasedMovingVariance);
  return {
    training,
    decay,
    epsilon,
    dataFormat,
    activation,
    unbiasedMovingVariance,
    zeroDebiasMovingMean,
    renorm,
    renormDecay,
    renormClipping,
    batchWeights,
    adjustment,
    moments,
  };
}

/** Pairs of options of which one would have to be ignored. */
function checkCombinations(action: string, options: BatchNormOptions): void {
  const given = {
    renorm: options.renorm === true,
    zeroDebiasMovingMean: options.zeroDebiasMovingMean === true,
    batchWeights: options.batchWeights !== undefined,
    moments: options.moments !== undefined,
    "unbiasedMovingVariance: true": options.unbiasedMovingVariance === true,
    "training: false": options.training === false,
  };
  const conflicts: [keyof typeof given, keyof typeof given][] = [
    ["renorm", "zeroDebiasMovingMean"],
    ["renorm", "batchWeights"],
    ["renorm", "moments"],
    ["renorm", "unbiasedMovingVariance: true"],
    ["batchWeights", "moments"],
    ["batchWeights", "unbiasedMovingVariance: true"],
    ["moments", "training: false"],
  ];
  for (const [one, other] of conflicts) {
    if (given[one] && given[other]) {
      throw new TypeError(
        `Cannot ${action}: ${one} must not be combined with ${other}, got both`,
      );
    }
  }
}

function checkRate(action: string, name: string, rate: number): void {
  if (!(rate >= 0 && rate <= 1)) {
    throw new RangeError(`Cannot ${action}: ${name} must be from 0 to 1, got ${rate}`);
  }
}

function checkClipping(action: string, clipping: RenormClipping): void {
  checkKeys(action, "renormClipping", clipping, ["rmin", "rmax", "dmax"]);
  const { rmin, rmax, dmax } = clipping;
  for (const [name, limit] of Object.entries({ rmin, rmax, dmax })) {
    if (limit !== undefined && !Number.isFinite(limit)) {
      throw new RangeError(
        `Cannot ${action}: renormClipping.${name} must be a finite number, got ${limit}`,
      );
    }
  }
  if (rmin !== undefined && rmax !== undefined && rmax < rmin) {
    throw new RangeError(
      `Cannot ${action}: renormClipping.rmax must be >= rmin, got ${rmax} and ${rmin}`,
    );
  }
  if (dmax !== undefined && dmax < 0) {
    throw new RangeError(`Cannot ${action}: renormClipping.dmax must be >= 0, got ${dmax}`);
  }
}

function checkMoments(action: string, moments: Moments, channels: number): void {
  checkKeys(action, "moments", moments, ["count", "mean", "m2"]);
  checkVector(action, "moments.mean", moments.mean, [channels]);
  checkVector(action, "moments.m2", moments.m2, [channels]);
  const { count } = moments;
  if (typeof count !== "number") return checkVector(action, "moments.count", count, []);
  if (!(Number.isFinite(count) && count > 0)) {
    throw new RangeError(`Cannot ${action}: moments.count must be > 0, got ${count}`);
  }
}

function checkState(
  action: string,
  state: BatchNormState,
  channels: number,
  needs: { readonly zeroDebiasMovingMean: boolean; readonly renorm: boolean },
): void {
  if (state === null || typeof state !== "object") {
    throw new TypeError(
      `Cannot ${action}: state must come from initBatchNorm or an earlier call, got ${
        describe(state)
      }`,
    );
  }
  checkKeys(action, "state", state, ["movingMean", "movingVariance", "debias", "renorm"]);
  const fields = (name: "debias" | "renorm", keys: readonly string[], option: string) => {
    const part = state[name] as Record<string, Vector> | undefined;
    if (part === undefined) {
      throw new TypeError(
        `Cannot ${action}: state must have ${name} { ${
          keys.join(", ")
        } } with ${option}, as initBatchNorm({ ${option} }) makes it, got none`,
      );
    }
    checkKeys(action, `state.${name}`, part, keys);
    for (const key of keys) {
      checkVector(action, `state.${name}.${key}`, part[key], key === "localStep" ? [] : [channels]);
    }
  };
  checkVector(action, "state.movingMean", state.movingMean, [channels]);
  checkVector(action, "state.movingVariance", state.movingVariance, [channels]);
  if (needs.zeroDebiasMovingMean || state.debias !== undefined) {
    fields("debias", ["biased", "localStep"], "zeroDebiasMovingMean: true");
  }
  if (needs.renorm || state.renorm !== undefined) {
    fields("renorm", ["movingStddev", "renormMean", "renormStddev"], "renorm: true");
  }
}
