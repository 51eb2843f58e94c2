/**
 * What batch norm demands of its arguments, all of it before anything is recorded.
 *
 * @module
 */
import { checkActivation, checkEpsilon, checkFlag, checkKeys, fieldsOf } from "./_checks.ts";
import { checkTensor, checkVector } from "./_graph.ts";
import { viewOf } from "./_layout.ts";
import { shown } from "./_shown.ts";
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
  const own = checkKeys(action, "options", options, OPTIONS);
  const { training = true, renorm = false, zeroDebiasMovingMean = false, fused = true } = own;
  const { decay = 0.999, renormDecay = 0.99, epsilon = 1e-3, activation = "none" } = own;
  const { dataFormat = "NHWC", batchWeights, adjustment } = own;
  for (const [name, flag] of Object.entries({ training, renorm, zeroDebiasMovingMean, fused })) {
    checkFlag(action, name, flag);
  }
  checkRate(action, "decay", decay);
  checkRate(action, "renormDecay", renormDecay);
  checkEpsilon(action, epsilon);
  checkActivation(action, activation);
  const renormClipping = checkClipping(action, own.renormClipping ?? {});
  checkTensor(action, "x", x);
  const view = viewOf(action, x, dataFormat);
  const rank = x.shape.length;
  checkCombinations(action, own);
  if (zeroDebiasMovingMean && decay === 1) {
    throw new RangeError(`Cannot ${action}: decay must be < 1 with zeroDebiasMovingMean, got 1`);
  }
  if (batchWeights !== undefined) checkVector(action, "batchWeights", batchWeights, [x.shape[0]]);
  const moments = own.moments === undefined
    ? undefined
    : checkMoments(action, own.moments, view.channels);
  checkState(action, state, view.channels, { zeroDebiasMovingMean, renorm });
  const fusedKernel = fused && !renorm && batchWeights === undefined && adjustment === undefined &&
    (rank === 2 || rank === 4);
  const { unbiasedMovingVariance = fusedKernel } = own;
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
  if (!(typeof rate === "number" && rate >= 0 && rate <= 1)) {
    throw new RangeError(`Cannot ${action}: ${name} must be from 0 to 1, got ${shown(rate)}`);
  }
}

function checkClipping(action: string, clipping: RenormClipping): RenormClipping {
  const own = checkKeys(action, "renormClipping", clipping, ["rmin", "rmax", "dmax"]);
  const { rmin, rmax, dmax } = own;
  for (const [name, limit] of Object.entries({ rmin, rmax, dmax })) {
    if (limit !== undefined && !Number.isFinite(limit)) {
      throw new RangeError(
        `Cannot ${action}: renormClipping.${name} must be a finite number, got ${shown(limit)}`,
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
  return own;
}

function checkMoments(action: string, moments: Moments, channels: number): Moments {
  const own = checkKeys(action, "moments", moments, ["count", "mean", "m2"]);
  const { count, mean, m2 } = own;
  checkVector(action, "moments.mean", mean, [channels]);
  checkVector(action, "moments.m2", m2, [channels]);
  if (typeof count !== "number") checkVector(action, "moments.count", count, []);
  else if (!(Number.isFinite(count) && count > 0)) {
    throw new RangeError(`Cannot ${action}: moments.count must be > 0, got ${count}`);
  }
  return own;
}

/**
 * The fields of a state and of its parts, each read once.
 *
 * @throws {TypeError} If it is not a plain object, or a part is none.
 */
export function stateFields(action: string, state: BatchNormState): BatchNormState {
  if (state === null || typeof state !== "object") {
    throw new TypeError(
      `Cannot ${action}: state must come from initBatchNorm or an earlier call, got ${
        shown(state)
      }`,
    );
  }
  const own = fieldsOf(action, "state", state);
  const { debias, renorm } = own;
  if (debias === undefined && renorm === undefined) return own;
  return {
    ...own,
    ...(debias !== undefined && { debias: fieldsOf(action, "state.debias", debias) }),
    ...(renorm !== undefined && { renorm: fieldsOf(action, "state.renorm", renorm) }),
  };
}

function checkState(
  action: string,
  state: BatchNormState,
  channels: number,
  needs: { readonly zeroDebiasMovingMean: boolean; readonly renorm: boolean },
): void {
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
