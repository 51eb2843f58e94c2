/**
 * Renorm's corrections r and d, found from the moving statistics before and after each step.
 *
 * @module
 */
import type { BatchNormState, Tensor } from "../../mod.ts";
import type { Limits } from "./norms.ts";

/** Means over steps, layers and channels, of r and d before their limits. */
export interface Corrections {
  /** The factor by which r is off 1, in one direction or the other: `exp(mean |log r|)`. */
  readonly r: number;
  /** The mean of |d|. */
  readonly d: number;
  /** Share of r that met a limit. */
  readonly limitedR: number;
  /** Share of d that met a limit. */
  readonly limitedD: number;
}

/** Collects corrections. */
export interface Collector {
  /** Adds those of a step. */
  add(before: Moving, after: Moving, limits: Limits): void;
  /** Their means; none if nothing has been added. */
  result(): Corrections | undefined;
}

type Moving = readonly BatchNormState<Tensor>[];

/** A collector for moving statistics in which the old value has a weight. */
export function openCorrections(decay: number): Collector {
  let count = 0;
  const sums = { r: 0, d: 0, limitedR: 0, limitedD: 0 };
  return {
    add(before, after, { rmax, dmax }) {
      before.forEach(({ renorm: old }, layer) => {
        const { renormMean, renormStddev } = after[layer].renorm!;
        for (let c = 0; c < renormMean.data.length; c++) {
          const mean = old!.renormMean.data[c];
          const deviation = old!.renormStddev.data[c];
          // The batch's own: after = decay before + (1 - decay) own.
          const own = (renormStddev.data[c] - decay * deviation) / (1 - decay);
          const distance = Math.abs(Math.log(own / deviation));
          const d = Math.abs(renormMean.data[c] - mean) / (1 - decay) / deviation;
          sums.r += distance;
          sums.d += d;
          sums.limitedR += Number(distance > Math.log(rmax));
          sums.limitedD += Number(d > dmax);
          count++;
        }
      });
    },
    result() {
      if (count === 0) return undefined;
      const { r, d, limitedR, limitedD } = sums;
      return {
        r: Math.exp(r / count),
        d: d / count,
        limitedR: limitedR / count,
        limitedD: limitedD / count,
      };
    },
  };
}
