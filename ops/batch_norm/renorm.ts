/**
 * Batch renormalization: the correction of a batch's statistics towards the moving ones.
 *
 * @module
 */
import type { Statistics } from "../norm/statistics.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import { checkKeys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { BatchNormState } from "./state.ts";

/** The largest float32: a limit that clips nothing. */
const UNLIMITED = 3.4028234663852886e38;

/** Limits of renorm's corrections; one that is left out does not limit. */
export interface RenormClipping {
  /** Least r. */
  readonly rmin?: number;
  /** Largest r. */
  readonly rmax?: number;
  /** Largest |d|. */
  readonly dmax?: number;
}

/** Renorm's correction of the normalised values, and the deviation that it came from. */
export interface Correction {
  readonly r: Value;
  readonly d: Value;
  readonly deviation: Value;
}

export function checkClipping(action: string, clipping: RenormClipping): RenormClipping {
  const own = checkKeys(action, "renormClipping", clipping, { rmin: true, rmax: true, dmax: true });
  const { rmin, rmax, dmax } = own;
  for (const [name, limit] of Object.entries({ rmin, rmax, dmax })) {
    if (limit !== undefined) checkNumber(action, `renormClipping.${name}`, limit, "finite");
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

export function renormCorrection(
  plan: Plan,
  moments: Statistics,
  state: BatchNormState,
  { epsilon, renormClipping }: {
    readonly epsilon: number;
    readonly renormClipping: RenormClipping;
  },
): Correction {
  const { rmin = -UNLIMITED, rmax = UNLIMITED, dmax = UNLIMITED } = renormClipping;
  const renormMean = read(plan, "state.renorm.renormMean", state.renorm!.renormMean);
  const renormStddev = read(plan, "state.renorm.renormStddev", state.renorm!.renormStddev);
  const { shift, delta, squares, count } = moments;
  const deviation = plan.each("deviation", { squares, count, epsilon });
  return {
    deviation,
    r: plan.each("renormScale", { deviation, renormStddev, epsilon, rmin, rmax }),
    d: plan.each("renormOffset", { shift, delta, renormMean, renormStddev, epsilon, dmax }),
  };
}
